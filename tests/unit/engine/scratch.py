"""A site's folders without a site, to test the engine's decisions in this process and in milliseconds."""

import atexit
import os
import shutil
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# The engine reads this when it is loaded, to find its site.
WWW = os.environ["GREENPUSH_WWW"] = tempfile.mkdtemp(prefix="greenpush-unit-")
atexit.register(shutil.rmtree, WWW, ignore_errors=True)
sys.path.insert(0, os.path.join(ROOT, "server"))
sys.dont_write_bytecode = True

from engine.config import Config  # noqa: E402 # the lines before let it find its site
from engine.release.job import Job  # noqa: E402 # the lines before let it find its site
from engine.release.release import Release, State  # noqa: E402 # the lines before let it find its site
from engine.release.slots import BLUE  # noqa: E402 # the lines before let it find its site


class Scratch(unittest.TestCase):
    """`said` is the list of lines that a person reads. Each test begins with empty folders."""

    def setUp(self):
        for name in os.listdir(WWW):
            path = os.path.join(WWW, name)
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
        for name in ("releases", "slots", "venvs", "config", "var/log", "copies"):
            os.makedirs(os.path.join(WWW, name))
        self.said = []
        self.patch("engine.console.output.write_line", lambda _, text="": self.said.append(text))

    def patch(self, name, value):
        patcher = mock.patch(name, value)
        self.addCleanup(patcher.stop)
        return patcher.start()

    def path(self, *names):
        return os.path.join(WWW, *names)

    def config(self, **given):
        return Config({"site": "shop", "host": "shop.example", **given})

    def release(self, number, state=State.PREVIOUS, **about):
        """Make a release whose release.json is complete."""
        release = Release(number)
        os.makedirs(release.path("var"))
        os.makedirs(release.codebase)
        with open(release.path("env"), "w", encoding="utf-8") as file:
            file.write(f"NUMBER={number}\n")
        release.save(
            **{
                "number": number,
                "revision": f"{number:040x}",
                "subject": f"Version {number}",
                "kind": "push",
                "venv": f"venv-{number}",
                "state": state,
                **about,
            }
        )
        return release

    def live(self, number, slot=BLUE, **about):
        release = self.release(number, State.LIVE, **{"since": "2026-01-01T00:00:00+0000", **about})
        os.symlink(f"releases/{number}", self.path("live"))
        if slot:
            slot.take(release)
        return release

    def job(self, release, config=None, kind="push"):
        return Job(config or self.config(), release, kind, release.revision, "somebody")
