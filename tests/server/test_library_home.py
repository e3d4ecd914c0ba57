"""server/lib/home.sh and configured.sh, with each verb. test_home.py has the rest of home.py."""

import os
import shutil
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import SERVER, as_root  # the line before finds it
from support.library_test import LibraryTest


class InHome(LibraryTest):
    """What is described of a home reaches home.py, and its words the operator. test_home.py has the rest."""

    def setUp(self):
        super().setUp()
        home = os.path.join(self.files, "home")
        self.values = {"site_user": "games", "home": home, "www": os.path.join(home, "www")}
        os.mkdir(home)
        shutil.chown(home, "games", "games")
        self.have_home_helper()
        self.put(os.path.join(self.fake, "passwd"), f"games:x:5:60::{home}:/bin/sh\n")

    def test_account_that_is_gone(self):
        line = "gp_in_home directory $www 750"
        self.apply(line)
        os.unlink(os.path.join(self.fake, "passwd"))
        os.chmod(self.values["www"], 0o700)
        # Its absence is the layout's to say.
        self.assertEqual(self.probe(line), [])

    def test_in_home(self):
        www = self.values["www"]
        lines = f"gp_in_home directory {www} 750; echo ours | gp_file_in_home {www}/f 640"
        self.check(
            lines,
            [
                (lambda: os.unlink(f"{www}/f"), "~/home/www/f: the file is missing"),
                (lambda: os.chmod(www, 0o700), "~/home/www: mode is 700, wanted 750"),
                (lambda: os.chmod(f"{www}/f", 0o600), "~/home/www/f: mode is 600, wanted 640"),
            ],
        )

    def test_why_it_fails(self):
        os.symlink("/elsewhere", self.values["www"])
        said = self.fails("apply", "gp_in_home directory $www/d 750")
        self.assertIn("~/home/www: is a link or a file, wanted a directory\n  Move it away", said)

    def test_a_helper_that_is_gone_is_put_back_by_its_component(self):
        engine = self.paths["engine_folder"]
        script = os.path.join(self.scratch, "records", "server-engine.own", "script")
        line = "gp_in_home directory $www 750"
        self.apply(line)
        os.mkdir(os.path.dirname(script))
        for part in ("home.py", "in_home/files.py"):
            with self.subTest(part):
                self.put(script, f"install {SERVER}/{part} {engine}/{part}\n")
                os.unlink(os.path.join(engine, part))
                self.assertEqual(self.probe(line), [])
                self.assertEqual(self.apply(line), [])
                self.assertEqual(self.probe(line), [])
                os.unlink(os.path.join(engine, part))
                os.unlink(script)
                self.assertIn("home.py is missing\n  Run up, which brings it back.", self.fails("apply", line))
                self.have_home_helper()

    def test_archive_of_home(self):
        www = self.values["www"]
        os.makedirs(f"{www}/var")
        self.put(f"{www}/var/data", "rows\n")
        subprocess.run(["chown", "-R", "games:games", www], check=True)
        self.apply("gp_archive_of_home var var")
        (name,) = os.listdir(self.paths["backups"])
        archive = os.path.join(self.paths["backups"], name)
        self.assertEqual(stat.S_IMODE(os.stat(self.paths["backups"]).st_mode), 0o700)
        listed = subprocess.run(["tar", "-tzf", archive], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(listed.split(), ["www/var/", "www/var/data"])


class Configured(LibraryTest):
    """A part of the configuration that the engine takes, or does not."""

    def setUp(self):
        super().setUp()
        self.values = {"site_user": "root", "home": "/h", "www": "/h/www", "configuration": self.files}
        with open(os.path.join(self.fake, "passwd"), "w", encoding="utf-8") as file:
            file.write("root:x:0:0::/root:/bin/sh\n")
        with open(os.path.join(self.fake, "group"), "w", encoding="utf-8") as file:
            file.write("root:x:0:\n")
        # As the engine: it says when to store, waits until that is done, and serves with it.
        self.engine(f"cat >$FAKE/given; echo store; until cmp -s $FAKE/given {self.files}/$2.json; do sleep 0.01; done")

    def engine(self, text):
        self.put(os.path.join(self.scratch, "engine", "deploy"), f"#!/bin/sh\n{text}\n", mode=0o755)

    line = "file_configuration() { echo '{}'; }; gp_configured settings"

    def test_configured(self):
        path = self.path("settings.json")
        changes = [
            (lambda: self.put(path, "[]\n", 0o640), '~/settings.json: line 1 is "[]", wanted "{}"'),
            (lambda: os.chmod(path, 0o644), "~/settings.json: mode is 644, wanted 640"),
        ]
        self.check(self.line, changes, left=["fake"])

    def test_secrets_are_not_said(self):
        line = self.line.replace("settings", "secrets")
        self.apply(line)
        self.put(self.path("secrets.json"), "[]\n", 0o640)
        self.assertEqual(self.probe(line), ["~/secrets.json: the content was changed"])

    def test_what_the_engine_refuses(self):
        self.engine("exit 1")
        self.assertIn("the site can't serve with these settings", self.fails("apply", self.line))
        self.assertEqual(os.listdir(self.files), [])


if __name__ == "__main__":
    as_root()
    unittest.main()
