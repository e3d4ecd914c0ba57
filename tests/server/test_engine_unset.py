"""What is told of variables that are not set: the line to write."""

import os
import pwd
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.settings_test import SettingsTest

CONDITIONS = """
import os

class Env:
    def __init__(self, **scheme):
        self.scheme = scheme

    def __call__(self, name):
        return os.environ.get(name, self.scheme[name][1]) if name in self.scheme else os.environ[name]

env = Env(SHOP_DEBUG=(bool, False), SHOP_NO_DEFAULT=bool)
A = env("SHOP_DEBUG")
if os.environ.get("SHOP_MAIL_ON"):
    B = env("SHOP_MAIL")
if "SHOP_KEYFILE" in os.environ:
    C = env("SHOP_KEYFILE")
if os.environ.get("SHOP_URI"):
    D = env("SHOP_URI")
else:
    D = (env("SHOP_ENGINE"), env("SHOP_NAME"))
E = env("SHOP_BUCKET") if A else None
try:
    F = env("SHOP_TRIED")
except KeyError:
    F = None
G = env("SHOP_LAST")
"""
SETTINGS_MODEL = """
class ValidationError(ValueError):
    def errors(self):
        return [{"loc": ("SERVER",), "msg": "Either SERVER or HOST_NAME is required."}, {"loc": ("PORT",), "msg": "-"}]

class Field:
    def __init__(self, **about):
        self.__dict__.update(about)

class BaseModel:
    def __init__(self):
        raise ValidationError()

class BaseSettings(BaseModel):
    pass

class First(BaseSettings):
    named = [("SERVER", "shop_server"), ("HOST_NAME", "shop_host_name"), ("PORT", "DBPORT")]
    __fields__ = {name: Field(field_info=Field(extra={"env_names": {variable}})) for name, variable in named}

class Second(BaseSettings):
    model_config = {"env_prefix": "SHOP_"}
    model_fields = {"SERVER": Field(), "HOST_NAME": Field(), "PORT": Field(validation_alias="DBPORT")}

values = {}
values.get("SERVER")
values.get("HOST_NAME")
"""


class Unset(SettingsTest):
    def test_variables_that_are_not_set_are_told_all_at_once(self):
        lines = (
            'import os\n\nif os.environ.get("SHOP_OPEN", "1"):\n    A, B = os.environ["SHOP_A"], os.environ["SHOP_B"]\n'
        )
        said = self.said(lines)
        self.assertIn("REFUSED at django: KeyError: 'SHOP_A'", said)
        self.assertIn("codebase/urls.py reads what has no default.", said)
        self.assertIn("`environment: { SHOP_A: …, SHOP_B: … }`", said)

    def test_the_url_of_a_database_that_is_not_set(self):
        role = pwd.getpwuid(os.getuid()).pw_name
        said = self.said('import os\n\nA, B = os.environ["DATABASE_URL"], os.environ["SHOP_B"]\n')
        self.assertIn("`environment: { DATABASE_URL: …, SHOP_B: … }`", said)
        self.assertIn("DATABASE_URL is `postgres:///NAME` for PostgreSQL on the server itself: `packages:", said)
        self.assertIn(f"`createdb --owner {role} NAME`", said)
        self.assertIn("`sqlite:///${VAR_DIR}/db.sqlite3`", said)
        self.assertNotIn("postgres:///", self.said('import os\n\nB = os.environ["SHOP_B"]\n'))

    def test_variables_of_what_imports_the_settings_are_told_with_them(self):
        self.site.write("codebase/settings/part.py", 'import os\n\nfrom .test import *\n\nA = os.environ["SHOP_A"]\n')
        said = self.said("", text='from .part import *\n\nA = os.environ["SHOP_A"]\nB = os.environ["SHOP_B"]\n')
        self.assertIn("codebase/settings/part.py and codebase/settings/away.py read what has no default.", said)
        self.assertIn("`environment: { SHOP_A: …, SHOP_B: … }`", said)

    def test_a_variable_as_environs_names_it(self):
        environs = "import os\n\n\nclass EnvError(ValueError):\n    pass\n\n\ndef env(name):\n"
        missing = "    raise EnvError(f'Environment variable \"{name}\" not set')\n\n\n"
        said = self.said(f"{environs}{missing}A = env('SHOP_A')\nB = env('SHOP_B')\n")
        self.assertIn("`environment: { SHOP_A: …, SHOP_B: … }`", said)

    def test_a_variable_that_the_application_asks_for_in_its_own_words(self):
        for lines in (
            'if not os.getenv("SHOP_DB_NAME"):\n    raise ValueError("You must set SHOP_DB_NAME in THIS_PLACE.")\n',
            'KEY = os.environ.get("SHOP_DB_NAME")\nassert KEY, "SHOP_DB_NAME is not set, see SHOP_MANUAL"\n',
        ):
            with self.subTest(lines=lines):
                said = self.said(f"import os\n\n{lines}")
                self.assertIn(
                    "codebase/urls.py asks for SHOP_DB_NAME. Write it into the stack file: `environment: {", said
                )
                self.assertIn("`environment: { SHOP_DB_NAME: … }`", said)

    def test_a_variable_that_a_sentence_wants_to_be_set(self):
        for lines in (
            'raise ValueError("You must set a SHOP_DOMAIN!")\n',
            'import sys\n\nif sys.argv:\n    print("SHOP_DOMAIN must be set, see SHOP_MANUAL")\n    sys.exit(1)\n',
        ):
            with self.subTest(lines=lines):
                said = self.said(lines)
                self.assertIn("codebase/urls.py asks for SHOP_DOMAIN. Write it into the stack file", said)
                self.assertIn("`environment: { SHOP_DOMAIN: … }`", said)

    def test_a_name_that_is_a_setting_is_no_variable(self):
        said = self.said(
            "from django.conf import settings\n\n"
            'if not getattr(settings, "SHOP_DOMAIN", ""):\n    raise ValueError("You must set SHOP_DOMAIN")\n'
        )
        self.assertNotIn("asks for", said)

    def test_fields_of_a_settings_model_are_told_as_variables(self):
        for model in ("First", "Second"):
            with self.subTest(model=model):
                said = self.said(f"{SETTINGS_MODEL}\n{model}()\n")
                self.assertIn("codebase/urls.py asks for SHOP_SERVER and SHOP_HOST_NAME and DBPORT.", said)
                self.assertIn("`environment: { SHOP_SERVER: …, SHOP_HOST_NAME: …, DBPORT: … }`", said)

    def test_variables_under_a_condition_are_told_apart(self):
        said = self.said(CONDITIONS)
        self.assertIn("`environment: { SHOP_ENGINE: …, SHOP_NAME: …, SHOP_LAST: … }`", said)
        self.assertIn("Under a condition it reads SHOP_MAIL, SHOP_BUCKET, SHOP_TRIED too.", said)


if __name__ == "__main__":
    unittest.main()
