"""The components of a site's certificate, with a certificates.py that only says that it was asked."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest

ASKED = """#!/bin/sh
echo "$*" >>"$FAKE/asked"
folder=$(dirname "$0")/../certificates/$2
case $1 in
  install)
    echo certificate >"$folder/certificate.pem"
    sha256sum "$folder/certificate.pem" >"$folder/sums"
    ;;
  obtain) [ ! -e "$FAKE/says" ] || cat "$FAKE/says" ;;
esac
"""


class CertificateTest(LibraryTest):
    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.scratch, "certificates", "name")
        self.paths["certificates"] = os.path.join(self.scratch, "certificates")
        self.paths["acme"] = os.path.join(self.scratch, "acme")
        self.put(os.path.join(self.paths["engine_folder"], "certificates.py"), ASKED, 0o755)

    def tell(self, late, expires, *sentences):
        os.makedirs(self.folder, exist_ok=True)
        now = int(time.time())
        lines = [str(now + late), str(now + expires), *sentences]
        self.put(os.path.join(self.folder, "told"), "".join(f"{line}\n" for line in lines))

    def asked(self):
        return self.read(os.path.join(self.fake, "asked")).splitlines()


class Certificate(CertificateTest):
    script = "certificate"
    values = {"given": "yes", "variables": "no", "account": "yes"}
    files = (
        "file_wanted() { echo wanted; }; file_given() { echo given; }; file_variables() { :; }; "
        "file_account() { echo eab-kid = 1; }"
    )

    def setUp(self):
        super().setUp()
        del self.files
        self.described = type(self).files

    def test_verbs(self):
        self.assertNotEqual(self.apply(self.described), [])
        self.assertEqual(self.asked(), ["install name"])
        self.assertEqual((self.apply(self.described), self.probe(self.described)), ([], []))
        changes = [
            (lambda: self.put(f"{self.folder}/certificate.pem", "another"), "certificate.pem: is not what the last up"),
            (lambda: os.unlink(f"{self.folder}/certificate.pem"), "certificate.pem: is not what the last up"),
            (lambda: os.unlink(f"{self.folder}/sums"), "what nginx serves is missing"),
            (lambda: self.put(f"{self.folder}/given.pem", "x", 0o600), "given.pem: the content was changed"),
            (lambda: os.chmod(f"{self.folder}/given.pem", 0o644), "given.pem: mode is 644, wanted 600"),
            (lambda: os.unlink(f"{self.folder}/eab.ini"), "eab.ini: the file is missing"),
        ]
        for change, says in changes:
            change()
            (sentence,) = self.probe(self.described)
            self.assertIn(says, sentence)
            self.apply(self.described)
            self.assertEqual(self.probe(self.described), [])
        self.remove(self.described)
        self.assertFalse(os.path.exists(self.paths["certificates"]))

    def test_one_that_ends_soon(self):
        self.apply(self.described)
        self.tell(-10, 9 * 86400 + 100)
        said = ["the certificate expires in 9 days: set another one in sites.name.tls"]
        self.assertEqual(self.probe(self.described), said)
        self.tell(-10, -5)
        (sentence,) = self.probe(self.described)
        self.assertIn("the certificate has expired on 20", sentence)
        self.tell(10, 20)
        self.assertEqual(self.probe(self.described), [])


class AcmeCertificate(CertificateTest):
    script = "acme-certificate"
    values = {"wanted": "1"}

    def test_verbs(self):
        os.makedirs(self.folder)
        self.put(os.path.join(self.fake, "says"), "one has no certificate yet: it does not resolve\n")
        self.assertEqual(self.apply(""), ["one has no certificate yet: it does not resolve"])
        self.assertEqual(self.probe(""), [])
        self.tell(1000, 2000, "one has no certificate yet: it does not resolve")
        self.assertEqual(self.probe(""), ["one has no certificate yet: it does not resolve"])
        self.tell(-10, 86400 + 100, "the certificate was not renewed: refused")
        late, why = sorted(self.probe(""))
        self.assertIn("the certificate expires in 1 day: look at `journalctl", late)
        self.assertEqual(why, "the certificate was not renewed: refused")
        self.remove("")
        self.assertEqual(self.asked(), ["obtain name", "forget name"])

    def test_certbots_own(self):
        """What somebody has certbot do by hand is seen."""
        lineage = os.path.join(self.paths["acme"], "config", "live", "name")
        os.makedirs(lineage)
        os.makedirs(self.folder)
        self.put(os.path.join(lineage, "privkey.pem"), "key\n")
        self.put(os.path.join(lineage, "fullchain.pem"), "chain\n")
        self.put(os.path.join(self.folder, "certificate.pem"), "key\nchain\n")
        self.apply("")
        self.assertEqual(self.probe(""), [])
        says = "certbot does not have the certificate that nginx serves"
        self.put(os.path.join(lineage, "fullchain.pem"), "another\n")
        self.assertIn(says, self.probe("")[0])
        os.unlink(os.path.join(lineage, "privkey.pem"))
        os.unlink(os.path.join(lineage, "fullchain.pem"))
        os.rmdir(lineage)
        self.assertIn(says, self.probe("")[0])

    def test_a_program_that_fails(self):
        self.put(
            os.path.join(self.paths["engine_folder"], "certificates.py"), "#!/bin/sh\necho broken >&2\nexit 1\n", 0o755
        )
        said = self.fails("apply", "")
        self.assertIn("acme-certificate of name: broken" if "acme" in said else "broken", said)
        self.assertIn("nginx goes on with what it has", said)


if __name__ == "__main__":
    as_root()
    unittest.main()
