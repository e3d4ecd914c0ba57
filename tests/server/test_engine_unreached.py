"""What a database or a cache that can't be reached is told of: the setting, and the line to write."""

import os
import pwd
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.commands_test import CONFIG
from support.settings_test import CHECK, SETTINGS, SettingsTest

REFUSAL = """from django.db.utils import OperationalError

raise OperationalError('connection to server at "db.example.com", port 5432 failed: Connection refused')
"""
REDIS = """error = type("ConnectionError", (Exception,), {"__module__": "redis.exceptions"})

raise error("Error 111 connecting to localhost:6379. Connection refused.")
"""
NO_DATABASE = """import os

from .test import *  # noqa: F403

DATABASES = {}
DB = os.environ.get("SHOP_DB", default=None)
if DB and os.environ.get("SHOP_HOST"):
    DATABASES["default"] = {"ENGINE": "django.db.backends.postgresql", "NAME": DB}
"""
IN_MEMORY = """import os

from .test import *  # noqa: F403

URL = os.environ.get("SHOP_URL", "sqlite://:memory:")
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": URL.rpartition("/")[2]}}
"""
TABLE = """from .test import *

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cached"}}
MIGRATION_MODULES = {}
"""
UNSUPPLIED = """from django.core.exceptions import ImproperlyConfigured

raise ImproperlyConfigured("settings.DATABASES is improperly configured. Please supply the ENGINE value.")
"""


