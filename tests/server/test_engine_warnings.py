"""Warnings about a project that can serve but should be changed."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest


class Warnings(EngineTest):
    def with_settings(self, lines):
        self.site.write("codebase/settings/own.py", f"from .test import *  # noqa: F403\n\n{lines}\n")
        variables = {"DJANGO_SETTINGS_MODULE": "codebase.settings.own", "ALLOWED_HOSTS": "localhost"}
        self.site.configure("settings", {"variables": variables, "secrets": ["SECRET_KEY"]})
        self.site.release(lines.partition("\n")[0])
        return self.good(self.site.push())

    def test_debug_is_said_each_time_and_what_check_deploy_warns_of_once(self):
        self.assertNotIn("check --deploy", self.with_settings("SESSION_COOKIE_AGE = 1"))
        for lines in ("DEBUG = True", "DEBUG = True  # again"):
            self.assertIn("DEBUG is True", self.with_settings(lines))
        said = self.with_settings("SECURE_CONTENT_TYPE_NOSNIFF = False")
        self.assertIn("`manage.py check --deploy` warns: security.W006.", said)
        self.assertNotIn("DEBUG", said)
        self.assertNotIn("check --deploy", self.with_settings("SECURE_CONTENT_TYPE_NOSNIFF = False  # again"))
        self.assertIn(
            "security.W019",
            self.with_settings("SECURE_CONTENT_TYPE_NOSNIFF = False  # more\nX_FRAME_OPTIONS = 'ALLOW'"),
        )


if __name__ == "__main__":
    unittest.main()
