"""Translations of the tree that are not compiled are said; those that are, or that say nothing, are not."""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest

SETTINGS = """from .settings.test import *

USE_I18N = True
LOCALE_PATHS = ["{root}/locale", "/usr/share/locale"]
"""
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
GREETING = f'{HEADER}msgid "Hello"\nmsgstr "Hallo"\n'
LONG = f'{HEADER}msgid "Hello"\nmsgstr ""\n"Guten "\n"Tag"\n'
NOTHING = f'{HEADER}msgid "Hello"\nmsgstr ""\n\nmsgid "Bye"\nmsgstr ""\n'


class Translations(EngineTest):
    def said(self, **files):
        self.site.write("codebase/translated.py", SETTINGS.replace("{root}", self.site.path("live", "codebase")))
        shutil.rmtree(os.path.join(self.site.clone, "pages", "locale"), ignore_errors=True)
        for name, text in files.items():
            language, _, kind = name.partition("__")
            self.site.write(f"pages/locale/{language}/LC_MESSAGES/django.{kind}", text)
        self.site.commit("More languages")
        variables = {"DJANGO_SETTINGS_MODULE": "codebase.translated", "ALLOWED_HOSTS": "localhost"}
        self.site.configure("settings", {"variables": variables, "secrets": ["SECRET_KEY"]})
        return self.good(self.site.push())

    def test_those_that_are_not_compiled(self):
        said = self.said(de__po=GREETING, pt_BR__po=LONG)
        self.assertIn("pages/locale/de/LC_MESSAGES/django.po and 1 more without its .mo. `build: [python", said)
        self.assertIn("`packages: [gettext]` of the server", said)

    def test_those_that_are_compiled_or_say_nothing_or_are_of_no_language_of_the_application(self):
        said = self.said(de__po=GREETING, de__mo="compiled", en__po=NOTHING, xx__po=GREETING)
        self.assertNotIn("translations", said)


if __name__ == "__main__":
    unittest.main()
