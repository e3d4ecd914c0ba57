"""What the tests of migrations share."""

import os
import sqlite3

from support.engine_test import EngineTest

HEAD = """from django.db import migrations, models


def nothing(*_):
    pass


def stop(*_):
    import time

    time.sleep(60)


def add_rows(apps, _):
    apps.get_model("pages", "Entry").objects.create(name="by a migration", text="")


class Migration(migrations.Migration):
    {atomic}dependencies = [("pages", "{after}")]
    operations = [
        {operations},
    ]
"""
ADD = 'migrations.AddField("entry", "{name}", models.TextField(null=True))'
REMOVE = 'migrations.RemoveField("entry", "text")'
NO_REVERSE = "migrations.RunPython(nothing)"
STOPS = "migrations.RunPython(stop, migrations.RunPython.noop)"


class MigratingTest(EngineTest):
    """A site with a row. Each test leaves the tree, the database and the configuration as they were."""

    CONFIG = {"health": "/health", "keep": 2}

    def setUp(self):
        self.start = self.site.git("rev-parse", "HEAD")
        self.site.wait_for_rest()
        self.change("DELETE FROM pages_entry")
        self.change("INSERT INTO pages_entry (name, text, written_at) VALUES ('one', 'kept', '2026-01-01')")
        self.copy = self.database("before")
        self.copied(self.database(), self.copy)
        self.addCleanup(self.back)

    def back(self):
        self.site.wait_for_rest()
        self.copied(self.copy, self.database())
        self.site.configure("deploy", self.CONFIG)
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.site.commit("Back")
        self.good(self.site.push("--force", "HEAD:main"))

    @staticmethod
    def copied(source, target):
        one, other = sqlite3.connect(source), sqlite3.connect(target, timeout=20)
        one.backup(other)
        one.close()
        other.close()

    def database(self, name="db.sqlite3"):
        return self.site.path("var", name)

    def ask(self, statement, name="db.sqlite3"):
        connection = sqlite3.connect(self.database(name), timeout=20)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def change(self, statement, name="db.sqlite3"):
        connection = sqlite3.connect(self.database(name), timeout=20)
        with connection:
            connection.execute(statement)
        connection.close()

    def rows(self, table):
        """Return all rows of a table, with the columns by name."""
        return self.ask(f"SELECT {', '.join(self.columns(table))} FROM {table} ORDER BY 1")

    def columns(self, table="pages_entry", name="db.sqlite3"):
        return sorted(row[1] for row in self.ask(f"PRAGMA table_info({table})", name))

    def applied(self, name="db.sqlite3"):
        return [row[0] for row in self.ask("SELECT name FROM django_migrations WHERE app='pages' ORDER BY id", name)]

    def migration(self, name, *operations, after="0001_entry", atomic=True):
        text = HEAD.replace("{after}", after).replace("{operations}", ",\n        ".join(operations))
        text = text.replace("{atomic}", "" if atomic else "atomic = False\n    ")
        self.site.write(f"pages/migrations/{name}.py", text)

    def without_text(self):
        """Commit a change that drops a column and the code that needs it."""
        self.edit("pages/models.py", "    text = models.CharField(max_length=500)\n", "")
        self.edit("pages/models.py", 'f"{self.name}: {self.text}"', "self.name")
        self.edit("pages/views.py", 'fields=["name", "text"]', 'fields=["name"]')
        self.edit("pages/templates/pages/index.html", "{{ entry.text }}", "")
        self.migration("0002_no_text", REMOVE)

    def edit(self, name, old, new):
        path = os.path.join(self.site.clone, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        self.site.write(name, text.replace(old, new))

    def broken(self):
        """Commit a change that breaks the health page of an application that boots."""
        self.edit("pages/views.py", "def health(request):\n", "def health(request):\n    raise ValueError('broken')\n")

    def mended(self):
        self.edit("pages/views.py", "    raise ValueError('broken')\n", "")

    def status(self):
        return self.site.deploy("status", check=False)

    def each_kind_comes_back(self):
        """Migrate tables with a relation, a key that another table refers to, and a column that becomes smaller."""
        self.migration(
            "0002_more",
            'migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True)), '
            '("entries", models.ManyToManyField("pages.Entry"))])',
            'migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), '
            '("entry", models.ForeignKey("pages.Entry", models.CASCADE)), ("text", models.CharField(max_length=50))])',
        )
        self.site.release("more")
        self.good(self.site.push())
        self.site.wait_for_rest()
        rows = ("pages_tag", "pages_tag_entries", "pages_note", "pages_entry")
        ((entry,),) = self.ask("SELECT id FROM pages_entry")
        self.change("INSERT INTO pages_tag VALUES (7)")
        self.change(f"INSERT INTO pages_tag_entries (tag_id, entry_id) VALUES (7, {entry})")
        self.change(f"INSERT INTO pages_note (entry_id, text) VALUES ({entry}, 'a long note')")
        before = [self.rows(table) for table in rows]
        for what, operations in (
            ("a table with a relation", ['migrations.DeleteModel("Tag")']),
            ("a relation", ['migrations.RemoveField("tag", "entries")']),
            ("a reference", ['migrations.RemoveField("note", "entry")']),
            ("fewer letters", ['migrations.AlterField("note", "text", models.CharField(max_length=5))']),
            ("another kind", ['migrations.AlterField("note", "text", models.IntegerField(null=True))']),
            (
                "all of it",
                [
                    'migrations.RemoveField("note", "entry")',
                    'migrations.DeleteModel("Note")',
                    'migrations.DeleteModel("Tag")',
                    REMOVE,
                ],
            ),
        ):
            with self.subTest(what):
                self.migration("0003_less", *operations, after="0002_more")
                self.broken()
                self.site.release(f"less: {what}")
                said = self.bad(self.site.push("-o", "migrate=anyway", "HEAD:main"))
                # PostgreSQL itself refuses what does not fit.
                self.assertRegex(said, "undone: pages.0003_less|REFUSED at migrate: .*DataError")
                self.assertIn("nothing was changed", said)
                self.assertEqual([self.rows(table) for table in rows], before)
                self.mended()
