"""site-access.sh with each verb: the passwords of a lock, of which no message has a word."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest

PASSWORDS = "file_htpasswd() { printf '%s\\n' 'ada:$6$greenpush$hashed'; }"


class SiteAccess(LibraryTest):
    script = "site-access"

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.files, "greenpush-name.htpasswd")
        self.values = {"htpasswd_file": self.file}

    def test_each_verb(self):
        status, _, errors = self.run_verb("apply", PASSWORDS)
        self.assertEqual((status, self.read(self.file)), (0, "ada:$6$greenpush$hashed\n"))
        self.assertNotIn("hashed", errors)
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o640)
        self.assertEqual((self.apply(PASSWORDS), self.probe(PASSWORDS)), ([], []))
        changes = (
            (lambda: self.put(self.file, "eve:$6$greenpush$hashed\n", 0o640), "the content was changed"),
            (lambda: os.chmod(self.file, 0o644), "mode is 644, wanted 640"),
            (lambda: os.unlink(self.file), "the file is missing"),
        )
        for change, says in changes:
            change()
            found = [line for line in self.probe(PASSWORDS) if "belongs to" not in line]
            self.assertEqual(found, [f"~/greenpush-name.htpasswd: {says}"])
            self.assertEqual(len(self.apply(PASSWORDS)), 1)
            self.assertEqual(self.probe(PASSWORDS), [])
        self.run_verb("remove", PASSWORDS)
        self.assertEqual(os.listdir(self.files), [])


if __name__ == "__main__":
    as_root()
    unittest.main()
