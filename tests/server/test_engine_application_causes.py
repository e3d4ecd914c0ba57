"""What applications say where they fail, and what a person reads of that."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.console.application_causes import with_help
from engine.errors import Refused


class Applications(unittest.TestCase):
    def test_static_files(self):
        for line, why in (
            (
                "ValueError: Missing staticfiles manifest entry for 'a/b.css'",
                "The manifest of static files has no a/b.css.",
            ),
            ("ValueError: The file 'c.png' could not be found with <Storage object>.", "Static files name c.png"),
        ):
            for refused in (Refused("django", line, [], "A log."), Refused("health", "no", ["x", line], "A log.")):
                advice = with_help(refused).advice
                self.assertIn(why, advice)
                self.assertIn("`build: [npm ci, npm run build]`", advice)
                self.assertIn("`collectstatic: false`", advice)
                self.assertTrue(advice.endswith(" A log."))
        # As a traceback shows Django's own line, before what that says.
        shown = [
            """raise ValueError(_("Missing staticfiles manifest entry for '%s'") % name)""",
            line.replace("c.png", ""),
        ]
        refused = Refused("health", "no", [*shown, "ValueError: Missing staticfiles manifest entry for 'd.js'"])
        self.assertIn("The manifest of static files has no d.js.", with_help(refused).advice)

    def test_modules_that_are_not_there(self):
        for line, why, helps in (
            ("ModuleNotFoundError: No module named 'environ'", "has the module environ.", "`extraRequirements: ["),
            ("ModuleNotFoundError: No module named 'distutils.version'", "has no distutils any more.", "set `python`"),
            ("ModuleNotFoundError: No module named 'imghdr'", "has no imghdr any more.", "set `python`"),
            ("ModuleNotFoundError: No module named 'chunked_upload'", "has the module chunked_upload.", "`extraReq"),
            # Cut within the name.
            ("x: No module named 'shop.par ...\n  File 'a', line 1", "has the module shop.par. Where", "`extraReq"),
            (
                "ModuleNotFoundError: No module named 'pkg_resources'",
                "is of setuptools",
                "`extraRequirements: [setuptools<81]`",
            ),
            (
                "ImportError: cannot import name 'Iterator' from 'collections' (/x/__init__.py)",
                "has moved Iterator of",
                "set `python`",
            ),
            (
                "ImportError: cannot import name 'ugettext' from 'django.utils.translation' "
                "(/x/lib/python3.13/site-packages/django/utils/translation/__init__.py)",
                "The version of django.utils.translation that is installed does not have it.",
                "lock versions of both that go together",
            ),
            (
                "SystemError: initialization of _psycopg raised unreported exception",
                "does not load the compiled module _psycopg.",
                "set `python`",
            ),
        ):
            advice = with_help(Refused("django", line, [], "A log.")).advice
            self.assertIn(why, advice)
            self.assertIn(helps, advice)
            self.assertTrue(advice.endswith(" A log."))

    def test_libraries_that_are_loaded_as_it_runs(self):
        weasyprint = "packages: [libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0]"
        absent = "cannot open shared object file: No such file or directory"
        for line, library, helps in (
            (
                f"OSError: cannot load library 'libgobject-2.0-0': libgobject-2.0-0: {absent}.",
                "libgobject-2.0-0",
                weasyprint,
            ),
            ('ImproperlyConfigured: Could not find the GDAL library (tried "gdal").', "GDAL", "packages: [gdal-bin]"),
            ("ImportError: failed to find libmagic.  Check your installation", "libmagic", "packages: [file]"),
            (f"ImportError: libGL.so.1: {absent}", "libGL.so.1", "packages: [libgl1]"),
            (f"ImportError: libxmlsec1.so.1: {absent}", "libxmlsec1.so.1", "`apt-file search libxmlsec1.so.1`"),
        ):
            with self.subTest(line):
                advice = with_help(Refused("django", line, [], "A log.")).advice
                self.assertIn(f"The server lacks the library {library}. ", advice)
                self.assertIn(helps, advice)

    def test_a_name_that_the_project_itself_lacks(self):
        line = "ImportError: cannot import name 'View' from 'pages.views' (/x/releases/3/codebase/pages/views.py)"
        self.assertEqual(with_help(Refused("django", line, [], "A log.")).advice, "A log.")

    def test_a_database_driver_that_is_not_there(self):
        said = "django.core.exceptions.ImproperlyConfigured: Error loading psycopg2 or psycopg module"
        advice = with_help(Refused("django", said), lambda module: f"There is {module}.").advice
        self.assertEqual(
            advice,
            "Nothing that is installed, and no folder of the project, has the module psycopg2. There is psycopg2.",
        )

    def test_an_extension_that_a_superuser_has_to_make(self):
        line = 'django.db.utils.ProgrammingError: permission denied to create extension "uuid-ossp"'
        advice = with_help(Refused("migrate", line, [], "A log.")).advice
        self.assertIn("a superuser make the extension uuid-ossp.", advice)
        self.assertIn("""`psql DATABASE -c 'CREATE EXTENSION "uuid-ossp"'`""", advice)

    def test_rows_that_a_new_database_lacks(self):
        line = "shop.config.models.Config.DoesNotExist: Config matching query does not exist."
        advice = with_help(Refused("health", "/ answered 500", ["x", line], "A log.")).advice
        self.assertIn("The database has no Config that this needs.", advice)
        self.assertIn("`first: [python manage.py loaddata NAME]`", advice)

    def test_what_nobody_knows(self):
        self.assertEqual(with_help(Refused("django", "no", [], "A log.")).advice, "A log.")
        error = KeyError("Missing staticfiles manifest entry for 'a'")
        self.assertIs(with_help(error), error)


if __name__ == "__main__":
    unittest.main()
