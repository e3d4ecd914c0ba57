"""Which commands run before a release is live, where the stack says none."""

import os
import sys
import unittest
from types import SimpleNamespace

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.config import Config
from engine.pipeline.commands import commands_of


class OfAProcfile(Scratch):
    def commands(self, **settings):
        release = SimpleNamespace(codebase=self.path("tree"), project=self.path("tree", "backend"))
        found = commands_of(Config(settings), release, "release")
        return [(each.line, os.path.relpath(each.folder, self.path("tree"))) for each in found]

    def write(self, *names, text):
        with open(self.path("tree", *names), "w", encoding="ascii") as file:
            file.write(text)

    def test_the_one_at_the_top_counts_before_the_one_beside_manage_py(self):
        os.makedirs(self.path("tree", "backend"))
        self.assertEqual(self.commands(), [])
        self.write("backend", "Procfile", text="web: gunicorn x\nrelease: python manage.py one\n")
        self.assertEqual(self.commands(), [("python manage.py one", "backend")])
        self.write("Procfile", text="release: python backend/manage.py two\n")
        self.assertEqual(self.commands(), [("python backend/manage.py two", ".")])
        self.write("Procfile", text="web: gunicorn x\n")
        self.assertEqual(self.commands(), [])

    def test_the_stack_has_the_word(self):
        os.makedirs(self.path("tree", "backend"))
        self.write("Procfile", text="release: one\n")
        self.assertEqual(self.commands(release=[]), [])
        self.assertEqual(self.commands(release=["two"]), [("two", "backend")])


if __name__ == "__main__":
    unittest.main()
