"""server/lib/services.sh with each verb, and the component that installs the engine."""

import base64
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest


class Services(LibraryTest):
    def unit(self, name):
        os.makedirs(os.path.join(self.fake, "units"), exist_ok=True)
        return os.path.join(self.fake, "units", name)

    def mask(self, name):
        os.unlink(self.unit(f"{name}.enabled"))
        self.put(self.unit(f"{name}.masked"))

    def test_unit_enabled(self):
        self.unit("any")
        self.check(
            "gp_unit_enabled one.service two.service",
            [
                (
                    lambda: os.unlink(self.unit("one.service.enabled")),
                    "the unit one.service is disabled, wanted enabled",
                ),
                (lambda: self.mask("two.service"), "the unit two.service is masked, wanted enabled"),
            ],
        )

    def test_unit_enabled_that_was(self):
        self.put(self.unit("one.service.enabled"))
        self.assertEqual(self.apply("gp_unit_enabled one.service"), [])
        self.remove("gp_unit_enabled one.service")
        self.assertEqual(os.listdir(self.unit("")), ["one.service.enabled"])

    def test_unit_active(self):
        changes = [
            (lambda: os.unlink(self.unit("one.service.active")), "the unit one.service is inactive, wanted active")
        ]
        self.check("gp_unit_active one.service", changes, before=[lambda: self.unit("any")], left=["fake"])

    def test_unit_that_does_not_start(self):
        self.put(self.unit("one.service.broken"))
        said = self.fails("apply", "gp_unit_active one.service")
        self.assertIn("one.service does not start: one.service is broken", said)


class Listening(LibraryTest):
    """What nginx is told of HTTP/2, which it has other words for since 1.25.1."""

    site = """
        server {
            listen 443 ssl;
            listen [::]:443 ssl;
            listen 443 quic;
            http2 on;
            listen 444 ssl;
        }
        server {
            listen 443 ssl default_server;
            {quic}
        }"""

    def listening(self, version, modules="", quic="listen 443 quic reuseport default_server;"):
        says = f"#!/bin/sh\necho nginx version: nginx/{version} {modules} >&2\n"
        self.put(os.path.join(self.fake, "nginx"), says, 0o755)
        self.paths["PATH"] = f"{self.fake}:{self.paths['PATH']}"
        text = os.path.join(self.scratch, "site")
        self.put(text, self.site.replace("{quic}", quic))
        seen = os.path.join(self.scratch, "seen")
        self.apply(f"[ $verb = remove ] || gp_listening <{text} >{seen}")
        return [line.strip() for line in self.read(seen).splitlines() if "listen" in line or "http2" in line]

    def test_of_today(self):
        found = self.listening("1.26.3", "--with-http_v3_module")
        for line in ("http2 on;", "listen 443 ssl;", "listen 443 quic;"):
            self.assertIn(line, found)

    def test_without_http3(self):
        for made in ({"modules": ""}, {"modules": "--with-http_v3_module", "quic": ""}):
            found = self.listening("1.26.3", **made)
            self.assertIn("http2 on;", found)
            self.assertNotIn("quic", "".join(found))

    def test_of_debian_12(self):
        found = [line for line in self.listening("1.22.1") if "::" not in line]
        wanted = ["listen 443 ssl http2;", "listen 444 ssl;", "listen 443 ssl http2 default_server;"]
        self.assertEqual(found, wanted)


class Site(LibraryTest):
    """nginx-site.sh, beside other components that change nginx's configuration at the same time."""

    script = "nginx-site"
    # Tell for each call whether another component would have to wait.
    asks_the_lock = """#!/bin/sh
        if flock -n "$FAKE/../locks/nginx" true; then echo free; else echo held; fi >>"$FAKE/said"
    """

    def setUp(self):
        super().setUp()
        for name in ("sites-available", "sites-enabled"):
            os.mkdir(os.path.join(self.paths["nginx_folder"], name))
        self.put(os.path.join(self.paths["nginx_folder"], "nginx.conf"))
        for name in ("nginx", "systemctl"):
            self.put(os.path.join(self.fake, name), self.asks_the_lock, 0o755)
        self.paths["PATH"] = f"{self.fake}:{self.paths['PATH']}"

    def said(self):
        path = os.path.join(self.fake, "said")
        words = set(self.read(path).split()) if os.path.exists(path) else set()
        self.put(path)
        return words

    def test_other_components_wait_while_nginx_is_asked(self):
        site = "file_site() { echo 'server { }'; }"
        self.assertNotEqual(self.apply(site), [])
        self.assertEqual(self.said(), {"held"})
        self.assertEqual((self.apply(site), self.probe(site)), ([], []))
        self.said()
        self.remove(site)
        self.assertEqual(self.said(), {"held"})

    def test_no_other_account_can_hold_the_lock(self):
        self.apply("file_site() { echo 'server { }'; }")
        self.assertEqual(os.stat(self.paths["locks"]).st_mode & 0o7777, 0o700)


