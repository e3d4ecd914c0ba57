"""The deploy engine killed at each of its steps: the site serves one version whole, and the next push just works."""

import itertools
import json
import os
import re
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ROOT, Site

CRASH = os.path.join(ROOT, "tests", "server", "support", "crash.py")


class Killed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        status, said = cls.site.push()
        assert status == 0, said

    def crashing_hooks(self, plan, hook):
        """The product's hooks, but `hook` crashes by the plan."""
        folder = tempfile.mkdtemp(dir=self.site.scratch)
        for name, verb in (("pre-receive", "prepare"), ("post-receive", "switch")):
            up = "../.." if verb == "prepare" else ".."
            deploy = f"{up}/deploy"
            command = f"/usr/bin/python3 -B {CRASH} {plan} {deploy} {verb}" if name == hook else f"{deploy} {verb}"
            before = "" if verb == "prepare" else "cd ..\nenv -i git reset --quiet --hard\nup=\n"
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n{before}exec {command}\n")
        self.site.use_hooks(folder)

    def push_with(self, hook, at, whole):
        plan = os.path.join(self.site.scratch, "plan.json")
        with open(plan, "w", encoding="utf-8") as file:
            json.dump({"at": at, "whole": whole, "seen": []}, file)
        self.crashing_hooks(plan, hook)
        ended = self.site.push()
        self.site.use_hooks(os.path.join(ROOT, "server", "hooks"))
        with open(plan, encoding="utf-8") as file:
            return ended, json.load(file)["seen"]

    def steps(self, hook):
        """Return the number of each step of a good push, one for each kind."""
        self.site.release(f"{hook} counted")
        (status, said), seen = self.push_with(hook, -1, False)
        self.assertEqual(status, 0, said)
        return {what: number for number, what in enumerate(seen, 1)}

    def check_crashes(self, hook):
        steps = self.steps(hook)
        self.assertGreater(len(steps), 3, steps)
        before = self.shown()
        for what, number in steps.items():
            # A power failure and a killed engine in turn.
            whole = number % 2 == 0
            with self.subTest(hook=hook, whole=whole, step=what):
                wanted = f"{hook} {what}"
                self.site.release(wanted)
                self.push_with(hook, number, whole)
                self.assertIn(self.shown(), (before, wanted))
                self.site.release(f"after {wanted}")
                status, said = self.site.push()
                self.assertEqual(status, 0, said)
                before = self.shown()
                self.assertEqual(before, f"after {wanted}")
                self.check_rest()

    def shown(self):
        page = self.site.page()
        self.assertTrue(page.startswith("HTTP/1.1 200"), page[:300])
        return re.search(r"id=\"version\">(.*?)<", page).group(1)

    def check_rest(self):
        """Only the live release runs, and nothing is left of the one that was killed."""
        self.site.wait_for_rest()
        deadline = time.monotonic() + 10
        while set(self.site.processes().values()) != {self.site.live()} and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(set(self.site.processes().values()), {self.site.live()})
        for number in os.listdir(self.site.path("releases")):
            with open(self.site.path("releases", number, "release.json"), encoding="utf-8") as file:
                self.assertIn(json.load(file)["state"], ("empty", "live", "previous"), number)
        with open(self.site.path("live", "release.json"), encoding="utf-8") as file:
            revision = json.load(file)["revision"]
        for name in ("main", "HEAD"):
            self.assertEqual(
                self.site.run("git", "-C", self.site.path("codebase"), "rev-parse", name).stdout.strip(), revision
            )
        self.assertEqual(self.site.run("git", "-C", self.site.path("codebase"), "status", "--porcelain").stdout, "")

    def check_command(self, words, text):
        """Kill a person's command at each of its steps; `text` returns its input for the nth time."""
        plan = os.path.join(self.site.scratch, "plan.json")

        def crash(at, whole):
            with open(plan, "w", encoding="utf-8") as file:
                json.dump({"at": at, "whole": whole, "seen": []}, file)
            # A power failure kills two shells too: the person's and the one that the command runs in.
            command = ["python3", "-B", CRASH, plan, self.site.path("deploy"), *words]
            inner = f"{' '.join(self.site.as_root(words[1], *command) if words[1:] else command)}; exit $?"
            done = self.site.run("setsid", "sh", "-c", 'sh -c "$1"; exit $?', "sh", inner, check=False, input=text())
            with open(plan, encoding="utf-8") as file:
                return done, json.load(file)["seen"]

        self.site.release("to go back to")
        self.assertEqual(self.site.push()[0], 0)
        self.site.release("to start from")
        self.assertEqual(self.site.push()[0], 0)
        done, seen = crash(-1, False)
        self.assertEqual(done.returncode, 0, done.stdout)
        steps = {what: number for number, what in enumerate(seen, 1)}
        self.assertGreater(len(steps), 3, steps)
        self.push_on_top("to begin with")
        for what, number in steps.items():
            whole = number % 2 == 0
            with self.subTest(words=words, whole=whole, step=what):
                crash(number, whole)
                self.shown()
                self.site.deploy("recover")
                self.check_rest()
                self.push_on_top(f"after {what}")
                self.check_rest()

    def push_on_top(self, version):
        """Push like a person after the server's branch has moved. Each push is one that a rollback can go to."""
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")
        self.site.release(version)
        status, said = self.site.push()
        self.assertEqual(status, 0, said)
        self.assertEqual(self.shown(), version)

    def test_a_rollback(self):
        self.check_command(["rollback"], lambda: "")

    def test_a_change_of_configuration(self):
        numbers = itertools.count(31)
        gunicorn = {"wsgi": "codebase.wsgi", "workers": 1, "manager": "direct"}
        self.check_command(["configure", "gunicorn"], lambda: json.dumps({**gunicorn, "timeout": next(numbers)}))

    def test_while_it_prepares(self):
        self.check_crashes("pre-receive")

    def test_while_it_switches(self):
        self.check_crashes("post-receive")


if __name__ == "__main__":
    unittest.main()
