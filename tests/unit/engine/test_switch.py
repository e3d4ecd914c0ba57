"""The one switch, and what follows it."""

import fcntl
import os
import stat
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.pipeline.switch import copy_environment, move_branch, protect_from_oom, say_live, switch
from engine.release.release import Release, State


class Switch(Scratch):
    def link(self):
        return os.readlink(self.path("live"))

    def test_the_new_one_is_live_and_the_old_one_is_not(self):
        old, new = self.live(1), self.release(2, State.PREPARED)
        switch(new)
        self.assertEqual(self.link(), "releases/2")
        self.assertEqual((old.reload().state, new.reload().state), (State.PREVIOUS, State.LIVE))
        self.assertRegex(new.since, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}$")
        with open(self.path("var", "env")) as file:
            self.assertEqual(file.read(), "NUMBER=2\n")

    def test_the_first_one(self):
        os.makedirs(Release(0).path())
        os.symlink("releases/0", self.path("live"))
        switch(self.release(1, State.PREPARED))
        self.assertEqual(self.link(), "releases/1")
        self.assertFalse(os.path.exists(Release(0).path("release.json")))

    def test_a_second_time_it_changes_nothing(self):
        live = self.live(1)
        switch(live)
        self.assertEqual((self.link(), live.reload().state), ("releases/1", State.LIVE))

    def test_one_at_a_time(self):
        """Whoever switches waits for whoever is at it."""
        self.live(1)
        new = self.release(2, State.PREPARED)
        with open(self.path("var", "switch.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            thread = threading.Thread(target=switch, args=(new,))
            thread.start()
            time.sleep(0.2)
            self.assertEqual(self.link(), "releases/1")
        thread.join(5)
        self.assertEqual(self.link(), "releases/2")

    def test_the_lock_is_free_after_it_also_when_it_fails(self):
        new = self.release(2, State.PREPARED)
        os.unlink(new.path("env"))
        with self.assertRaises(FileNotFoundError):
            switch(new)
        with open(self.path("var", "switch.lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Environment(Scratch):
    def setUp(self):
        super().setUp()
        self.copy = self.path("var", "env")
        self.one = self.release(1)

    def found(self):
        copy_environment(self.one)
        about = os.lstat(self.copy)
        self.assertTrue(stat.S_ISREG(about.st_mode))
        self.assertEqual(stat.S_IMODE(about.st_mode), 0o600)
        with open(self.copy) as file:
            self.assertEqual(file.read(), "NUMBER=1\n")
        return about.st_ino

    def test_one_that_is_right_is_left_alone(self):
        self.assertEqual(self.found(), self.found())

    def test_one_that_was_edited_is_put_back(self):
        self.found()
        with open(self.copy, "a") as file:
            file.write("MORE=1\n")
        self.found()

    def test_a_link_in_its_place_is_not_written_through(self):
        with open(self.path("other"), "w") as file:
            file.write("NUMBER=1\n")
        os.symlink(self.path("other"), self.copy)
        self.found()
        self.assertTrue(os.path.exists(self.path("other")))


class Branch(Scratch):
    def test_it_stands_where_the_site_does_and_what_came_after_is_given_up(self):
        calls = []
        self.patch("engine.pipeline.switch.git", lambda *words: calls.append(words))
        earlier, back, later = self.release(1), self.live(2, moves_branch=True, given_up=True), self.release(3)
        move_branch(self.config(branch="trunk"), back)
        self.assertEqual(
            calls,
            [("update-ref", "refs/heads/trunk", back.revision), ("reset", "--quiet", "--hard", back.revision)],
        )
        self.assertEqual((earlier.reload().given_up, later.reload().given_up), (False, True))
        back.reload()
        self.assertEqual((back.given_up, back.moves_branch), (False, False))


class Told(Scratch):
    def test_what_is_live(self):
        say_live(self.config(url="http://shop.example"), self.live(7, since="2026-01-02T03:04:05+0000"))
        self.assertEqual(self.said, ["Live: release 7, 0000000 'Version 7', since 03:04:05. http://shop.example"])

    def test_its_processes_are_no_longer_the_first_to_go(self):
        written = []

        def write(path, text):
            if "/2/" in path:
                raise ProcessLookupError
            written.append((path, text))

        self.patch("engine.pipeline.switch.processes_of", lambda _: [1, 2, 3])
        self.patch("engine.pipeline.switch.write_whole", write)
        protect_from_oom(self.live(1))
        self.assertEqual(written, [("/proc/1/oom_score_adj", "0"), ("/proc/3/oom_score_adj", "0")])


if __name__ == "__main__":
    unittest.main()