def sum_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


class EngineFiles(LibraryTest):
    """The component that has the files which the engine's installs."""

    script = "engine-files"
    text = "==> library.sh <==\n1 'ä' $x\n\n2\n\n==> resources/one.sh <==\n3\n\n==> last.py <==\n4\n"
    values = {"sum": sum_of(text), "read_here": "library.sh resources/one.sh"}

    def brought(self, *names):
        return os.path.join(self.record, *(names or ["contents"]))

    def setUp(self):
        super().setUp()
        self.given = base64.encodebytes(gzip.compress(self.text.encode())).decode()

    def test_each_verb(self):
        folder = "~~/records/component.name"
        made = [f"makes {folder}/resources", f"writes {folder}/library.sh", f"writes {folder}/resources/one.sh"]
        self.assertEqual(self.apply(""), ["takes the files of the engine", *made])
        self.assertEqual(self.read(self.brought()), self.text)
        self.assertEqual(self.read(self.brought("library.sh")), "1 'ä' $x\n\n2\n")
        self.assertEqual(self.read(self.brought("resources", "one.sh")), "3\n")
        self.assertEqual(os.stat(self.brought()).st_mode & 0o7777, 0o600)
        self.assertEqual((self.apply(""), self.probe("")), ([], []))
        for change, sentence in (
            (lambda: os.unlink(self.brought()), "contents: is not what the last up has sent"),
            (lambda: self.put(self.brought(), self.text + "# by hand\n"), "contents: is not what the last up has sent"),
            (lambda: os.chmod(self.brought(), 0o644), "contents: mode is 644, wanted 600"),
            (
                lambda: self.put(self.brought("library.sh"), "2\n", 0o600),
                """library.sh: line 1 is "2", wanted "1 'ä' $x\"""",
            ),
            (lambda: shutil.rmtree(self.brought("resources")), "resources: the directory is missing"),
        ):
            change()
            self.assertIn(f"{folder}/{sentence}", self.probe(""))
            self.apply("")
            self.assertEqual(self.probe(""), [])
            self.assertEqual(self.read(self.brought()), self.text)
        self.remove("")

    def test_nothing_is_taken_that_has_not_come_whole(self):
        self.apply("")
        os.unlink(self.brought())
        for given in ("", self.given[:20], "no Base64", self.given.replace("A", "B")):
            self.given = given
            said = self.fails("apply", "")
            self.assertIn("the engine's files have not come whole\n  Run up again.", said)
            self.assertFalse(os.path.exists(self.brought()))


class Tools(LibraryTest):
    """The component that brings uv and wheels: large, so they are hashed only where something wrote to them."""

    script = "server-tools"
    values = {"pythons": ""}
    functions = """
        file_install_python() { echo; }
        file_python_source() { echo; }
        file_requirements() { echo uv==1; }
        file_install() { echo 'mkdir -p "$2/wheels"; echo uv >"$2/uv"; echo pip >"$2/wheels/pip.whl"'; }"""

    def text_of_script(self, functions):
        return super().text_of_script(functions).replace("/opt/greenpush", self.path("tools"))

    def test_changes_by_hand(self):
        wrong = ["~/tools: uv or a wheel of pip or gunicorn is not what was installed"]
        brings = ["brings uv, pip and gunicorn"]
        self.assertEqual(self.apply(self.functions)[-1:], brings)
        self.assertEqual((self.probe(self.functions), self.apply(self.functions)), ([], []))
        uv, wheel = self.path("tools", "uv"), self.path("tools", "wheels", "pip.whl")
        for change in (
            lambda: self.put(uv, "uw\n"),
            lambda: os.unlink(uv),
            lambda: os.unlink(wheel),
            lambda: self.put(wheel, "pit\n"),
            lambda: (self.put(uv, "uw\n"), os.utime(uv, ns=(0, 0))),
        ):
            change()
            self.assertEqual(self.probe(self.functions), wrong)
            self.assertEqual(self.apply(self.functions), brings)
            self.assertEqual(self.probe(self.functions), [])

    def test_what_nobody_wrote_to_is_not_hashed(self):
        self.apply(self.functions)
        stamps, hashes = (os.path.join(self.record, name) for name in ("stamps", "tools"))
        known = self.read(stamps)
        # Another time, and the same content: an earlier version has left no times, and a copy has others.
        os.utime(self.path("tools", "uv"))
        self.assertEqual((self.probe(self.functions), self.read(stamps)), ([], known))
        self.assertEqual((self.apply(self.functions), self.read(stamps) == known), ([], False))
        os.unlink(stamps)
        self.assertEqual((self.probe(self.functions), self.apply(self.functions)), ([], []))
        self.put(hashes, "0  none\n")
        self.assertEqual(self.probe(self.functions), [])


