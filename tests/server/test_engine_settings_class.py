"""Settings that are a class, as django-configurations has them: which one counts, and that it serves."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS

SETTINGS = """from configurations import Configuration

from .settings import test as of_test


class Base(Configuration):
    locals().update({name: value for name, value in vars(of_test).items() if name.isupper()})
    ROOT_URLCONF = "codebase.urls"


class Development(Base):
    DEBUG = True


class Production(Base):
    LANGUAGE_CODE = "de"


class Staging(Production):
    pass
"""
STARTS = """import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "codebase.classes")
os.environ.setdefault("DJANGO_CONFIGURATION", "{}")
"""
MANAGE = "from configurations.management import execute_from_command_line\n\nexecute_from_command_line(sys.argv)\n"
SERVES = "from configurations.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n"


# A database that no one answers for, and a check of an application's package that meets it.
BACKEND = """from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.db.utils import OperationalError


class DatabaseWrapper(SQLite):
    def get_new_connection(self, params):
        raise OperationalError("connection to server at db failed: Connection refused")
"""
AWAY = """
from configurations import values
from django.core.checks import Error, register


@register()
def reaches(**_):
    from django.db import connection

    try:
        connection.ensure_connection()
    except Exception as error:
        return [Error(f"Could not connect: {error}")]
    return []


class Away(Base):
    DATABASES = {
        "default": {
            "ENGINE": "codebase.away",
            "NAME": values.Value("shop", environ_name="SHOP_NAME", environ_prefix=None),
            "HOST": values.Value("db", environ_name="HOST_OF_SHOP"),
        }
    }


class Closed(Base):
    STATIC_ROOT = values.Value("/proc/static")


class Fixed(Base):
    STATIC_ROOT = "/proc/static"


class Asking(Base):
    PAYMENTS = values.Value(environ_required=True)
"""


class SettingsClass(EngineTest):
    def push(self, serves, more="", **variables):
        self.site.write("codebase/classes.py", f"{SETTINGS}{more}")
        self.site.write("codebase/away/__init__.py", "")
        self.site.write("codebase/away/base.py", BACKEND)
        self.site.write("manage.py", f"{STARTS.format('Development')}\n{MANAGE}")
        self.site.write("codebase/wsgi.py", f"{STARTS.format(serves)}\n{SERVES}")
        self.site.write("requirements.pip", f"{REQUIREMENTS}django-configurations==2.5.1\n")
        self.site.commit(f"Served with {serves}")
        self.site.configure(
            "settings", {"variables": {"ALLOWED_HOSTS": "localhost", **variables}, "secrets": ["SECRET_KEY"]}
        )
        return self.site.push()

    def language(self):
        """The setting, as a command of the project has it."""
        code = "from django.conf import settings; print(settings.LANGUAGE_CODE)"
        return self.site.deploy("run", "python", "manage.py", "shell", "-v", "0", "-c", code).split()[-1]

    def test_the_one_that_serves(self):
        said = self.good(self.push("Production"))
        self.assertIn("DJANGO_CONFIGURATION Production by codebase/wsgi.py", said)
        self.assertEqual(self.language(), "de")
        self.served()

    def test_one_for_development_is_asked_for(self):
        said = self.bad(self.push("Development"))
        self.assertIn("REFUSED at layout: which class of the settings? DJANGO_CONFIGURATION: manage.py sets ", said)
        self.assertIn("codebase/wsgi.py sets Development, which is for development", said)
        self.assertIn("`environment: { DJANGO_CONFIGURATION: Production }`. codebase.classes has Base, Prod", said)
        said = self.good(self.push("Development", DJANGO_CONFIGURATION="Staging"))
        self.assertNotIn("DJANGO_CONFIGURATION", said)
        self.assertEqual(self.language(), "de")
        self.served()

    def test_what_a_refusal_says_of_the_variables_of_its_values(self):
        for name, *reads in (
            (
                "Away",
                "default is the database shop of the account, at db.",
                "environment: { SHOP_NAME: ",
                "HOST_OF_SHOP",
            ),
            ("Closed", "`environment: { DJANGO_STATIC_ROOT: ${STATIC_ROOT} }` in the stack file"),
            (
                "Fixed",
                "`settings: codebase.site_settings`, `environment: { DJANGO_CONFIGURATION: Site }`",
                "import Fixed`, `class Site(Fixed):",
            ),
            ("Asking", "The settings ask for DJANGO_PAYMENTS.", "environment: { DJANGO_PAYMENTS: …"),
        ):
            with self.subTest(name=name):
                said = self.bad(self.push("Production", AWAY, DJANGO_CONFIGURATION=name))
                for each in reads:
                    self.assertIn(each, said)


if __name__ == "__main__":
    unittest.main()
