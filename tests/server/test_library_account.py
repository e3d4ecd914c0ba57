"""server/lib/account.sh: each function, with each verb."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest


class Account(LibraryTest):
    def setUp(self):
        super().setUp()
        home = os.path.join(self.scratch, "data", "site")
        self.values = {"site_user": "site", "home": home, "www": os.path.join(home, "www")}
        self.have_home_helper()
        for name, text in {
            "passwd": "root:x:0:0::/root:/bin/sh\n",
            "group": "root:x:0:\n",
            "shadow": "root:*:20000::::::\n",
        }.items():
            self.put(os.path.join(self.fake, name), text)

    line = 'gp_user "$site_user" "$home"'

    def edit(self, name, old, new):
        path = os.path.join(self.fake, name)
        text = self.read(path)
        self.assertIn(old, text)
        self.put(path, text.replace(old, new))

    def test_user(self):
        home = self.values["home"]
        says = "the user site"
        self.check(
            self.line,
            [
                (
                    lambda: subprocess.run(self.usermod("--shell", "/bin/false"), check=True, env=self.env()),
                    f"the shell of {says} is /bin/false, wanted /bin/bash",
                ),
                (
                    lambda: self.edit("passwd", home, "/srv"),
                    f"the home of {says} is /srv, wanted {home}".replace(self.scratch, "~~"),
                ),
                (lambda: self.edit("shadow", "site:*", "site:$6$hash"), f"{says} has a password, wanted none"),
                (lambda: self.edit("shadow", "site:*", "site:!"), f"{says} is locked, wanted without a password"),
                (
                    lambda: self.edit("shadow", "site:*:20000:0:99999:7::", "site:*:20000:0:99999:7::1"),
                    "the account site expires on 1970-01-02, wanted never",
                ),
            ],
        )
        self.assertFalse(os.path.exists(home))

    def usermod(self, *words):
        return [os.path.join(self.paths["PATH"].split(":")[0], "usermod"), *words, "site"]

    def env(self):
        return {**os.environ, "FAKE": self.fake}

    def test_user_that_is_gone_comes_back_with_its_numbers(self):
        self.apply(self.line)
        os.chown(self.values["home"], 4321, 4321)
        for name in ("passwd", "group", "shadow"):
            self.put(os.path.join(self.fake, name), self.read(os.path.join(self.fake, name)).split("site")[0])
        self.assertEqual(self.probe(self.line), ["the user site is missing"])
        self.apply(self.line)
        self.assertIn("site:x:4321:4321:", self.read(os.path.join(self.fake, "passwd")))

    def test_user_that_was_there(self):
        self.edit("passwd", "root:x", f"site:x:1000:1000::{self.values['home']}:/usr/sbin/nologin\nroot:x")
        self.edit("shadow", "root:*", "site:$6$hash:20000::::::\nroot:*")
        was = self.seen()
        self.assertEqual(self.apply(self.line), ["the shell of the user site was /usr/sbin/nologin, now /bin/bash"])
        self.assertEqual((self.apply(self.line), self.probe(self.line)), ([], []))
        self.remove(self.line)
        self.assertEqual(self.seen(), was)

    def test_user_that_another_site_has(self):
        self.apply(self.line)
        other = os.path.join(self.scratch, "records", "site-layout.other")
        os.mkdir(other)
        self.put(os.path.join(other, "script"), "site_user=site\n")
        for name in ("made", "generation"):
            self.put(os.path.join(other, name))
        self.run_verb("remove", self.line)
        self.assertIn("site:", self.read(os.path.join(self.fake, "passwd")))
        self.assertEqual(self.read(os.path.join(other, "made")), "user\tsite\n")

    def test_accounts_and_homes_that_no_site_may_have(self):
        home = self.values["home"]
        self.edit("passwd", "root:x", f"site:x:99:99::{home}:/bin/sh\nroot:x")
        self.assertIn("site is an account of the system (number 99)", self.fails("apply", "gp_may_be_a_site"))
        self.edit("passwd", "site:x:99:99", "site:x:1000:1000")
        os.mkdir(home)
        self.assertIn("is there already and belongs to root, not to site", self.fails("apply", "gp_may_be_a_site"))
        os.chown(home, 1000, 1000)
        data = os.path.dirname(home)
        os.chmod(data, 0o777)
        self.assertIn(
            "~~/data, which the home ~~/data/site lies in, can be written by others",
            self.fails("apply", "gp_may_be_a_site"),
        )
        os.chmod(data, 0o755)
        self.apply("gp_may_be_a_site")

    def test_a_group_that_is_not_its_own(self):
        self.edit("passwd", "root:x", "site:x:1000:1000::/h:/bin/bash\nroot:x")
        self.put(os.path.join(self.fake, "group"), "site:x:1000:site\n")
        self.apply("gp_group_is_its_own")
        self.put(os.path.join(self.fake, "group"), "site:x:1000:other\n")
        self.assertIn("the group site of site has other members (other)", self.fails("apply", "gp_group_is_its_own"))


if __name__ == "__main__":
    as_root()
    unittest.main()