class Engine(LibraryTest):
    """The component that installs the engine: its bytecode is part of it."""

    script = "server-engine"
    text = (
        "==> edge/four.py <==\n4\n\n==> engine/one.py <==\n1\n\n==> engine/two.py <==\n2\n"
        "\n==> in_home/three.py <==\n3\n\n==> library.sh <==\n# the library\n\n==> resources/one.sh <==\n# a script\n"
    )
    values = {"sum": sum_of(text)}

    def setUp(self):
        super().setUp()
        self.brought = os.path.join(self.paths["root"], "engine-files.name", "contents")
        os.makedirs(os.path.dirname(self.brought))
        self.put(self.brought, self.text)

    def remove(self, description):
        shutil.rmtree(os.path.dirname(self.brought))
        return super().remove(description)

    functions = "file_engine() { echo; }; file_home() { echo; }; file_certificates() { echo; }"

    def test_files(self):
        self.assertNotEqual(self.apply(self.functions), [])
        folder = os.path.join(self.scratch, "engine")
        found = {
            name: self.read(os.path.join(folder, name)) for name in ("engine/two.py", "library.sh", "edge/four.py")
        }
        self.assertEqual(found, {"engine/two.py": "2\n", "library.sh": "# the library\n", "edge/four.py": "4\n"})
        self.put(os.path.join(folder, "engine", "one.py"), "by hand\n")
        self.assertEqual(self.probe(self.functions), ['~~/engine/engine/one.py: line 1 is "by hand", wanted "1"'])
        # With what was brought changed too, one up has to repair both.
        self.put(self.brought, self.text + "# by hand\n")
        told = "~~/engine: can't be compared, for ~~/records/engine-files.name/contents was changed"
        self.assertEqual(self.probe(self.functions), [told])
        self.assertIn("Run up again, which brings it anew", self.fails("apply", self.functions))
        os.unlink(self.brought)
        self.assertEqual(self.probe(self.functions), [told])
        self.put(self.brought, self.text)
        self.apply(self.functions)
        self.assertEqual((self.apply(self.functions), self.probe(self.functions)), ([], []))
        self.remove(self.functions)

    def test_bytecode(self):
        engine = os.path.join(self.scratch, "engine", "engine")
        files = self.functions
        cache = os.path.join(engine, "__pycache__")
        cache_of_home = os.path.join(self.scratch, "engine", "in_home", "__pycache__")
        ask = "import sys; print(sys.implementation.cache_tag)"
        tag = subprocess.check_output(["/usr/bin/python3", "-c", ask], text=True).strip()

        def upgrade():
            """As one of Python does it: what is there is of another version."""
            for name in os.listdir(cache):
                os.rename(os.path.join(cache, name), os.path.join(cache, name.replace(tag, "cpython-1")))

        self.assertNotEqual(self.apply(files), [])
        self.assertEqual(sorted(os.listdir(cache)), [f"one.{tag}.pyc", f"two.{tag}.pyc"])
        self.assertEqual((self.apply(files), self.probe(files)), ([], []))
        changes = (
            upgrade,
            lambda: os.unlink(os.path.join(cache, f"two.{tag}.pyc")),
            lambda: os.unlink(os.path.join(cache_of_home, f"three.{tag}.pyc")),
        )
        for change in changes:
            change()
            self.assertEqual(self.probe(files), ["~~/engine: is not compiled for this server's Python"])
            self.assertEqual(self.apply(files), ["compiles the engine"])
            self.assertEqual((self.apply(files), self.probe(files)), ([], []))
        self.remove(files)
        self.assertEqual(os.listdir(self.scratch).count("configurations"), 0)


if __name__ == "__main__":
    as_root()
    unittest.main()
