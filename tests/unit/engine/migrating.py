"""What the tests of migrations share: a site whose project gives the answers of a test."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.database.migrations import LEFT, Migrations
from engine.release.release import State

LOSS = {"alias": "default", "migration": "a.0002", "what": "drops rows", "asks": True, "of_rows": True}
TWO = {"default": ["a.0001", "a.0002"], "second": ["b.0001"]}
MB = 1_000_000


class Migrating(Scratch):
    def setUp(self):
        super().setUp()
        self.asked, self.answers = [], {}
        self.patch("engine.database.migrations.project_of", lambda _: self)
        self.patch("engine.database.migrations.project_at_rest", lambda config, release: self.of(release))
        self.patch("engine.database.migrations.disk_left", lambda: 10_000 * MB)
        self.new = self.release(2, State.BOOTING)
        for name in ("GIT_PUSH_OPTION_COUNT", "GIT_PUSH_OPTION_0", "GIT_PUSH_OPTION_1"):
            os.environ.pop(name, None)
            self.addCleanup(os.environ.pop, name, None)

    def of(self, release):
        self.asked.append(("of", release.number))
        return self

    def ask(self, verb, *words):
        """Answer like a project."""
        self.asked.append((verb, *words))
        answer = self.answers.get(verb)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def migrations(self, config=None, kind="push", **plan):
        whole = {
            "migrations": ["a.0001", "a.0002"],
            "pending": {},
            "unknown": [],
            "losses": [],
            "gone": {},
            "copies": {},
            "left_alone": [],
            "still": [],
        }
        return Migrations(self.job(self.new, self.config(**(config or {})), kind), {**whole, **plan})

    def push_option(self, *options):
        os.environ["GIT_PUSH_OPTION_COUNT"] = str(len(options))
        for at, option in enumerate(options):
            os.environ[f"GIT_PUSH_OPTION_{at}"] = option

    def leave(self, **about):
        whole = {"names": [], "why": [], "changed": [], "lost": [], "unasked": "", "aside": [], "release": 1}
        with open(LEFT, "w") as file:
            json.dump({**whole, **about}, file)
