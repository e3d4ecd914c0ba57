"""server/edge: what is told of certificates, by real certificates of openssl, and what certbot's words mean."""

import contextlib
import fcntl
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "server"))

from edge import certbot, main, nginx, obtaining, paths  # the line before finds it
from edge.pem import certificate_in
from edge.state import state_of
from edge.wanted import wanted_of

NAMES = ["www.example.org", "example.org"]


def certificate(folder, names=NAMES, days=90, begins=0, self_signed=False):
    """Return a key and a certificate by an authority of the test, `begins` days from now."""

    def run(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    if not os.path.exists(os.path.join(folder, "ca.key")):
        run("req", "-x509", *key, "-days", "30", "-subj", "/CN=test", "-keyout", "ca.key", "-out", "ca.pem")
        with open(os.path.join(folder, "ca.conf"), "w", encoding="utf-8") as file:
            file.write(
                "[ca]\ndefault_ca=a\n[a]\ndatabase=index\nnew_certs_dir=.\nserial=serial\npolicy=p\ndefault_md=sha256\n"
            )
            file.write("copy_extensions=copy\nunique_subject=no\n[p]\ncommonName=optional\n")
        open(os.path.join(folder, "index"), "w").close()
        with open(os.path.join(folder, "serial"), "w", encoding="utf-8") as file:
            file.write("01\n")
    names = ",".join(f"DNS:{name}" for name in names)
    run("req", "-new", *key, "-subj", "/CN=site", "-addext", f"subjectAltName={names}", "-keyout", "key", "-out", "csr")
    form = "%Y%m%d%H%M%SZ"
    start = time.time() + begins * 86400
    at = [time.strftime(form, time.gmtime(each)) for each in (start, start + days * 86400)]
    ca = ["ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-notext"]
    run(*ca, "-in", "csr", "-startdate", at[0], "-enddate", at[1], "-out", "crt")
    with open(os.path.join(folder, "key"), "rb") as one, open(os.path.join(folder, "crt"), "rb") as other:
        return one.read() + other.read()


class Certificates(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name
        self.make = os.path.join(self.scratch, "make")
        os.mkdir(self.make)
        moved = {
            "FOLDER": "tls",
            "CERTBOT": "acme",
            "WEBROOT": "acme/webroot",
            "CONFIGURATIONS": "etc",
            "LOCKS": "locks",
        }
        for name, path in moved.items():
            patched = mock.patch.object(paths, name, os.path.join(self.scratch, path))
            patched.start()
            self.addCleanup(patched.stop)
        # Whether nginx takes a configuration, and how often it has read one.
        self.nginx_says, self.reloads = "", 0
        for name, fake in {
            "is_served": lambda _: True,
            "what_nginx_says": lambda: self.nginx_says,
            "reload_nginx": self.reload,
        }.items():
            patched = mock.patch.object(nginx, name, fake)
            patched.start()
            self.addCleanup(patched.stop)
        os.makedirs(os.path.join(self.scratch, "etc", "shop"))

    def reload(self):
        self.reloads += 1

    def want(self, source, names=NAMES, **acme):
        folder = os.path.join(paths.FOLDER, "shop")
        os.makedirs(folder, exist_ok=True)
        said = {"source": source, "names": names, "user": "root", "acme": {"email": "ops@example.org", **acme}}
        with open(os.path.join(folder, "wanted.json"), "w", encoding="utf-8") as file:
            json.dump(said, file)
        return wanted_of("shop")

    def put(self, name, content):
        with open(os.path.join(paths.FOLDER, "shop", name), "wb") as file:
            file.write(content)

    def read(self, name):
        with open(os.path.join(paths.FOLDER, "shop", name), encoding="utf-8") as file:
            return file.read()

    def run_verb(self, *words):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            status = main.main(list(words))
        return status, printed.getvalue().splitlines()

    def certbot(self, *outcomes):
        """Let certbot end so, one after another; return the names that it was asked for."""
        asked, left = [], list(outcomes)

        def obtain(wanted, names, anew):
            asked.append((names, anew))
            outcome = left.pop(0)
            if isinstance(outcome, bytes):
                os.makedirs(certbot.lineage("shop"), exist_ok=True)
                for name in ("privkey.pem", "fullchain.pem"):
                    with open(os.path.join(certbot.lineage("shop"), name), "wb") as file:
                        file.write(outcome if name == "privkey.pem" else b"\n")
                return certbot.Outcome()
            return outcome

        patched = mock.patch.object(certbot, "obtain", obtain)
        patched.start()
        self.addCleanup(patched.stop)
        return asked

    def lead_away(self, **away):
        patched = mock.patch.object(
            obtaining, "names_that_lead_away", lambda names: {k: v for k, v in away.items() if k in names}
        )
        patched.start()
        self.addCleanup(patched.stop)

    def test_before_the_first(self):
        self.want("acme")
        self.assertEqual(self.run_verb("install", "shop"), (0, ["tells nginx of the certificate"]))
        self.assertIn("ssl_reject_handshake on;", self.read("nginx.conf"))
        self.assertEqual(self.read("names.conf"), "")
        self.assertEqual(self.run_verb("install", "shop"), (0, []))

    def test_one_for_all_names(self):
        self.want("acme")
        self.lead_away()
        asked = self.certbot(certificate(self.make))
        self.assertEqual(self.run_verb("obtain", "shop"), (0, []))
        self.assertEqual(asked, [(NAMES, False)])
        self.assertEqual(self.read("names.conf"), "www.example.org 1;\nexample.org 1;\n")
        self.assertEqual(self.reloads, 1)
        self.assertEqual(self.read("told").splitlines()[2:], [])

    def test_a_name_that_leads_away_keeps_no_other(self):
        self.want("acme")
        self.lead_away(**{"example.org": "it does not resolve"})
        asked = self.certbot(certificate(self.make, NAMES[:1]))
        said = ["example.org has no certificate yet: it does not resolve"]
        self.assertEqual(self.run_verb("obtain", "shop"), (0, said))
        self.assertEqual(asked, [(NAMES[:1], False)])
        self.assertEqual(self.read("names.conf"), "www.example.org 1;\n")
        self.assertEqual(self.read("told").splitlines()[2:], said)

    def test_a_name_that_the_authority_refuses_keeps_no_other(self):
        self.want("acme")
        self.lead_away()
        refused = certbot.Outcome("some failed", {"example.org": "no valid answer"})
        asked = self.certbot(refused, certificate(self.make, NAMES[:1]))
        self.assertEqual(self.run_verb("obtain", "shop"), (0, ["example.org has no certificate yet: no valid answer"]))
        self.assertEqual([names for names, _ in asked], [NAMES, NAMES[:1]])

    def test_an_authority_that_is_down(self):
        self.want("acme")
        self.lead_away()
        self.certbot(
            certbot.Outcome("connection refused"), certificate(self.make), certbot.Outcome("connection refused")
        )
        self.assertEqual(len(self.run_verb("obtain", "shop")[1]), 2)
        self.assertEqual(self.run_verb("obtain", "shop"), (0, []))
        before = self.read("nginx.conf")
        said = ["the certificate was not renewed: connection refused"]
        self.assertEqual(self.run_verb("obtain", "shop"), (0, said))
        self.assertEqual(self.read("nginx.conf"), before)

    def test_another_authority_gives_another(self):
        self.want("acme", directory="staging")
        self.lead_away()
        asked = self.certbot(certificate(self.make), certificate(self.make), certificate(self.make))
        self.run_verb("obtain", "shop")
        self.want("acme")
        self.run_verb("obtain", "shop")
        self.run_verb("obtain", "shop")
        self.assertEqual([anew for _, anew in asked], [False, True, False])

    def test_what_nginx_refuses_is_put_back(self):
        self.want("files")
        first, second = certificate(self.make), certificate(self.make)
        self.put("given.pem", first)
        self.run_verb("install", "shop")
        self.put("given.pem", second)
        self.nginx_says = "no"
        self.assertEqual(self.run_verb("install", "shop"), (1, ["nginx does not take the certificate: no"]))
        self.assertEqual(self.read("certificate.pem").encode(), first)

    def test_other_components_wait_while_nginx_is_asked(self):
        self.want("files")
        self.put("given.pem", certificate(self.make))
        held = []

        def free(*_):
            with open(os.path.join(paths.LOCKS, "nginx")) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

        def ask():
            with self.assertRaises(BlockingIOError):
                free()
            held.append(True)
            return ""

        with mock.patch.object(nginx, "what_nginx_says", ask):
            self.run_verb("install", "shop")
        self.assertEqual(held, [True])
        free()
        # No other account can hold it.
        self.assertEqual(os.stat(paths.LOCKS).st_mode & 0o7777, 0o700)

    def test_of_files_and_back(self):
        """What is served stays until there is another one."""
        self.want("files")
        own = certificate(self.make)
        self.put("given.pem", own)
        self.run_verb("install", "shop")
        self.want("acme")
        self.run_verb("install", "shop")
        self.assertEqual(self.read("certificate.pem").encode(), own)
        self.lead_away()
        another = certificate(self.make)
        self.certbot(another)
        self.run_verb("obtain", "shop")
        self.assertEqual(self.read("certificate.pem").encode(), another + b"\n")

    def test_self_signed(self):
        self.want("self-signed", ["www.example.org", "*.example.org", "192.0.2.1"])
        self.run_verb("install", "shop")
        made = certificate_in(os.path.join(paths.FOLDER, "shop", "certificate.pem"))
        self.assertEqual(made.names, ["www.example.org", "*.example.org", "192.0.2.1"])
        self.assertEqual(self.read("names.conf"), "")
        self.assertEqual(self.run_verb("install", "shop"), (0, []))
        # Nobody was asked for one, so none is missing.
        self.assertEqual(self.read("told").splitlines()[2:], [])
        self.want("self-signed", ["other.example.org"])
        self.assertEqual(self.run_verb("install", "shop"), (0, ["serves another certificate"]))

    def test_no_visitor_is_led_to_one_that_is_self_signed(self):
        self.want("self-signed")
        self.run_verb("install", "shop")
        self.want("acme")
        self.run_verb("install", "shop")
        self.assertEqual(self.read("names.conf"), "")

    def test_forgotten(self):
        self.want("acme")
        self.lead_away()
        self.certbot(certificate(self.make))
        self.run_verb("obtain", "shop")
        with mock.patch.object(certbot, "delete"):
            self.run_verb("forget", "shop")
        self.assertIn("ssl_reject_handshake on;", self.read("nginx.conf"))
        self.assertFalse(os.path.exists(os.path.join(paths.FOLDER, "shop", "certificate.pem")))

    def test_when_the_timer_asks(self):
        wanted = self.want("acme")
        self.lead_away(**{"example.org": "it does not resolve"})
        self.certbot(certificate(self.make, NAMES[:1]))
        self.assertTrue(obtaining.is_due(wanted))
        self.run_verb("obtain", "shop")
        self.assertFalse(obtaining.is_due(wanted))
        self.lead_away()
        self.assertTrue(obtaining.is_due(wanted), "a name leads here now")
        state = state_of(wanted)
        state.missing, state.asked = {}, time.time() - 12 * 3600
        state.save(wanted, None)
        self.assertTrue(obtaining.is_due(wanted), "half a day has gone by")

    def test_a_name_that_leads_here_does_not_wait_for_half_a_day(self):
        wanted = self.want("acme")
        self.lead_away(**{"example.org": "it does not resolve"})
        self.certbot(certbot.Outcome("the authority does not answer"), certificate(self.make, NAMES[:1]))
        for due in (True, False):
            self.run_verb("obtain", "shop")
            self.assertFalse(obtaining.is_due(wanted))
            state = state_of(wanted)
            state.asked = time.time() - 1800
            state.save(wanted, certificate_in(wanted.path("certificate.pem")))
            self.assertEqual(obtaining.is_due(wanted), due)

    def test_one_that_lives_but_a_day(self):
        wanted = self.want("acme")
        self.lead_away()
        self.certbot(certificate(self.make, days=1))
        self.run_verb("obtain", "shop")
        state = state_of(wanted)
        state.asked = time.time() - 4 * 3600
        state.save(wanted, certificate_in(wanted.path("certificate.pem")))
        self.assertTrue(obtaining.is_due(wanted))

    def test_late(self):
        self.want("files")
        self.put("given.pem", certificate(self.make, days=90, begins=-80))
        self.run_verb("install", "shop")
        late, expires = (int(line) for line in self.read("told").splitlines()[:2])
        self.assertLess(late, time.time())
        self.assertAlmostEqual(expires, time.time() + 10 * 86400, delta=100)

    def test_the_account_reads_what_concerns_it(self):
        self.want("acme")
        self.lead_away(**{"example.org": "it does not resolve"})
        self.certbot(certificate(self.make, NAMES[:1]))
        self.run_verb("obtain", "shop")
        path = os.path.join(paths.CONFIGURATIONS, "shop", "certificate.json")
        with open(path, encoding="utf-8") as file:
            noted = json.load(file)
        self.assertEqual(noted["names"], ["www.example.org"])
        self.assertEqual(noted["missing"], {"example.org": "it does not resolve"})
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        self.assertEqual(os.stat(os.path.join(paths.FOLDER, "shop", "certificate.pem")).st_mode & 0o777, 0o600)


class WordsOfCertbot(unittest.TestCase):
    def test_of_each_name(self):
        said = """Saving debug log to /var/lib/greenpush-acme/logs/letsencrypt.log
Requesting a certificate for www.example.org and example.org

Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Domain: example.org
  Type:   unauthorized
  Detail: The key authorization file from the server did not match this challenge

Hint: The Certificate Authority failed to download the temporary challenge files created by Certbot.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile for more details.
"""
        outcome = certbot.outcome_of(said, NAMES)
        detail = "The key authorization file from the server did not match this challenge"
        self.assertEqual(outcome.refused, {"example.org": detail})
        self.assertEqual(outcome.failure, detail)

    def test_of_the_whole(self):
        for line in (
            "Error creating new order :: too many certificates already issued for this exact set of domains",
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='localhost', port=14000): refused",
        ):
            said = f"Saving debug log to /x\nAn unexpected error occurred:\n{line}\nAsk for help or search\n"
            outcome = certbot.outcome_of(said, NAMES)
            self.assertEqual((outcome.failure, outcome.refused), (line, {}))

    def test_of_a_name_that_no_authority_may_have(self):
        said = (
            'An unexpected error occurred:\nError creating new order :: Cannot issue for "example.org": not a suffix\n'
        )
        self.assertEqual(list(certbot.outcome_of(said, NAMES).refused), ["example.org"])

    def test_of_nothing(self):
        self.assertEqual(certbot.outcome_of("", NAMES).failure, "certbot failed")


if __name__ == "__main__":
    unittest.main()
