"""One deploy at a time."""

import fcntl
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.errors import Refused
from engine.release.lock import acquire_lock


class Lock(Scratch):
    def held(self, words=b"a push of 1234567 by somebody"):
        descriptor = os.open(self.path("var", "deploy.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        self.addCleanup(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.pwrite(descriptor, words, 0)
        return descriptor

    def test_a_free_one_is_taken_and_says_what_for(self):
        with open(self.path("var", "deploy.lock"), "w") as file:
            file.write("something that somebody wrote long ago, and that is longer than what comes")
        descriptor = acquire_lock(self.config(), "a push")
        self.addCleanup(os.close, descriptor)
        self.assertRegex(os.pread(descriptor, 500, 0).decode(), r"^a push, since \d\d:\d\d:\d\d$")
        self.assertEqual(self.said, [])
        with open(self.path("var", "deploy.lock")) as other, self.assertRaises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_the_first_time_there_is_no_file(self):
        self.assertFalse(os.path.exists(self.path("var", "deploy.lock")))
        os.close(acquire_lock(self.config(), "a push"))

    def test_whoever_holds_it_is_named_in_so_many_letters(self):
        self.held(b"x" * 600)
        with self.assertRaises(Refused) as raised:
            acquire_lock(self.config(limits={"lock": 0}), "another")
        self.assertEqual(raised.exception.reason, f"waited 0 s for {'x' * 500}")

    def test_one_that_is_held_is_waited_for_and_named_once(self):
        holder = self.held()
        threading.Timer(0.2, fcntl.flock, (holder, fcntl.LOCK_UN)).start()
        begun = time.monotonic()
        os.close(acquire_lock(self.config(), "another"))
        self.assertGreaterEqual(time.monotonic() - begun, 0.19)
        self.assertEqual(self.said, ["Waiting for a push of 1234567 by somebody."])

    def test_nobody_knows_who_holds_it(self):
        holder = self.held(b"")
        threading.Timer(0.1, fcntl.flock, (holder, fcntl.LOCK_UN)).start()
        os.close(acquire_lock(self.config(), "another"))
        self.assertEqual(self.said, ["Waiting for another deploy."])

    def test_it_is_not_waited_for_longer_than_the_limit(self):
        self.held()
        begun, slept, sleep = time.monotonic(), set(), time.sleep
        self.patch("engine.release.lock.time.sleep", lambda seconds: (slept.add(seconds), sleep(0.01)))
        with self.assertRaises(Refused) as raised:
            acquire_lock(self.config(limits={"lock": 0.2}), "another")
        self.assertLess(time.monotonic() - begun, 5)
        # A waiting deploy checks the lock often, so that it begins at once.
        self.assertEqual(slept, {0.05})
        self.assertEqual(raised.exception.step, "lock")
        self.assertEqual(raised.exception.reason, "waited 0.2 s for a push of 1234567 by somebody")
        self.assertIn("`www/deploy status`", raised.exception.advice)
        self.assertEqual(len(self.said), 1)


if __name__ == "__main__":
    unittest.main()
