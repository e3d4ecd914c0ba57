"""What a database or a cache that can't be reached is told of: the setting, and the line to write."""

import os
import pwd
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import RestoredTest

SETTINGS = """import os

from .test import *  # noqa: F403
from .test import BASE_DIR

QUEUE = {"storage": {"filename": os.path.join(BASE_DIR, "queue", "tasks.sqlite3")}}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.dummy",
        "NAME": "shop",
        "USER": "owner",
        "HOST": os.environ.get("SHOP_DB", "db.example.com"),
        "PASSWORD": "not to be said",
    }
}
if "DATABASES" not in locals():
    DATABASES = {}
if os.environ.get("SHOP_ON_CI"):
    DATABASES = {"default": {"ENGINE": "django.db.backends.dummy", "NAME": "ci", "HOST": "127.0.0.1"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache", "LOCATION": os.environ["SHOP_CACHE"]}}
"""
CHECK = """import os

from django.core.checks import Error, register

from .test import *  # noqa: F403


@register()
def shop(**_):
    return [Error(f"{}", hint="See SHOP_MANUAL.", id="shop.E001")]
"""
URLS = """from django.urls import path

from pages import views

urlpatterns = [path("", views.index, name="index"), path("health", views.health, name="health")]
"""
REFUSAL = """from django.db.utils import OperationalError

raise OperationalError('connection to server at "db.example.com", port 5432 failed: Connection refused')
"""
REDIS = """error = type("ConnectionError", (Exception,), {"__module__": "redis.exceptions"})

raise error("Error 111 connecting to localhost:6379. Connection refused.")
"""
SQLITE = """import sqlite3

from django.conf import settings

sqlite3.connect(settings.QUEUE["storage"]["filename"])
"""


# As Mathesar's, whose models are PostgreSQL's.
NO_DATABASE = """import os

from .test import *  # noqa: F403

DATABASES = {}
DB = os.environ.get("SHOP_DB", default=None)
if DB and os.environ.get("SHOP_HOST"):
    DATABASES["default"] = {"ENGINE": "django.db.backends.postgresql", "NAME": DB}
"""
# As django CMS's quickstart, whose fallback is for a build of its image.
IN_MEMORY = """import os

from .test import *  # noqa: F403

URL = os.environ.get("SHOP_URL", "sqlite://:memory:")
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": URL.rpartition("/")[2]}}
"""
UNSUPPLIED = """from django.core.exceptions import ImproperlyConfigured

raise ImproperlyConfigured("settings.DATABASES is improperly configured. Please supply the ENGINE value.")
"""
# What is read where, as in the settings of public applications; `env` stands for django-environ's.
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


# As pydantic's, of both of its versions.
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


