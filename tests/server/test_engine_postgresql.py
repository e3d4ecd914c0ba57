"""Migrations on PostgreSQL: what a refused push leaves, copies by pg_dump, and restoring one."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.migrating import ADD, NO_REVERSE, MigratingTest
from support.postgresql import PostgreSQL
from support.site import Site

ANYWAY = ("-o", "migrate=anyway", "HEAD:main")


class OnPostgreSQL(MigratingTest):
    @classmethod
    def setUpClass(cls):
        cls.server = PostgreSQL()
        cls.addClassCleanup(cls.server.close)
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        # Before anything of the database is there.
        cls.prepare()

    @classmethod
    def prepare(cls):
        cls.site.write(
            "codebase/settings/postgresql.py",
            "import os\n\nfrom .test import *\n\nDATABASES = {\n"
            '    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "site", '
            f'"HOST": "{cls.server.folder}", "USER": "{cls.server.user}", '
            '"PASSWORD": os.environ["DATABASE_PASSWORD"]}\n}\n',
        )
        with open(os.path.join(cls.site.clone, "requirements.pip"), "a", encoding="utf-8") as file:
            file.write("psycopg[binary]==3.2.13\n")
        variables = {"DJANGO_SETTINGS_MODULE": "codebase.settings.postgresql", "ALLOWED_HOSTS": "localhost"}
        cls.site.configure("settings", {"variables": variables, "secrets": ["SECRET_KEY", "DATABASE_PASSWORD"]})
        cls.site.configure("secrets", {"SECRET_KEY": "of a test", "DATABASE_PASSWORD": cls.server.password})
        cls.site.commit("On PostgreSQL")

    def setUp(self):
        self.server.ask("DROP DATABASE IF EXISTS site WITH (FORCE)", "postgres")
        self.server.ask("CREATE DATABASE site", "postgres")
        self.start = self.site.git("rev-parse", "HEAD")
        self.addCleanup(self.back)

    def back(self):
        self.site.wait_for_rest()
        self.site.git("reset", "--quiet", "--hard", self.start)

    def ask(self, statement, name="site"):
        return [tuple(line.split("|")) for line in self.server.ask(statement, name)]

    def change(self, statement):
        self.server.ask(statement)

    def columns(self, table="pages_entry", name="site"):
        found = self.ask(f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'")
        return sorted(name for (name,) in found)

    def applied(self, name="site"):
        return [name for (name,) in self.ask("SELECT name FROM django_migrations WHERE app = 'pages' ORDER BY id")]

    def first(self):
        self.site.release("first")
        self.good(self.site.push("--force", "HEAD:main"))
        self.site.wait_for_rest()
        self.change("INSERT INTO pages_entry (name, text, written_at) VALUES ('one', 'kept', now())")

    def test_a_first_push_that_is_refused_says_what_is_left_and_why(self):
        self.migration("0002_mood", ADD.replace("{name}", "mood"))
        self.migration("0003_data", NO_REVERSE, after="0002_mood")
        self.migration("0004_colour", ADD.replace("{name}", "colour"), after="0003_data")
        self.broken()
        self.site.release("first, broken")
        said = self.bad(self.site.push("--force", "HEAD:main"))
        self.assertIn("left in the database: pages.0001_entry, pages.0002_mood, pages.0003_data.", said)
        self.assertIn("pages.0003_data: RunPython has no reverse", said)
        self.assertEqual(self.applied(), ["0001_entry", "0002_mood", "0003_data"])
        self.assertIn("pages.0003_data", self.status())
        self.mended()
        self.site.release("mended")
        self.good(self.site.push("--force", "HEAD:main"))
        self.site.wait_for_rest()
        self.assertNotIn("left", self.status())

    def test_a_copy_by_pg_dump_is_named_and_brings_all_back(self):
        self.first()
        self.without_text()
        self.migration(
            "0003_other",
            'migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True)), '
            '("entry", models.ForeignKey("pages.Entry", models.CASCADE))])',
            after="0002_no_text",
        )
        self.broken()
        self.site.release("without text, broken")
        said = self.bad(self.site.push(*ANYWAY))
        (name,) = re.findall(r"copy +\d+\.\d\d s  (\S+)", said)
        self.assertNotIn(self.server.password, said)
        self.assertEqual(self.ask("SELECT text FROM pages_entry"), [("kept",)])
        self.change("DELETE FROM pages_entry")
        self.site.deploy("restore", name)
        self.assertEqual(self.ask("SELECT text FROM pages_entry"), [("kept",)])
        self.mended()
        self.site.release("without text")
        said = self.good(self.site.push(*ANYWAY))
        (name,) = re.findall(r"copy +\d+\.\d\d s  (\S+)", said)
        # With a table that came since and refers to what the copy has.
        self.site.deploy("restore", name)
        self.assertEqual(self.ask("SELECT text FROM pages_entry"), [("kept",)])
        self.assertEqual(self.ask("SELECT to_regclass('pages_other') IS NULL"), [("t",)])

    def test_each_kind_of_what_goes_comes_back(self):
        self.first()
        self.each_kind_comes_back()

    def test_two_names_of_one_database_and_one_that_can_only_be_read(self):
        self.first()
        self.server.ask("CREATE ROLE reader LOGIN PASSWORD 'of a test''s database'", "postgres")
        self.addCleanup(self.server.ask, "DROP ROLE reader", "postgres")
        self.server.ask("CREATE DATABASE other", "postgres")
        self.addCleanup(self.server.ask, "DROP DATABASE other WITH (FORCE)", "postgres")
        path = os.path.join(self.site.clone, "codebase", "settings", "postgresql.py")
        with open(path, "a", encoding="utf-8") as file:
            file.write(
                'DATABASES["replica"] = {**DATABASES["default"], "PORT": "5432"}\n'
                'DATABASES["reader"] = {**DATABASES["default"], "NAME": "other", "USER": "reader"}\n'
            )
        self.migration("0002_mood", ADD.replace("{name}", "mood"))
        self.site.release("several")
        said = self.good(self.site.push())
        self.assertIn("The database reader is not migrated: it can only be read", said)
        self.assertNotIn("(database replica)", said)
        self.assertIn("mood", self.columns())


if __name__ == "__main__":
    unittest.main()
