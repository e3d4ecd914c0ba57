"""server/lib/packages.sh: each function, with each verb."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest


class Packages(LibraryTest):
    values = {"packages_wanted": "web tool-with-other"}

    def installed(self):
        return sorted(os.listdir(os.path.join(self.fake, "packages")))

    def have(self, *names):
        os.makedirs(os.path.join(self.fake, "packages"), exist_ok=True)
        for name in names:
            self.put(os.path.join(self.fake, "packages", name))

    def gone(self, name):
        os.unlink(os.path.join(self.fake, "packages", name))

    line = "gp_packages $packages_wanted"

    def setUp(self):
        super().setUp()
        # dpkg's own notes of a package: there are always some.
        for kind in ("list", "prerm", "postrm"):
            self.put(os.path.join(self.scratch, "dpkg", f"base.{kind}"))

    def test_packages(self):
        self.have("base", "web")
        changes = [(lambda: self.gone("tool-with-other"), "the package tool-with-other is not installed")]
        self.check(self.line, changes, left=["fake"])
        self.assertEqual(self.installed(), ["base", "web"])

    def test_what_came_along_goes_along(self):
        self.have("base")
        self.assertEqual(self.apply(self.line), ["installs web tool-with-other"])
        self.assertEqual(self.journal(), ["package\tother", "package\ttool-with-other", "package\tweb"])
        self.remove(self.line)
        self.assertEqual(self.installed(), ["base"])

    def test_what_others_need_by_now_stays(self):
        self.have("base")
        self.apply(self.line)
        self.have("theirs-with-web")
        self.assertIn("keeps packages that others need by now: web", self.remove(self.line))
        self.assertEqual(self.installed(), ["base", "theirs-with-web", "web"])

    def test_what_has_data_is_not_purged(self):
        self.have("base")
        self.apply(self.line)
        folder = os.path.join(self.scratch, "data", "web")
        os.mkdir(folder)
        self.put(os.path.join(folder, "rows"), "1\n")
        self.put(os.path.join(self.scratch, "dpkg", "web.list"), f"{folder}\n")
        self.values = {"packages_wanted": "tool-with-other web", "packages_named": "web"}
        said = self.remove(self.line)
        self.assertIn(f"keeps the data in {folder} on own", said)
        log = self.read(os.path.join(self.fake, "apt-log"))
        self.assertIn("remove web\n", log)
        self.assertIn("purge tool-with-other\n", log)
        self.assertNotIn("purge web", log)

    def test_another_component_takes_over_what_it_names(self):
        self.have("base")
        self.apply(self.line)
        other = os.path.join(self.scratch, "records", "other.name")
        os.mkdir(other)
        self.put(os.path.join(other, "script"), "packages_wanted=web\n")
        for name in ("made", "generation"):
            self.put(os.path.join(other, name))
        status, _, said = self.run_verb("remove", self.line)
        self.assertEqual(status, 0, said)
        self.assertEqual(self.installed(), ["base", "web"])
        self.assertEqual(self.read(os.path.join(other, "made")), "package\tweb\n")

    def test_an_installation_that_was_cut_off(self):
        self.have("base")
        self.run_verb("apply", "gp_installed >$record/before; kill -KILL $$")
        self.have("web")
        self.apply(self.line)
        self.assertEqual(self.journal(), ["package\tother", "package\ttool-with-other", "package\tweb"])

    def test_why_apt_fails(self):
        says = {
            "E: Could not get lock /var/lib/dpkg/lock-frontend": "another apt ran for more than 5 minutes",
            "E: No space left on device": "the disk is full",
            "E: Unable to locate package web": "apt-get install failed, see above",
        }
        for text, reason in says.items():
            with self.subTest(reason):
                self.put(os.path.join(self.fake, "apt-says"), f"{text}\n")
                said = self.fails("apply", self.line)
                self.assertIn(text, said)
                self.assertIn(f"component of name: {reason}", said)

    def test_left_by_package(self):
        path = self.path("left")
        os.mkdir(self.path("of-before"))
        line = f"gp_left_by_package directory {path}; gp_left_by_package directory {self.path('of-before')}"
        self.apply(line)
        os.mkdir(path)
        self.assertEqual((self.apply(line), self.probe(line)), ([], []))
        self.remove(line)
        self.assertEqual(os.listdir(self.files), ["of-before"])


if __name__ == "__main__":
    as_root()
    unittest.main()
