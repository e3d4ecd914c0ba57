"""The data that the engine expects each kind of operation to lose, on real Django."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import ENGINE

# Run by a release's Python: each case is a migration after one that has made the model, with a row in it or without.
PROGRAM = """
import json, sys

sys.path.insert(0, sys.argv[1])
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from greenpush_django.losses import Losses


class Migration(migrations.Migration):
    pass


def made():
    migration = Migration("0001", "own")
    migration.operations = [
        migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel(
            "Thing",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=50)),
                ("text", models.TextField(null=True)),
                ("count", models.IntegerField(null=True)),
                ("price", models.DecimalField(max_digits=8, decimal_places=2, null=True)),
                ("at", models.DateTimeField(null=True)),
                ("tags", models.ManyToManyField("own.Tag")),
                ("tag", models.ForeignKey("own.Tag", models.CASCADE, null=True, related_name="one")),
            ],
        ),
        migrations.CreateModel("Proxy", [], options={"proxy": True}, bases=("own.thing",)),
        migrations.CreateModel("Foreign", [("id", models.IntegerField(primary_key=True))], options={"managed": False}),
    ]
    return migration


def losses(operations, rows):
    state = ProjectState()
    with connection.schema_editor() as editor:
        state = made().apply(state, editor)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        if rows:
            cursor.execute("INSERT INTO own_tag (id) VALUES (1)")
            cursor.execute("INSERT INTO own_thing (name) VALUES ('one')")
            cursor.execute("INSERT INTO own_thing_tags (thing_id, tag_id) VALUES (1, 1)")
    migration = Migration("0002", "own")
    migration.operations = eval(operations, {**vars(migrations), "models": models, "do": lambda *_: None})
    found = Losses(connection, [migration], state)
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {table}")
    return [found.found, found.gone]


