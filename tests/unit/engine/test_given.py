"""What the stack gives a release, what its settings may be, and what is written into its tree."""

import os
import sys
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import ROOT, WWW, Scratch

from engine.checks.settings import check_settings
from engine.checks.written import check_written, mark_complete, written
from engine.config import Given
from engine.errors import Refused
from engine.release.environments import environment_differs, values_for, write_environment
from engine.release.given_files import laid_files, lay_files, renew_files
from engine.release.references import all_filled_in
from engine.release.release import Release

sys.path.insert(0, os.path.join(ROOT, "server", "engine", "guest"))

from greenpush_django import settings_check, settings_sources


class References(unittest.TestCase):
    def test_values_are_filled_in_as_they_are(self):
        texts = {"A": "${B}-${S}", "B": "b$${S} ${NOTHING}", "S": "not this one"}
        found = all_filled_in(texts, {"S": "${A}"})
        self.assertEqual(found, {"A": "b${S} ${NOTHING}-${A}", "B": "b${S} ${NOTHING}", "S": "${A}"})

    def test_a_circle_ends(self):
        self.assertEqual(all_filled_in({"A": "a${B}", "B": "b${A}"}, {}), {"A": "ab${A}", "B": "b${A}"})


class GivenFiles(Scratch):
    def setUp(self):
        super().setUp()
        self.release = Release(1)
        os.makedirs(self.release.path("codebase", "shop", "__pycache__"))
        self.release.save(revision="a" * 40)

    @staticmethod
    def given(files=None, references=True, **secrets):
        settings = {"variables": {"A": "${VAR_DIR}"}, "secrets": list(secrets), "references": references}
        texts = {f"files/{place}": text for place, text in (files or {}).items() if text.startswith("secret")}
        lines = {
            place: None if f"files/{place}" in texts else text.split("\n") for place, text in (files or {}).items()
        }
        return Given({**settings, "files": lines}, {**secrets, **texts}, {})

    def content(self, *names):
        with open(self.release.path("codebase", *names), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        with open(self.release.path("codebase", name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_what_is_given_no_more_goes_and_what_it_replaced_comes_back(self):
        self.write("shop/own.py", "of the tree")
        self.write("shop/__pycache__/own.cpython-311.pyc", "")
        first = self.given({"shop/own.py": "${A}", "new/secret.txt": "secret ${S}"}, S="one")
        self.assertEqual(lay_files(self.release, first), ["shop/own.py"])
        self.assertEqual(self.content("shop", "own.py"), os.path.join(WWW, "var"))
        self.assertEqual(os.listdir(self.release.path("codebase", "shop", "__pycache__")), [])
        self.assertEqual(self.content("new", "secret.txt"), "secret one")
        renew_files(self.release, self.given({"new/secret.txt": "secret ${S}"}, S="two"))
        self.assertEqual(self.content("shop", "own.py"), "of the tree")
        self.assertEqual(self.content("new", "secret.txt"), "secret two")
        renew_files(self.release, self.given())
        self.assertEqual(os.listdir(self.release.path("codebase", "new")), [])
        self.assertEqual(laid_files(self.release), {})

    def test_an_earlier_release_gets_those_that_have_a_place_in_it(self):
        os.symlink("/tmp", self.release.path("codebase", "link"))
        given = self.given({"link/x": "x", "shop": "y", "z": "z"})
        with self.assertRaises(Refused):
            lay_files(self.release, given)
        renew_files(self.release, given)
        self.assertEqual(laid_files(self.release), {"z": "z"})

    def test_after_a_crash_what_is_laid_in_counts_as_that(self):
        given = self.given({"z": "z"})
        self.patch("engine.release.given_files.forget_bytecode", lambda _: 1 / 0)
        with self.assertRaises(ZeroDivisionError):
            lay_files(self.release, given)
        self.patch("engine.release.given_files.forget_bytecode", lambda _: None)
        self.assertEqual(lay_files(self.release, given), [])
        renew_files(self.release, self.given())
        self.assertFalse(os.path.exists(self.release.path("codebase", "z")))

    def test_those_of_an_earlier_version_are_meant_as_they_are(self):
        self.assertEqual(values_for(self.release, self.given(references=False))["A"], "${VAR_DIR}")

    def test_a_release_differs_by_what_is_not_its_own(self):
        write_environment(self.release, self.given(S="one"))
        self.assertFalse(environment_differs(self.release, self.given(S="one")))
        self.assertTrue(environment_differs(self.release, self.given(S="two")))

    def test_a_file_that_holds_a_secret_has_to_have_arrived(self):
        given = self.given({"a": "secret"}, S="one")
        self.assertEqual(given.missing_secrets(), set())
        self.assertEqual(given.but("secrets", {"S": "one"}).missing_secrets(), {"files/a"})

    def test_what_is_laid_in_was_not_written_by_the_application(self):
        mark_complete(self.release)
        os.utime(self.release.path("complete"), (1, 1))
        self.write("index", "")
        lay_files(self.release, self.given({"z": "z"}))
        self.assertEqual(written(self.release), ["index"])
        check_written(self.release)
        self.assertIn("index", self.said[-1])
        self.write("index", "SQLite format 3\0")
        with self.assertRaises(Refused) as refused:
            check_written(self.release)
        self.assertEqual(refused.exception.lines, ["shared: [index]"])


class Found(Scratch):
    OWN = {"own": "lay it in"}
    DEBUG = {"kind": "debug", "where": "s.py:1", "what": "DEBUG is True", "write": "DEBUG = False", **OWN}
    HOSTS = {"kind": "", "where": "s.py:2", "what": "ALLOWED_HOSTS is empty", "write": "ALLOWED_HOSTS = []", **OWN}
    NAME = {"kind": "developmentSettings", "where": "s.py", "what": "for development", "write": "settings: a", **OWN}

    def test_what_the_stack_does_not_refuse_is_said(self):
        check_settings([self.DEBUG, self.NAME, self.HOSTS], [])
        self.assertEqual(self.said, ["    s.py:1: DEBUG is True.", "    s.py: for development."])

    def test_what_it_refuses_is_refused_with_what_goes_with_it(self):
        with self.assertRaises(Refused) as refused:
            check_settings([self.DEBUG, self.NAME, self.HOSTS], ["debug"])
        self.assertEqual(len(refused.exception.lines), 4)
        self.assertIn("`debug: true` in", refused.exception.advice)
        self.assertIn("To commit nothing, lay it in.", refused.exception.advice)
        with self.assertRaises(Refused) as refused:
            check_settings([self.NAME, self.HOSTS], ["debug", "developmentSettings"])
        self.assertEqual(len(refused.exception.lines), 2)


class Sources(Scratch):
    def sources(self, **modules):
        """Modules of a tree, loaded as `gp_<name>`, that take all names from each other as they say."""
        folder = os.path.join(WWW, "tree", "gp_shop")
        os.makedirs(folder)
        for name, text in modules.items():
            path = os.path.join(folder, f"{name}.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            module = types.ModuleType(f"gp_shop.{name}")
            module.__file__, module.__package__ = path, "gp_shop"
            sys.modules[module.__name__] = module
            self.addCleanup(sys.modules.pop, module.__name__)
        return settings_sources.Sources(f"gp_shop.{next(iter(modules))}", os.path.join(WWW, "tree"))

    def test_the_module_that_has_the_last_word_is_named(self):
        sources = self.sources(
            production="from .base import *\nSECRET_KEY = 1\nif x:\n    SECRET_KEY = env('KEY')\n",
            base="DEBUG: bool = os.environ['SHOP_DEBUG']\nSECRET_KEY = 2\n",
        )
        where, _, variable = sources.place_of("SECRET_KEY")
        self.assertEqual((where, variable), ("gp_shop/production.py:4", "KEY"))
        where, _, variable = sources.place_of("DEBUG")
        self.assertEqual((where, variable), ("gp_shop/base.py:1", "SHOP_DEBUG"))
        self.assertEqual(sources.place_of("NOTHING"), ("gp_shop/production.py", None, ""))

    def test_a_text_is_found_in_modules_and_env_files(self):
        sources = self.sources(one="A = 'quo\\'ted text of a key'\n")
        with open(os.path.join(WWW, "tree", ".env.prod"), "w", encoding="utf-8") as file:
            file.write("A=1\nKEY=of-the-env-file\n")
        self.assertEqual(sources.place_of_text("of-the-env-file"), ".env.prod:2")
        self.assertEqual(sources.place_of_text("nowhere to be found"), "")

    def test_names_of_settings_for_development(self):
        for name, found in {
            "shop.settings.dev": True,
            "shop.settings_local": True,
            "config.local": True,
            "dev.settings.production": False,
            "shop.settings.devices": False,
            "local": True,
        }.items():
            self.assertEqual(settings_check.is_for_development(name), found, name)

    def test_a_project_without_a_key_is_none_of_a_known_key(self):
        class NoKey:
            @property
            def SECRET_KEY(self):
                raise ValueError

        self.assertEqual(settings_check.key_of(NoKey()), "")


if __name__ == "__main__":
    unittest.main()
