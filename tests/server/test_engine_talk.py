"""The output that reaches a person: each line stays whole, whatever its text is and whatever happens meanwhile."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.console.logs import lines_of
from engine.console.output import printable


class Printable(unittest.TestCase):
    def test_what_a_terminal_obeys_is_shown(self):
        for text, shown in (
            ("plain", "plain"),
            ("Grüße, 你好, émoji 👩\u200d👩\u200d👧, \u00a0", "Grüße, 你好, émoji 👩\u200d👩\u200d👧, \u00a0"),
            ("a\tb", "a\tb"),
            ("\x1b[31m\x07", r"\x1b[31m\x07"),
            ("\x9b31m\x85", r"\x9b31m\x85"),
            ("one\ntwo\rthree\x00", r"one\x0atwo\x0dthree\x00"),
            ("\u2028\u2029", r"\u2028\u2029"),
            ("\u202etxt.exe\u2066\u200f", r"\u202etxt.exe\u2066\u200f"),
            ("\ufeff\udcff", r"\ufeff\udcff"),
            ("\U000e0041", r"\U000e0041"),
        ):
            with self.subTest(text=text):
                self.assertEqual(printable(text), shown)

    def test_only_a_line_feed_ends_a_line(self):
        self.assertEqual(lines_of("a\u2028b\x85c\x0cd\r\ne\n\n"), ["a\u2028b\x85c\x0cd", "e", ""])
        self.assertEqual(lines_of(""), [])


SIGNALLED = """
import signal, sys
sys.path.insert(0, sys.argv[1])
from types import SimpleNamespace
from engine.console.output import Step, say
with Step(SimpleNamespace(steps=[]), "slow"):
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    for number in range(20000):
        say(f"line {number}")
"""

MIGRATING = """
import sys, time
sys.path.insert(0, sys.argv[1])
from types import SimpleNamespace
from engine.database.migrations import MigrateStep
MigrateStep.LONG = 0.1
deploy = SimpleNamespace(steps=[], log=sys.argv[2])
with MigrateStep(deploy, SimpleNamespace(pending={"default": ["a.1", "a.2", "a.3"]})):
    with open(deploy.log, "a") as log:
        log.write("  Applying a.1... OK\\n  Applying a.2... OK\\n  Applying a.3...")
    time.sleep(0.5)
"""

UNDOING = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from engine.database.migrations import UndoStep
UndoStep.LONG = 0.1
with UndoStep(sys.argv[2], 3, "health: / answered 500"):
    with open(sys.argv[2], "a") as log:
        log.write("  Applying a.3... OK\\n  Unapplying a.3... OK\\n")
    time.sleep(0.5)
with UndoStep(sys.argv[2], 3):
    os.close(2)
    time.sleep(0.5)
"""


class Signals(unittest.TestCase):
    def test_what_takes_migrations_back_says_how_far_it_is_and_goes_on_where_nobody_listens(self):
        with tempfile.NamedTemporaryFile() as log:
            words = [sys.executable, "-B", "-c", UNDOING, os.path.join(ROOT, "server"), log.name]
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        why = "    refused at health: / answered 500. Its migrations are taken back first, then follows what to do.\n"
        self.assertEqual((done.returncode, done.stdout), (0, f"{why}  undo          1 of 3, a.3\n"))

    def test_migrations_that_take_long_say_how_far_they_are(self):
        with tempfile.NamedTemporaryFile() as log:
            words = [sys.executable, "-B", "-c", MIGRATING, os.path.join(ROOT, "server"), log.name]
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("  migrate       2 of 3, a.3\n", done.stdout)

    def test_a_step_that_says_that_it_takes_long_in_the_middle_of_a_line(self):
        words = [sys.executable, "-B", "-c", SIGNALLED, os.path.join(ROOT, "server")]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])
        said = done.stdout.splitlines()
        self.assertEqual([line for line in said if line.startswith("line")], [f"line {n}" for n in range(20000)])
        others = {line for line in said if not line.startswith("line")}
        self.assertGreaterEqual(len(others), 2)
        self.assertTrue(all(line.startswith("  slow ") for line in others), others)


class Faults(EngineTest):
    def test_what_nobody_has_foreseen_is_one_line_and_undone(self):
        path = self.site.path("engine", "checks", "health.py")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        before = self.site.live()
        self.site.release("that meets a fault")
        with open(path, "w", encoding="utf-8") as file:
            fault = 'wanted_pages({}["no\\x1bsuch"])'
            file.write(text.replace("wanted_pages(job.config)", fault))
        self.addCleanup(self.site.write, path, text)
        said = self.bad(self.site.push())
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertRegex(
            said, r"FAILED at prepare: KeyError: 'no\\x1bsuch' \(traceback on the server: .*/deploy-\d+\.log\)"
        )
        self.assertNotIn("Traceback", said)
        self.assertIn(f"Release {before} (", said)
        self.assertEqual(self.site.live(), before)
        self.only_runs(before)
        log = self.site.deploy("log", str(self.site.record()[-1]["release"]))
        self.assertIn("deploy: Traceback (most recent call last):", log)

    def test_interrupted(self):
        holder = open(self.site.path("var", "deploy.lock"), "a")
        self.addCleanup(holder.close)
        fcntl.flock(holder, fcntl.LOCK_EX)
        # A shell has what it starts in the background ignore SIGINT: these tests, too.
        waiting = subprocess.Popen(
            ["env", "--default-signal=INT", self.site.path("deploy"), "recover"], stderr=subprocess.PIPE, text=True
        )
        self.assertRegex(waiting.stderr.readline(), "^Waiting for ")
        waiting.send_signal(signal.SIGINT)
        self.assertEqual(waiting.communicate()[1], "")
        self.assertEqual(waiting.returncode, 130)

    def test_files_are_for_nginx_whatever_the_umask_of_the_person(self):
        for umask in (0o077, 0o000):
            with self.subTest(umask=umask):
                self.site.release(f"with umask {umask}")
                before = os.umask(umask)
                try:
                    self.good(self.site.push())
                finally:
                    os.umask(before)
                release = self.site.path("releases", str(self.site.live()))
                for folder, _, names in os.walk(os.path.join(release, "static")):
                    self.assertEqual(os.stat(folder).st_mode & 0o757, 0o750, folder)
                    for name in names:
                        self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o040, 0o040, name)
                for folder in (release, os.path.join(release, "codebase"), os.path.join(release, "var")):
                    self.assertEqual(os.stat(folder).st_mode & 0o777, 0o750, folder)


if __name__ == "__main__":
    unittest.main()
