"""What a worker sees in gunicorn's sandbox, and what the engine makes of it."""

import json
import os
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import WWW, Scratch

from engine.checks.sandbox import check_databases
from engine.checks.written import check_tmp, help_with_read_only, place_to_share
from engine.errors import Refused
from engine.guest import greenpush_sandbox


class Sandbox(Scratch):
    def setUp(self):
        super().setUp()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tmp = scratch.name
        self.patch("engine.guest.greenpush_sandbox.TMP", self.tmp)

    def write(self, name, text="text"):
        path = os.path.join(self.tmp, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def seen_by(self, release, databases=(), mounted="/tmp/systemd-private-0a1b-shop@blue.service-2c/tmp"):
        """Let a worker of a release look."""
        with open(release.path("databases.json"), "w", encoding="utf-8") as file:
            json.dump({path: f"settings.py:1. Move {path}." for path in databases}, file)
        mounts = os.path.join(WWW, "mountinfo")
        with open(mounts, "w", encoding="utf-8") as file:
            file.write(
                f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:1 {mounted} {self.tmp} rw shared:1 - ext4 /dev/sda1 rw\n"
            )
        self.patch("engine.guest.greenpush_sandbox.MOUNTS", mounts)
        self.patch("engine.guest.greenpush_sandbox.RELEASE", release.path())
        greenpush_sandbox.look()
        self.assertEqual(os.listdir(release.path("var")), ["sandbox.json"])

    def test_what_tmp_has_is_said_once(self):
        live, release = self.live(1), self.release(2)
        self.write("index/a")
        self.write("index/b")
        self.write("empty", "")
        self.write("tmp0123abc_/cacert.pem")
        os.symlink("/etc", os.path.join(self.tmp, "etc"))
        os.mkfifo(os.path.join(self.tmp, "pipe"))
        self.seen_by(release)
        check_tmp(release)
        said = "    Written into /tmp, which is empty after a restart of the server: index. VAR_DIR stays."
        self.assertEqual(self.said, [said])
        self.seen_by(live)
        check_tmp(release)
        self.assertEqual(self.said, [said])
        for number in range(7):
            self.write(f"q{number}")
        self.seen_by(release)
        check_tmp(release)
        self.assertIn(": q0, q1, q2, q3, q4 and 2 more.", self.said[-1])

    def test_a_secret_or_a_database_in_it_is_refused(self):
        release = self.release(2)
        sqlite3.connect(os.path.join(self.tmp, "jobs")).execute("CREATE TABLE job (id)").connection.close()
        for name in ("jobs", "app/signing.KEY", "my_secret.txt"):
            with self.subTest(name):
                if name != "jobs":
                    self.write(name)
                self.seen_by(release)
                with self.assertRaises(Refused) as caught:
                    check_tmp(release)
                self.assertIn(f"the application writes /tmp/{name}, ", caught.exception.reason)
                os.unlink(os.path.join(self.tmp, name))
        self.write("django_cache/secret.djcache")
        self.seen_by(release)
        check_tmp(release)

    def test_one_that_does_not_end_with_the_unit_is_not_looked_at(self):
        release = self.release(2)
        self.write("secret.key")
        for mounted in ("/tmp", "/home/deploy/www/var/tmp"):
            self.seen_by(release, mounted=mounted)
            check_tmp(release)
        self.assertEqual(self.said, [])

    def test_a_database_that_can_not_be_written_to_is_refused(self):
        release = self.release(2)
        self.patch("os.access", lambda path, _: not path.startswith("/srv/"))
        self.seen_by(release, [f"{self.tmp}/new.db"])
        check_databases(release)
        self.seen_by(release, [f"{self.tmp}/new.db", "/srv/data/db.sqlite3"])
        with self.assertRaises(Refused) as caught:
            check_databases(release)
        self.assertIn("/srv/data/db.sqlite3, which gunicorn's sandbox keeps closed", caught.exception.reason)
        self.assertIn("settings.py:1. Move /srv/data/db.sqlite3. Or open", caught.exception.advice)
        self.assertIn("`gunicorn: { unit: [ReadWritePaths=/srv/data] }`", caught.exception.advice)

    def test_what_is_to_be_shared_so_that_it_can_be_written_to(self):
        tree = os.path.join(self.tmp, "tree")
        for name in ("shop/models.py", "shop/old.log", "logs/a.log", "data/tiles/x.png"):
            self.write(os.path.join("tree", name))
        for name, shared in (
            ("shop/old.log", "shop/old.log"),
            ("shop/new.log", ""),
            ("shop", ""),
            ("logs/b.log", "logs"),
            ("logs/tmpg88c7a8t", "logs"),
            ("new.log", ""),
            ("cached", "cached"),
            ("data/tiles", "data/tiles"),
            ("data/more", "data"),
            ("shop/index", "shop/index"),
        ):
            with self.subTest(name):
                self.assertEqual(place_to_share(tree, os.path.join(tree, name), not name.endswith("log")), shared)

    def test_a_home_that_can_not_be_written_to(self):
        path = os.path.join(os.path.dirname(WWW), ".config", "plots")
        said = help_with_read_only(self.release(2), f"OSError: [Errno 30] Read-only file system: '{path}'")
        self.assertIn("`environment: { HOME: ${VAR_DIR} }`", said)

    def test_what_a_worker_can_not_have_told_counts_for_nothing(self):
        """The application can write to that file."""
        release = self.release(2)
        self.seen_by(release)
        for text in ("", "[]", "{", '{"closed": ["/etc/passwd", {}], "tmp": ["a"]}', '{"closed": 1, "tmp": null}'):
            with self.subTest(text):
                with open(release.path("var", "sandbox.json"), "w", encoding="utf-8") as file:
                    file.write(text)
                check_databases(release)
                check_tmp(release)
        self.assertEqual(self.said, [])

    def test_a_release_of_an_earlier_engine_has_told_nothing(self):
        release = self.release(2)
        check_databases(release)
        check_tmp(release)


if __name__ == "__main__":
    unittest.main()
