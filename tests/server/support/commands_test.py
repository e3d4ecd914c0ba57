"""Commands of the stack in the engine's tests: what they note, and a site that is as before in each test."""

import json
import os
import sqlite3
import subprocess

from .engine_test import EngineTest
from .migrating import ADD, HEAD

CONFIG = {"health": "/health", "keep": 6}


def noting(word):
    """Return a command that leaves a word where a test looks."""
    return f'echo "{word}" >>"$VAR_DIR/noted"'


class CommandsTest(EngineTest):
    """Each test begins with the same tree and nothing noted."""

    def setUp(self):
        self.site.wait_for_rest()
        self.start = self.site.git("rev-parse", "HEAD")
        self.addCleanup(self.back)
        self.forget()

    def back(self):
        self.site.wait_for_rest()
        self.site.configure("deploy", CONFIG)
        self.forget()
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.site.commit("Back")
        self.good(self.site.push("--force", "HEAD:main"))

    def forget(self):
        for name in ("noted", "first.json"):
            if os.path.lexists(self.site.path("var", name)):
                os.unlink(self.site.path("var", name))

    def configure(self, **config):
        self.site.configure("deploy", {**CONFIG, **config})

    def push(self, subject="A change"):
        self.site.commit(subject)
        return self.site.push("--force", "HEAD:main")

    def noted(self):
        try:
            with open(self.site.path("var", "noted"), encoding="utf-8") as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def in_release(self, *names):
        return self.site.path("live", "codebase", *names)

    def text(self, *names):
        with open(self.in_release(*names), encoding="utf-8") as file:
            return file.read()

    def tables(self):
        connection = sqlite3.connect(self.site.path("var", "db.sqlite3"), timeout=20)
        try:
            return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        finally:
            connection.close()

    def add_migration(self):
        folder = os.path.join(self.site.clone, "pages", "migrations")
        names = sorted(name[:-3] for name in os.listdir(folder) if name[:1].isdigit())
        operations = ADD.format(name="more")
        self.site.write("pages/migrations/0900_more.py", HEAD.format(atomic="", after=names[-1], operations=operations))
        self.site.write(
            "pages/management/commands/columns.py",
            "from django.core.management import BaseCommand\nfrom django.db import connection\n\n\n"
            "class Command(BaseCommand):\n    def handle(self, **_):\n        with connection.cursor() as cursor:\n"
            '            cursor.execute("SELECT * FROM pages_entry LIMIT 1")\n'
            '            print("columns:", *[each[0] for each in cursor.description])\n',
        )
        self.site.write("pages/management/__init__.py", "")
        self.site.write("pages/management/commands/__init__.py", "")


class BuildTest(CommandsTest):
    """Tests of what a build depends on; each says "build" where it is made."""

    def settings(self, **variables):
        self.site.wait_for_rest()
        usual = {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"}
        value = {"variables": {**usual, **variables}, "secrets": ["SECRET_KEY"]}
        done = subprocess.run(
            self.site.as_root("settings", self.site.path("deploy"), "configure", "settings"),
            input=json.dumps(value),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def restart(self, *words):
        self.site.wait_for_rest()
        return self.site.deploy(*(words or ["restart"]))

    def built(self):
        return self.noted().count("build")