print(json.dumps({case: [losses(case, True), losses(case, False)] for case in json.loads(sys.argv[2])}))
"""
NAME = 'AlterField("thing", "name", models.{})'
# Operations, and the sentence of what is lost; "" where nothing is; a sentence with "?" in front does not ask.
CASES = {
    'RemoveField("thing", "text")': "RemoveField Thing.text drops what own_thing.text holds",
    'RemoveField("Thing", "tag")': "RemoveField Thing.tag drops what own_thing.tag_id holds",
    'RemoveField("thing", "tags")': "RemoveField Thing.tags drops the rows of own_thing_tags",
    'DeleteModel("Thing")': "DeleteModel Thing drops the rows of own_thing",
    'DeleteModel("Proxy")': "",
    'DeleteModel("Foreign")': "",
    NAME.format("CharField(max_length=20)"): "AlterField Thing.name: max_length becomes 20, from 50",
    NAME.format("CharField(max_length=200)"): "",
    NAME.format("TextField()"): "",
    NAME.format("SlugField(max_length=50)"): "",
    NAME.format("IntegerField()"): "AlterField Thing.name: CharField becomes IntegerField",
    'AlterField("thing", "text", models.CharField(max_length=9, null=True))': (
        "AlterField Thing.text: max_length becomes 9, from no limit"
    ),
    'AlterField("thing", "text", models.TextField(default=""))': (
        "AlterField Thing.text gives a value to rows that have none"
    ),
    'AlterField("thing", "count", models.BigIntegerField(null=True))': "",
    'AlterField("thing", "count", models.SmallIntegerField(null=True))': (
        "AlterField Thing.count: IntegerField becomes SmallIntegerField"
    ),
    'AlterField("thing", "count", models.CharField(max_length=20, null=True))': "",
    'AlterField("thing", "price", models.DecimalField(max_digits=8, decimal_places=1, null=True))': (
        "AlterField Thing.price: decimal_places becomes 1, from 2"
    ),
    'AlterField("thing", "price", models.DecimalField(max_digits=8, decimal_places=4, null=True))': (
        "AlterField Thing.price: it has 4 digits before the point, from 6"
    ),
    'AlterField("thing", "price", models.DecimalField(max_digits=10, decimal_places=2, null=True))': "",
    'AlterField("thing", "at", models.DateField(null=True))': "AlterField Thing.at: DateTimeField becomes DateField",
    'AddField("thing", "new", models.TextField(null=True))': "",
    'RenameField("thing", "text", "words")': "",
    'RenameModel("Thing", "Item")': "",
    'AddIndex("thing", models.Index(fields=["name"], name="own_name"))': "",
    # What the plan makes itself has nobody's rows, as a new field that is filled and then narrowed.
    'AddField("thing", "new", models.UUIDField(null=True)), AlterField("thing", "new", models.UUIDField())': "",
    'AddField("thing", "new", models.TextField(null=True)), RemoveField("thing", "new")': "",
    'AddField("thing", "new", models.CharField(max_length=9)), AlterField("thing", "new", models.IntegerField())': "",
    'CreateModel("New", [("id", models.BigAutoField(primary_key=True))]), DeleteModel("New")': "",
    # A table or a column is the same by another name.
    'RenameModel("Thing", "Item"), RemoveField("item", "text")': (
        "RemoveField Item.text drops what own_thing.text holds"
    ),
    'RenameModel("Thing", "Item"), RemoveField("item", "tags")': (
        "RemoveField Item.tags drops the rows of own_thing_tags"
    ),
    'RenameModel("Thing", "Item"), DeleteModel("Item")': "DeleteModel Item drops the rows of own_thing",
    'AlterModelTable("thing", "things"), RemoveField("thing", "text")': (
        "RemoveField Thing.text drops what own_thing.text holds"
    ),
    'RenameField("thing", "text", "words"), RemoveField("thing", "words")': (
        "RemoveField Thing.words drops what own_thing.text holds"
    ),
    'RenameField("thing", "text", "words"), AlterField("thing", "words", models.TextField(default=""))': (
        "AlterField Thing.words gives a value to rows that have none"
    ),
    'RenameField("thing", "tags", "marks"), RemoveField("thing", "marks")': (
        "RemoveField Thing.marks drops the rows of own_thing_tags"
    ),
    "RunPython(do)": "RunPython has no reverse",
    "RunPython(do, do)": "",
    'RunPython(do, hints={"model_name": "thing"})': "RunPython has no reverse",
    'type("Own", (AddIndex.__mro__[-2],), {"reversible": property(lambda _: 1 / 0), "state_forwards": do})()': (
        "Own can't be looked at (ZeroDivisionError: division by zero)"
    ),
    "RunPython(do, RunPython.noop)": "?the reverse of RunPython does nothing",
    "RunPython(RunPython.noop)": "",
    'RunSQL("DELETE FROM own_thing")': "RunSQL has no reverse",
    'RunSQL("DELETE FROM own_thing", RunSQL.noop)': "?the reverse of RunSQL does nothing",
    'RunSQL("SELECT 1", "SELECT 2")': "",
    "RunSQL(RunSQL.noop)": "",
    'SeparateDatabaseAndState(state_operations=[DeleteModel("Thing")])': "",
    'SeparateDatabaseAndState(database_operations=[RunSQL("DROP TABLE own_thing")])': "RunSQL has no reverse",
}
# What the version before the migration may still use.
GONE = {
    'RemoveField("thing", "text")': [["own_thing", "text"]],
    'RemoveField("thing", "tags")': [["own_thing_tags", None]],
    'DeleteModel("Thing")': [["own_thing", None]],
    'RenameField("thing", "text", "words")': [["own_thing", "text"]],
    'RenameModel("Thing", "Item")': [["own_thing", None], ["own_thing_tags", None]],
    'RenameField("thing", "text", "words"), RemoveField("thing", "words")': [["own_thing", "text"]],
    'AddField("thing", "new", models.TextField(null=True))': [],
    'AlterField("thing", "text", models.TextField(null=True, db_column="words"))': [["own_thing", "text"]],
}


def several(cases):
    return {f"[{case}]": wanted for case, wanted in cases.items()}


class Losses(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cases = [*several(CASES), *several(GONE)]
        python = cls.site.path("live", "bin", "python")
        done = subprocess.run(
            [python, "-c", PROGRAM, os.path.join(ENGINE, "guest"), json.dumps(cases)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        cls.answers = json.loads(done.stdout)

    def test_with_rows_each_kind_says_what_it_takes(self):
        for case, wanted in several(CASES).items():
            with self.subTest(case):
                (found, _), _ = self.answers[case]
                said = [("" if loss["asks"] else "?") + loss["what"] for loss in found]
                self.assertEqual(said, [wanted] if wanted else [])

    def test_without_rows_none_takes_anything(self):
        for case in several(CASES):
            with self.subTest(case):
                _, (found, _) = self.answers[case]
                self.assertEqual(found, [])

    def test_what_the_version_before_may_use_still(self):
        for case, wanted in several(GONE).items():
            with self.subTest(case):
                (_, gone), _ = self.answers[case]
                self.assertEqual(gone, wanted)


if __name__ == "__main__":
    unittest.main()