class Unreached(RestoredTest):
    def said(self, lines, text=SETTINGS, settings="away"):
        self.site.write("codebase/settings/away.py", text)
        self.site.write("codebase/urls.py", f"{lines}\n{URLS}")
        self.site.commit(f"With {settings}")
        usual = {"ALLOWED_HOSTS": "localhost", "SHOP_CACHE": "redis://localhost"}
        self.addCleanup(self.given, {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"})
        self.given({"DJANGO_SETTINGS_MODULE": f"codebase.settings.{settings}", **usual})
        return self.bad(self.site.push())

    def given(self, variables):
        self.site.configure("settings", {"variables": variables, "secrets": ["SECRET_KEY"]})

    def test_a_database(self):
        said = self.said(REFUSAL)
        self.assertIn("codebase/settings/away.py:7: default is the database shop of owner, at db.example.com.", said)
        self.assertIn("`environment: { SHOP_DB: … }`", said)
        self.assertNotIn("not to be said", said)
        self.assertIn(
            "by `createuser --pwprompt owner` and `createdb --owner owner shop` of the account postgres", said
        )
        role = pwd.getpwuid(os.getuid()).pw_name
        text = "from .test import *\n\nDATABASES = {'default': {'ENGINE': 'django.db.backends.dummy', 'NAME': 'a b'}}\n"
        self.assertIn(f"`createuser {role}` and `createdb --owner {role} 'a b'`", self.said(REFUSAL, text=text))

    def test_a_database_of_a_container_s_own_host(self):
        # As django-helpdesk's, of which each part is a variable.
        role = pwd.getpwuid(os.getuid()).pw_name
        parts = {"NAME": "postgres", "USER": "postgres", "PASSWORD": "postgres", "HOST": "db"}
        read = ", ".join(f'"{key}": os.environ.get("SHOP_{key}", "{has}")' for key, has in parts.items())
        text = 'import os\n\nfrom .test import *\n\nDATABASES = {"default": {"ENGINE": "django.db.backends.dummy", '
        said = self.said(REFUSAL, text=f"{text}{read}}}}}\n")
        line = f'SHOP_NAME: {role}, SHOP_USER: {role}, SHOP_PASSWORD: "", SHOP_HOST: ""'
        self.assertIn(f"`packages: [postgresql]` and `environment: {{ {line} }}` in the stack file, then", said)
        self.assertIn(f"`createuser {role}` and `createdb --owner {role} {role}` of the account postgres there.", said)
        self.assertIn(
            "For another: `environment: { SHOP_NAME: …, SHOP_USER: …, SHOP_PASSWORD: …, SHOP_HOST: … }`", said
        )

    def test_a_database_of_which_nothing_is_named(self):
        # As shynet's: by the socket its name is enough, and without one Django takes that of the account postgres.
        role = pwd.getpwuid(os.getuid()).pw_name
        read = ", ".join(f'"{key}": os.environ.get("SHOP_{key}")' for key in ("NAME", "USER", "PASSWORD", "HOST"))
        text = 'import os\n\nfrom .test import *\n\nDATABASES = {"default": {"ENGINE": "django.db.backends.dummy", '
        said = self.said(REFUSAL, text=f"{text}{read}}}}}\n")
        self.assertIn(f"`packages: [postgresql]` and `environment: {{ SHOP_NAME: {role} }}` in the stack file", said)
        self.assertIn(f"`createuser {role}` and `createdb --owner {role} {role}` of the account postgres there.", said)

    def test_a_database_of_another_kind(self):
        # Django's own asks for its driver first, which is not installed here.
        self.site.write("codebase/mysql/__init__.py", "")
        self.site.write("codebase/mysql/base.py", "from django.db.backends.dummy.base import *  # noqa: F403\n")
        text = "from .test import *\n\n"
        text += "DATABASES = {'default': {'ENGINE': 'codebase.mysql', 'NAME': 'shop', 'USER': 'x'}}\n"
        role = pwd.getpwuid(os.getuid()).pw_name
        for user, how in (("x", "BY 'PASSWORD'"), (role, "VIA unix_socket")):
            said = self.said(REFUSAL, text=text.replace("'x'", repr(user)))
            self.assertIn(
                "`packages: [mariadb-server]` in the stack file by `CREATE DATABASE shop; CREATE USER "
                f"{user}@localhost IDENTIFIED {how}; GRANT ALL ON shop.* TO {user}@localhost` in root's `mariadb`",
                said,
            )

    def test_a_database_that_a_variable_would_replace(self):
        usual = 'DATABASES = {"default": {"ENGINE": "django.db.backends.dummy", "NAME": "shop"}}\n'
        for lines, says in (
            ('if "SHOP_URL" in os.environ:\n    DATABASES["default"] = 1\n', "`environment: { SHOP_URL: … }`; what is"),
            (
                'USER = os.getenv("SHOP_USER")\nif USER:\n    DATABASES["default"] = [USER, os.environ["SHOP_PW"]]\n',
                "`environment: { SHOP_USER: …, SHOP_PW: … }`; what is",
            ),
            ('if os.environ.get("CI"):\n    DATABASES["default"] = env.db()\n', "`environment: { DATABASE_URL: … }`"),
            (
                "try:\n    from .here import *\nexcept ImportError:\n    pass\n",
                "`files: { codebase/settings/here.py: FILE }`, with DATABASES in it",
            ),
            (
                "",
                "lay a settings module of your own into the tree: `settings: codebase.settings.site_settings` and "
                "`files: { codebase/settings/site_settings.py: FILE }`, with `from codebase.settings.away import *` "
                "and DATABASES.",
            ),
        ):
            with self.subTest(lines=lines):
                said = self.said(REFUSAL, text=f"import os\n\nfrom .test import *\n\n{usual}{lines}")
                self.assertIn("codebase/settings/away.py:5: default is the database shop of the account", said)
                self.assertIn(says, said)

    def test_a_driver_of_a_database_that_a_variable_would_replace(self):
        lines = (
            "from django.core.exceptions import ImproperlyConfigured\n\n"
            "raise ImproperlyConfigured('Error loading MySQLdb module.')\n"
        )
        text = "import os\n\nfrom .test import *\n\nURL = os.environ.get('SHOP_URL')\n"
        text += "DATABASES = {'default': {'ENGINE': 'django.db.backends.dummy', 'NAME': URL}}\n"
        said = self.said(lines, text=text)
        self.assertIn("codebase/settings/away.py:6: default is a database of dummy. Where another is meant,", said)
        self.assertIn("`environment: { SHOP_URL: … }`.", said)

    def test_no_key(self):
        lines = "from django.conf import settings\n\nassert settings.SECRET_KEY\n"
        said = self.said(lines, text='from .test import *\n\nSECRET_KEY = ""\n')
        self.assertIn("codebase/settings/away.py:3: SECRET_KEY is empty. Write settings: codebase.settings.prod", said)

    def test_the_table_of_a_cache(self):
        text = (
            "from .test import *\n\nCACHES = {'default': {'BACKEND': 'django.core.cache.backends.db.DatabaseCache', "
            "'LOCATION': 'cached'}}\nMIGRATION_MODULES = {}\n"
        )
        said = self.said("from django.core.cache import cache\n\ncache.get('x')", text=text)
        self.assertIn("codebase/settings/away.py:3: the cache default is the table cached", said)
        self.assertIn("`first: [python manage.py createcachetable]`", said)

    def test_each_variable_of_a_database(self):
        text = SETTINGS.replace('"shop"', 'os.environ.get("SHOP_NAME")')
        said = self.said('raise type("OperationalError", (Exception,), {})("connection is bad: No such file")', text)
        self.assertIn("codebase/settings/away.py:7: default is the database of no name of owner", said)
        self.assertIn("; and name it in the stack file: `environment: { SHOP_NAME: …, SHOP_DB: … }`", said)

    def test_a_database_that_no_variable_names(self):
        text = "from configparser import ConfigParser\n\nfrom .test import *\n\nparser = ConfigParser()\n"
        text += 'DATABASES = {"default": {"ENGINE": "django.db.backends.dummy", "NAME": "shop", "HOST": HAS}}\n'
        own = "lay a settings module of your own into the tree: `settings: codebase.settings.site_settings`"
        asked = "the settings get it by `{}`, so give it there, or "
        for host, said in (
            ("'db.example.com'", "the settings read no variable for it, so "),
            ("parser.get('database', 'host', fallback='db.example.com')", asked),
            ("dict(host='db.example.com')['host']", asked),
        ):
            with self.subTest(host=host):
                told = self.said(REFUSAL, text.replace("HAS", host))
                self.assertIn(f"{said.format(host)}{own}", told)

    def test_a_cache(self):
        said = self.said(REDIS)
        self.assertIn("codebase/settings/away.py:20 names a Redis that does not answer.", said)
        self.assertIn("packages: [redis-server]", said)
        self.assertIn("`environment: { SHOP_CACHE: … }`", said)

    def test_a_cache_that_a_visitor_would_find_first(self):
        self.site.write(
            "codebase/away.py",
            "from django.core.cache.backends.locmem import LocMemCache\n\n\nclass Cache(LocMemCache):\n"
            "    def get(self, *_, **__):\n" + "".join(f"        {line}\n" for line in REDIS.splitlines() if line),
        )
        away = "import os\n\nfrom .test import *\n\n"
        away += "CACHES = {'default': {'BACKEND': 'codebase.away.Cache', 'LOCATION': os.environ['SHOP_CACHE']}}\n"
        said = self.said("", text=f"{away}SESSION_ENGINE = 'django.contrib.sessions.backends.cache'\n")
        self.assertIn("REFUSED at django: redis.exceptions.ConnectionError: Error 111", said)
        self.assertIn("codebase/settings/away.py:5 names a Redis that does not answer.", said)
        # Without sessions in it, the application may do without.
        self.site.write("codebase/settings/away.py", away)
        self.site.commit("Sessions elsewhere")
        said = self.good(self.site.push())
        self.assertIn("the cache default does not answer, so pages that use it fail: ConnectionError: Error 111", said)
        self.assertIn("codebase/settings/away.py:5 names a Redis", said)

    def test_a_cache_without_an_address(self):
        # As django-redis says it, in settings that django-split-settings puts together.
        self.site.write(
            "codebase/away.py",
            "from django.core.cache.backends.locmem import LocMemCache\n"
            "from django.core.exceptions import ImproperlyConfigured\n\n\nclass Cache(LocMemCache):\n"
            "    def get(self, *_, **__):\n        raise ImproperlyConfigured('Missing connections string')\n",
        )
        self.site.write(
            "codebase/settings/part.py",
            "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'\nif os.environ.get('SHOP_CLOUD'):\n"
            "    URL = os.environ.get('SHOP_CLOUD')\nelse:\n    URL = os.environ.get('SHOP_REDIS')\n"
            "CACHES = {'default': {'BACKEND': 'codebase.away.Cache', 'LOCATION': URL}}\n",
        )
        split = "import os\n\nfrom .test import *\n\npart = os.path.join(os.path.dirname(__file__), 'part.py')\n"
        split += "__included_files__ = [part]\nexec(compile(open(part).read(), part, 'exec'))\n"
        said = self.said("", text=split)
        self.assertIn("codebase/settings/part.py:6: the cache default has no LOCATION.", said)
        self.assertIn("`environment: { SHOP_REDIS: … }`", said)

    def test_a_cache_that_says_nothing(self):
        lines = "from greenpush_django import caches\n\ncaches.PATIENCE = 0.1\n"
        self.site.write(
            "codebase/away.py",
            "import time\n\nfrom django.core.cache.backends.locmem import LocMemCache\n\n\nclass Cache(LocMemCache):\n"
            "    def get(self, *_, **__):\n        time.sleep(60)\n",
        )
        text = "from .test import *\n\nCACHES = {'default': {'BACKEND': 'codebase.away.Cache'}}\n"
        text += "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'\n"
        self.assertIn("TimeoutError: no answer within 0.1 s", self.said(lines, text=text))

    def test_a_database_that_wants_a_password(self):
        role = pwd.getpwuid(os.getuid()).pw_name
        for why in ("fe_sendauth: no password supplied", "FATAL: Peer authentication failed"):
            said = self.said(REFUSAL.replace("Connection refused", why))
            self.assertIn("By PostgreSQL's socket, without a host, the site needs no password", said)
            self.assertIn(f"as the role {role} and no other.", said)
        self.assertNotIn("socket, without", self.said(REFUSAL))

    def test_a_setting_that_a_check_names(self):
        check = CHECK.format("SHOP_FOLDER is not set.")
        said = self.said("", text=f"SHOP_FOLDER = __import__('os').getenv('SHOP_DIR')\n{check}")
        self.assertIn("codebase/settings/away.py:1: SHOP_FOLDER is of SHOP_DIR. Write", said)
        self.assertIn("`environment: { SHOP_DIR: … }`", said)
        self.assertNotIn("Write", self.said("", text=f"SHOP_FOLDER = None\n{check}"))

    def test_a_folder_of_var_that_is_not_there(self):
        for lines, text in (
            ("", CHECK.format("FOLDER ('{os.environ['VAR_DIR']}/a/b') is no folder.")),
            ("import os\n\nopen(os.environ['VAR_DIR'] + '/a/b/shop.log', 'a')\n", CHECK.partition("@")[0]),
        ):
            with self.subTest(lines=lines):
                self.assertIn("`build: [mkdir -p $VAR_DIR/a/b]` in the stack file.", self.said(lines, text=text))

    def test_the_folder_of_a_sqlite_database(self):
        said = self.said(SQLITE)
        self.assertIn(
            "codebase/settings/away.py:6: QUEUE names tasks.sqlite3 in the folder queue, which the tree", said
        )
        self.assertIn("Write `shared: [queue]` into the stack file", said)

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

    def test_folders_and_files_that_the_tree_does_not_have(self):
        for lines, what in (
            (
                "import logging\n\nlogging.FileHandler('own/logs/shop.log')",
                "no folder own/logs. Write `shared: [own/logs]`",
            ),
            ("open('/etc/no-such/file').close()", None),
            ("import os\n\nopen(os.path.abspath('codebase/own.json')).close()", "`files: { codebase/own.json: FILE }`"),
            (
                "import os\n\nfrom django.core.management.base import SystemCheckError\n\n"
                "raise SystemCheckError('HINT: Create a directory at ' + os.path.abspath('consume') + '\\n\\nMore.')",
                "no folder consume. Write `shared: [consume]`",
            ),
        ):
            with self.subTest(lines=lines):
                said = self.said(f"{lines}\n")
                self.assertEqual("The tree has" in said, what is not None, said)
                self.assertIn(what or "No such file", said)

    def test_a_file_that_variables_have_settings_take(self):
        # As the settings of Tabbycat, where django-split-settings opens the files; and as others import one.
        self.site.write("codebase/settings/own.example", "")
        text = (
            "import os\n\nfrom .test import *\n\nif os.environ.get('SHOP_A'):\n    part = 'other.py'\n"
            "elif 'SHOP_B' in os.environ:\n    part = 'more.py'\nelse:\n    part = 'own.py'\n"
            "if os.environ.get('SHOP_C'):\n    DEBUG = True\n"
            "raise OSError(f'No such file: {os.path.dirname(os.path.abspath(__file__))}/{part}')\n"
        )
        said = self.said("", text=text)
        self.assertIn("REFUSED at django: OSError: No such file: ", said)
        self.assertIn("made from codebase/settings/own.example: `files: { codebase/settings/own.py: FILE }`", said)
        chosen = "codebase/settings/away.py takes another where a variable says so: `environment: { SHOP_A: …"
        self.assertIn(f"{chosen}, SHOP_B: … }}`", said)
        said = self.said("", text="import os\n\nif not os.environ.get('SHOP_A'):\n    from .own import *\n")
        self.assertIn("`files: { codebase/settings/own.py: FILE }`", said)
        self.assertIn(f"{chosen} }}`", said)
        self.assertNotIn("takes another", self.said("", text="from .own import *\n"))

    def test_what_a_build_makes(self):
        text = "import os\n\nfrom .test import *\n\nSTATICFILES_DIRS = [os.path.join(BASE_DIR, 'made')]\n"
        # As Django's finder did until its version 4.
        lines = "import os\n\nos.scandir(os.path.abspath('made'))\n"
        said = self.said(lines, text=text)
        self.assertIn("The tree has no made, which STATICFILES_DIRS names. Commit it; what the application makes", said)
        self.assertNotIn("DEBUG is True", said)
        self.site.write("ui/package.json", '{"scripts": {"build": "true"}}')
        self.site.write("ui/package-lock.json", "{}")
        said = self.said(lines, text=f'{text}DEBUG = os.environ.get("SHOP_DEBUG") != "0"\n')
        self.assertIn("`build: [{ run: npm ci, in: ui }, { run: npm run build, in: ui }]`", said)
        for scripts, run in (('"build:css": "x"', "npm run build:css"), ('"build:a": "x", "build:b": "x"', "…")):
            self.site.write("ui/package.json", f'{{"scripts": {{"watch": "x", {scripts}}}}}')
            self.assertIn(f"{{ run: {run}, in: ui }}]`", self.said(lines, text=text))
        self.assertIn("DEBUG is True (codebase/settings/away.py:6)", said)
        self.assertIn('environment: { SHOP_DEBUG: "0" }', said)

    def test_packages_of_node_are_for_a_build(self):
        for file, text, top, step in (
            ("package-lock.json", "", "", "npm ci"),
            ("front/yarn.lock", "# yarn lockfile v1\n", "front/", "{ run: yarn install --frozen-lockfile, in: front }"),
            ("front/yarn.lock", "__metadata:\n", "front/", "{ run: yarn install --immutable, in: front }"),
        ):
            with self.subTest(step=step):
                self.site.write(file, text)
                said = self.said(f"import os\n\nos.listdir(os.path.abspath('{top}node_modules/shop'))\n")
                self.assertIn(f"The tree has no {top}node_modules: each release is to have it made.", said)
                self.assertIn(f"Write `build: [{step}]` into the stack file.", said)
        said = self.said(
            "import os\n\nos.environ['PATH'] = '/no/npm'\nos.listdir(os.path.abspath('front/node_modules/shop'))\n"
        )
        self.assertIn("""in: front }]` and `node: "22"` (or what the project asks for) into the stack file.""", said)

    def test_settings_without_a_database(self):
        said = self.said(UNSUPPLIED, text=NO_DATABASE)
        self.assertIn("codebase/settings/away.py:5: DATABASES names no database.", said)
        self.assertIn("`environment: { SHOP_DB: …, SHOP_HOST: … }`", said)

    def test_a_database_without_a_name(self):
        # Read by names of the settings' own, as Mataroa does; PostgreSQL's backend says it so.
        text = (
            "import os\nfrom urllib.parse import urlparse\n\nfrom .test import *\n\n"
            "url = os.getenv('SHOP_DATABASE_URL', '')\nurl = urlparse(url)\nname = url.path[1:]\n"
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.dummy', 'NAME': name, 'HOST': url.hostname}}\n"
        )
        lines = UNSUPPLIED.replace("the ENGINE value", "the NAME or OPTIONS['service'] value")
        said = self.said(lines, text=text)
        self.assertIn("codebase/settings/away.py:9: the database default, of dummy, has no NAME.", said)
        self.assertIn("`environment: { SHOP_DATABASE_URL: … }`", said)
        self.assertIn("SHOP_DATABASE_URL is `postgres:///NAME`", said)

    def test_a_database_that_belongs_to_another(self):
        role = pwd.getpwuid(os.getuid()).pw_name
        lines = "raise RuntimeError('Unable to create the table (permission denied for schema public')"
        text = (
            "import os\n\nfrom .test import *\n\nDATABASES = {'default': {'ENGINE': 'django.db.backends.dummy',"
            " 'NAME': os.environ.get('SHOP_DB'), 'HOST': os.environ.get('SHOP_HOST')}}\n"
        )
        said = self.said(lines, text=text)
        self.assertIn("away.py:5: the database default has no NAME, so PostgreSQL takes postgres", said)
        self.assertIn(
            f"`environment: {{ SHOP_DB: … }}`; what is secret goes into `secrets`. `createdb --owner {role}", said
        )
        said = self.said(lines, text=text.replace("os.environ.get('SHOP_DB')", "'shop'"))
        self.assertIn("the database shop belongs to another role. On the server, as the account postgres: `", said)
        self.assertIn(f'`psql -c \'ALTER DATABASE "shop" OWNER TO "{role}"\'`', said)

    def test_a_database_in_memory(self):
        said = self.said("", text=IN_MEMORY)
        self.assertIn("codebase/settings/away.py:6: the database default is in memory: it has no tables", said)
        self.assertIn("`environment: { SHOP_URL: sqlite:///${VAR_DIR}/db.sqlite3 }`", said)
        self.assertIn("no such table", said)

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

    def test_another_error_is_left_alone(self):
        said = self.said("raise RuntimeError('shop is closed')")
        self.assertIn("REFUSED at django: RuntimeError: shop is closed", said)
        self.assertNotIn("stack file", said)


if __name__ == "__main__":
    unittest.main()