class Unreached(SettingsTest):
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

    def test_a_database_of_which_one_variable_says_all(self):
        # As Saleor's, whose settings name a role and a password by default.
        self.site.write("codebase/postgresql/__init__.py", "")
        self.site.write("codebase/postgresql/base.py", "from django.db.backends.dummy.base import *  # noqa: F403\n")
        text = "import os\n\nfrom .test import *\n\n"
        text += "def parsed(url):\n    return {'ENGINE': 'codebase.postgresql', 'NAME': 'shop', 'USER': 'shop', "
        text += "'HOST': 'localhost'}\n\n\nDATABASES = {'default': parsed(os.environ.get('DATABASE_URL', 'x'))}\n"
        said = self.said(REFUSAL, text=text)
        self.assertIn("`environment: { DATABASE_URL: … }`", said)
        self.assertIn("DATABASE_URL is `postgres:///NAME` for PostgreSQL on the server itself", said)

    def test_a_database_of_another_port(self):
        # As DefectDojo's: PostgreSQL's socket has the port in its name, and a number may not be left empty.
        read = ", ".join(f'"{key}": os.environ.get("SHOP_{key}", "db")' for key in ("NAME", "USER", "HOST"))
        text = 'import os\n\nfrom .test import *\n\nDATABASES = {"default": {"ENGINE": "django.db.backends.dummy", '
        for port, told in (("3306", ', SHOP_HOST: "", SHOP_PORT: 5432 }`'), ("5432", ', SHOP_HOST: "" }`')):
            with self.subTest(port=port):
                there = f'"PORT": int(os.environ.get("SHOP_PORT", "{port}"))'
                said = self.said(REFUSAL, text=f"{text}{read}, {there}}}}}\n")
                self.assertIn(f"{told} in the stack file, then", said)

    def test_a_database_whose_host_has_no_address(self):
        # As each driver says it, of a container's name for its database.
        for why in (
            'could not translate host name "db" to address: Name or service not known',
            "failed to resolve host 'db': [Errno -2] Name or service not known",
            "(2005, \"Unknown server host 'db' (-2)\")",
            "(2005, \"Unknown MySQL server host 'db' (-2)\")",
        ):
            with self.subTest(why=why):
                said = self.said(f"from django.db.utils import OperationalError\n\nraise OperationalError({why!r})\n")
                self.assertIn("default is the database shop of owner, at db.example.com.", said)

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
                "try:\n    with open(os.path.join(BASE_DIR, 'codebase', 'own.py')) as file:\n"
                "        exec(file.read(), globals())\nexcept OSError:\n    pass\n",
                "`files: { codebase/own.py: FILE }`, with DATABASES in it",
            ),
            (
                "OWN = os.path.join(os.path.dirname(__file__), 'here.py')\nif os.path.exists(OWN):\n"
                "    exec(open(OWN).read())\n",
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
        said = self.said("from django.core.cache import cache\n\ncache.get('x')", text=TABLE)
        self.assertIn("codebase/settings/away.py:3: the cache default is the table cached", said)
        self.assertIn("`first: [python manage.py createcachetable]`", said)

    def test_the_table_of_a_cache_is_told_before_the_migrations(self):
        self.site.write("codebase/settings/away.py", TABLE)
        self.site.commit("With a cache that no page asks for")
        self.addCleanup(self.given, {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"})
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.settings.away", "ALLOWED_HOSTS": "localhost"})
        told = "codebase/settings/away.py:3: the cache default is the table cached, which no migration makes."
        self.assertIn(told, self.good(self.site.push()))
        self.addCleanup(self.site.configure, "deploy", CONFIG)
        self.site.configure("deploy", {**CONFIG, "release": ["python manage.py createcachetable --dry-run"]})
        self.site.release("with a command that makes it")
        self.assertNotIn(told, self.good(self.site.push()))

    def test_a_command_of_the_stack_that_meets_it(self):
        for step, settings, told in (
            ("release", TABLE, "away.py:3: the cache default is the table cached"),
            # Before the project is asked at all.
            ("build", "import os\n\nfrom .test import *\n\nSHOP = os.environ['SHOP_KEY']\n", "SHOP_KEY: "),
        ):
            with self.subTest(step):
                command = "python manage.py shell -c 'from django.core.cache import cache; cache.clear()'"
                self.addCleanup(self.site.configure, "deploy", CONFIG)
                self.site.configure("deploy", {**CONFIG, step: [command]})
                said = self.said("", text=settings)
                self.assertIn(f"REFUSED at {step}: `python manage.py shell", said)
                self.assertIn(told, said)

    def test_a_setting_that_the_settings_lack_and_the_environment_has(self):
        lines = "from django.core.exceptions import ImproperlyConfigured\n\n"
        lines += "raise ImproperlyConfigured('SHOP_ROOT defaults to STATIC_ROOT, please define either')\n"
        text = "import os\n\nDEBUG = False\nROOT_URLCONF = 'codebase.urls'\nSECRET_KEY = os.environ['SECRET_KEY']\n"
        own = "try:\n    from .here import *\nexcept ImportError:\n    pass\n"
        for more, says in (
            ("", "Lay a settings module of your own into the tree: `settings: codebase.settings.site_settings` and"),
            (own, 'Write files: { codebase/settings/here.py: FILE }, with STATIC_ROOT = "${STATIC_ROOT}" in it'),
            ("STATIC_ROOT = '/srv/static'\n", ""),
        ):
            with self.subTest(more=more):
                said = self.said(lines, text=f"{text}{more}")
                about = (
                    "codebase/settings/away.py sets no STATIC_ROOT, and the environment has a variable of that name."
                )
                self.assertEqual(about in said, bool(says), said)
                self.assertIn(says, said)

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
        self.assertIn("codebase/settings/away.py:1: SHOP_FOLDER is of the variable SHOP_DIR. Write", said)
        self.assertIn("`environment: { SHOP_DIR: … }`", said)
        self.assertNotIn("Write", self.said("", text=f"SHOP_FOLDER = None\n{check}"))

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

    def test_another_error_is_left_alone(self):
        said = self.said("raise RuntimeError('shop is closed')")
        self.assertIn("REFUSED at django: RuntimeError: shop is closed", said)
        self.assertNotIn("stack file", said)


if __name__ == "__main__":
    unittest.main()
