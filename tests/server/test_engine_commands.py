"""The words of a person's commands: help for each, messages for wrong ones, answers for other programs."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest

COMMANDS = ("status", "releases", "log", "rollback", "recover", "restart", "redeploy", "restore", "maintenance", "run")
WRONG = (
    (),
    ("no-such-command",),
    ("\x1b[2J",),
    ("status", "--jsn"),
    ("status", "more"),
    ("log", "x"),
    ("log", "-1"),
    ("log", "9" * 5000),
    ("log", "\u0663"),
    ("log", "\x1b"),
    ("rollback", "x"),
    ("rollback", "9" * 5000),
    ("rollback", "1", "2"),
    ("redeploy", "--fre"),
    ("restore", "one", "two"),
    ("maintenance",),
    ("maintenance", "perhaps"),
    ("run",),
)


class Words(EngineTest):
    def asked(self, *words):
        return subprocess.run([self.site.path("deploy"), *words], capture_output=True, text=True)

    def test_wrong_ones_are_a_message_and_exit_2(self):
        before = self.site.live()
        for words in WRONG:
            with self.subTest(words=words):
                done = self.asked(*words)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertTrue(done.stderr.startswith("usage: deploy"), done.stderr)
                self.assertNotIn("Traceback", done.stderr)
                # What a terminal would obey stands there in letters.
                self.assertNotIn("\x1b", done.stderr)
                self.assertLess(len(done.stderr), 1000)
        self.assertEqual(self.site.live(), before)

    def test_help_for_each(self):
        whole = self.asked("--help")
        self.assertEqual(whole.returncode, 0)
        for name in COMMANDS:
            with self.subTest(name):
                self.assertRegex(whole.stdout, rf"\n    {name}\s")
                done = self.asked(name, "--help")
                self.assertEqual(done.returncode, 0)
                self.assertTrue(done.stdout.startswith(f"usage: deploy {name}"), done.stdout)

    def test_answers_for_other_programs(self):
        live = self.site.live()
        status = json.loads(self.asked("status", "--json").stdout)
        self.assertEqual(
            (status["release"], status["running"], status["left"], status["outlived"]), (live, True, [], "")
        )
        self.assertEqual(status["revision"], self.site.git("rev-parse", "HEAD"))
        (release, *_) = json.loads(self.asked("releases", "--json").stdout)
        self.assertEqual((release["release"], release["state"], release["subject"]), (live, "live", status["subject"]))
        entry = json.loads(self.asked("log", "--json").stdout)[-1]
        self.assertEqual((entry["release"], entry["ended"], entry["kind"]), (live, "live", "push"))
        logs = json.loads(self.asked("log", str(live), "--json").stdout)
        self.assertEqual(set(logs), {"deploy", "gunicorn"})
        self.assertTrue(any("Booting worker" in line for line in logs["gunicorn"]))

    def test_status_tells_by_its_exit_status_that_nothing_runs(self):
        live = self.site.live()
        self.site.deploy("recover")
        for pid in self.site.processes():
            os.kill(pid, 9)
        done = self.asked("status", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["running"]), (1, False))
        self.site.deploy("recover")
        self.assertEqual(self.asked("status").returncode, 0)
        self.assertEqual(self.site.live(), live)


if __name__ == "__main__":
    unittest.main()
