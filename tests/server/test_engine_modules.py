"""A module that a release lacks: what of the tree has it, or should have it, and the line to write."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.pipeline.missing_module import file_to_lay, needed_by_another, other_version
from engine.venv.brought import line_that_brings

# Where dependencies stand besides those that are installed.
OFFERS = {
    "pyproject.toml": """[project]
dependencies = ["django", "not-this"]

[project.optional-dependencies]
test = [
    "pytest[x]>=8",  # with [brackets]
    "django-environ>=0.4,<0.13",
]
postgres = ["psycopg[c]==3.3"]

[dependency-groups]
server = ["Django_Redis"]

[tool.poetry.group.mail.dependencies]
python-anymail = "*"
""",
    "requirements.txt": "pillow\n",
    "requirements/production.txt": "-r base.txt\nsentry-sdk==2.0\nPillow\n",
}


class WhatBringsAModule(unittest.TestCase):
    def test_extras_groups_and_other_files(self):
        with tempfile.TemporaryDirectory() as tree:
            os.mkdir(os.path.join(tree, "requirements"))
            for name, text in OFFERS.items():
                with open(os.path.join(tree, name), "w", encoding="utf-8") as file:
                    file.write(text)
            for module, line in (
                (
                    "environ",
                    "django-environ in test of [project.optional-dependencies] of pyproject.toml: write `extras: [te",
                ),
                ("psycopg2", "`extras: [postgres]`"),
                ("django_redis.cache", "`groups: [server]`"),
                ("anymail", "`groups: [mail]`"),
                ("PIL", "has Pillow in requirements/production.txt: write `requirements: requirements/production.txt`"),
            ):
                self.assertIn(line, line_that_brings(tree, ["requirements.txt"], module))
            for module in ("not_this", "x", "sentry"):
                self.assertEqual(line_that_brings(tree, ["requirements.txt"], module), "")


class ModulesOfTheProject(unittest.TestCase):
    def test_one_that_is_in_no_repository(self):
        with tempfile.TemporaryDirectory() as tree:
            os.makedirs(os.path.join(tree, "src", "shop", "settings"))
            with open(os.path.join(tree, "src", "shop", "settings", "production.example.py"), "w", encoding="utf-8"):
                pass
            folders = [tree, os.path.join(tree, "src")]
            said = file_to_lay(tree, folders, "shop.settings.production")
            self.assertIn("made from production.example.py: `files: { src/shop/settings/production.py: FILE }`", said)
            self.assertIn("`files: { src/shop/secret.py: FILE }`", file_to_lay(tree, folders, "shop.secret"))
            for module in ("production", "django.secret", "shop.views.secret"):
                self.assertEqual(file_to_lay(tree, folders, module), "")


class ModulesOfAPackage(unittest.TestCase):
    def test_one_that_another_package_needs(self):
        # As redis does, which the lock file of a newer Python has alone.
        with tempfile.TemporaryDirectory() as lib:
            about = os.path.join(lib, "python3.11", "site-packages", "redis-5.0.4.dist-info")
            os.makedirs(about)
            with open(os.path.join(about, "METADATA"), "w", encoding="utf-8") as file:
                file.write(
                    'Name: redis\nRequires-Dist: async-timeout >=4.0.3 ; python_full_version < "3.11.3"\n'
                    "Requires-Dist: cryptography >=36 ; extra == 'ocsp'\nRequires-Dist: typing-extensions (>=4.0,<5)\n"
                    "Requires-Dist: pytz\n\nA text.\n"
                )
            said = needed_by_another(lib, "async_timeout.x")
            self.assertIn('redis needs async-timeout where python_full_version < "3.11.3", and what is locked', said)
            self.assertIn('`extraRequirements: ["async-timeout>=4.0.3"]`', said)
            self.assertIn('["typing-extensions>=4.0,<5"]', needed_by_another(lib, "typing_extensions"))
            self.assertIn("redis needs pytz, and", needed_by_another(lib, "pytz"))
            for module in ("cryptography", "redis"):
                self.assertEqual(needed_by_another(lib, module), "")
            # Its version lacks the module then.
            os.makedirs(os.path.join(lib, "python3.11", "site-packages", "pytz-2026.1.dist-info"))
            with open(os.path.join(lib, "python3.11/site-packages/pytz-2026.1.dist-info/METADATA"), "w"):
                pass
            self.assertEqual(needed_by_another(lib, "pytz.old"), "")

    def test_one_that_its_version_lacks(self):
        with tempfile.TemporaryDirectory() as lib:
            os.makedirs(os.path.join(lib, "python3.13", "site-packages", "gunicorn"))
            said = other_version(lib, "gunicorn.six.moves")
            self.assertIn("gunicorn is installed, in a version that lacks it, or that this Python is too new for", said)
            self.assertIn("set `python`", said)
            for module in ("gunicorn", "unicorn.six"):
                self.assertEqual(other_version(lib, module), "")


if __name__ == "__main__":
    unittest.main()
