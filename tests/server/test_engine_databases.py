"""Projects with several databases: each is planned, migrated, guarded and undone. Foreign tables are left alone."""

import os
import stat
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.migrating import ADD, MigratingTest

SETTINGS = "codebase/settings/common.py"
APP = {
    "notes/__init__.py": "",
    "notes/migrations/__init__.py": "",
    "notes/models.py": "from django.db import models\n\n\nclass Note(models.Model):\n    text = models.TextField()\n",
    "notes/migrations/0001_initial.py": """from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Note",
            [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())],
        ),
    ]
""",
}
ROUTER = """

class Router:
    def db_for_read(self, model, **hints):
        return "second" if model._meta.app_label == "notes" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (app_label == "notes") == (db == "second")
"""


class SeveralDatabases(MigratingTest):
    def back(self):
        super().back()
        for name in ("second.sqlite3", "foreign.sqlite3"):
            if os.path.exists(self.database(name)):
                os.chmod(self.database(name), 0o600)
                os.unlink(self.database(name))

    def second(self, *more, router=True, name="second.sqlite3"):
        """An application whose models are in a second database."""
        for path, text in APP.items():
            self.site.write(path, text)
        self.edit(SETTINGS, '    "pages",\n', '    "pages",\n    "notes",\n')
        entry = '{"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "%s"}'
        lines = [f'DATABASES["second"] = {entry % name}', *more]
        if router:
            self.site.write("codebase/routers.py", ROUTER)
            lines.append('DATABASE_ROUTERS = ["codebase.routers.Router"]')
        path = os.path.join(self.site.clone, SETTINGS)
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(lines) + "\n")

    def tables(self, name):
        return {row[0] for row in self.ask("SELECT name FROM sqlite_master WHERE type = 'table'", name)}

    def test_each_gets_what_its_router_gives_it(self):
        self.second()
        self.site.release("two databases")
        said = self.good(self.site.push())
        self.assertIn("notes.0001_initial (database second)", said)
        self.assertIn("notes_note", self.tables("second.sqlite3"))
        self.assertNotIn("notes_note", self.tables("db.sqlite3"))
        self.assertNotIn("pages_entry", self.tables("second.sqlite3"))
        self.site.release("again")
        self.assertIn("no migrations to apply", self.good(self.site.push()))

    def test_a_refused_push_is_undone_in_each(self):
        self.second()
        self.migration("0002_mood", ADD.replace("{name}", "mood"))
        self.broken()
        self.site.release("two databases, broken")
        said = self.bad(self.site.push())
        self.assertIn("undone: ", said)
        self.assertIn("nothing was changed", said)
        self.assertNotIn("notes_note", self.tables("second.sqlite3"))
        self.assertNotIn("mood", self.columns())

    def test_rows_of_the_second_are_guarded_too(self):
        self.second()
        self.site.release("two databases")
        self.good(self.site.push())
        self.change("INSERT INTO notes_note (text) VALUES ('kept')", "second.sqlite3")
        self.site.write(
            "notes/migrations/0002_gone.py",
            "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
            '    dependencies = [("notes", "0001_initial")]\n    operations = [migrations.DeleteModel("Note")]\n',
        )
        self.site.write("notes/models.py", "")
        self.site.release("without notes")
        said = self.bad(self.site.push())
        self.assertIn("notes.0002_gone (database second): DeleteModel Note drops the rows of notes_note", said)
        self.site.wait_for_rest()
        said = self.good(self.site.push("-o", "migrate=anyway", "HEAD:main"))
        self.assertRegex(said, r"copy .*\d+-second")

    def test_two_names_of_one_database_are_migrated_once(self):
        link = self.database("foreign.sqlite3")
        os.symlink(self.database("second.sqlite3"), link)
        self.second(
            'DATABASES["third"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "foreign.sqlite3"}',
            router=False,
        )
        self.site.release("two names")
        said = self.good(self.site.push())
        self.assertIn("(database second)", said)
        self.assertNotIn("(database third)", said)
        os.unlink(link)

    def test_what_is_read_only_is_left_alone(self):
        self.change("CREATE TABLE own (id)", "second.sqlite3")
        before = os.stat(self.database("second.sqlite3")).st_mtime_ns
        self.second(router=False)
        self.edit(
            SETTINGS,
            '"NAME": VAR_DIR / "second.sqlite3"',
            '"NAME": f"file:{VAR_DIR}/second.sqlite3?mode=ro", "OPTIONS": {"uri": True}',
        )
        self.site.release("read only")
        self.assertIn("The database second is not migrated: it can only be read", self.good(self.site.push()))
        self.assertEqual(os.stat(self.database("second.sqlite3")).st_mtime_ns, before)

    def test_another_programs_database_that_no_router_speaks_of_is_left_alone(self):
        self.change("CREATE TABLE own (id)", "foreign.sqlite3")
        self.second(router=False, name="foreign.sqlite3")
        self.site.release("foreign")
        said = self.good(self.site.push())
        self.assertIn("The database second is not migrated: it has tables of another program", said)
        self.assertEqual(self.tables("foreign.sqlite3"), {"own"})
        self.assertTrue(os.stat(self.database("foreign.sqlite3")).st_mode & stat.S_IWUSR)


if __name__ == "__main__":
    unittest.main()
