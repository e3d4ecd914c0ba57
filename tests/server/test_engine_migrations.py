"""Migrations that can't be undone need consent and a copy. Everybody is told what a refused push has left."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.migrating import ADD, NO_REVERSE, REMOVE, STOPS, MigratingTest

ANYWAY = ("-o", "migrate=anyway", "HEAD:main")


class CantBeUndone(MigratingTest):
    def test_what_takes_rows_is_refused_before_anything_is_touched(self):
        self.without_text()
        self.site.release("without text")
        before = self.ask("SELECT * FROM django_migrations"), self.ask("SELECT * FROM pages_entry")
        said = self.bad(self.site.push())
        self.assertIn("REFUSED at migrate: migrations to apply can't be undone, and there are rows to lose", said)
        self.assertIn("pages.0002_no_text: RemoveField Entry.text drops what pages_entry.text holds", said)
        self.assertIn("`git push -o migrate=anyway`", said)
        self.assertIn("`migrations: allow`", said)
        self.assertRegex(said, r"The database default \(\d+\.\d MB\) is copied before")
        self.assertIn("goes on serving; nothing was changed.", said)
        self.assertEqual(before, (self.ask("SELECT * FROM django_migrations"), self.ask("SELECT * FROM pages_entry")))
        self.assertEqual(self.served(), "first")
        self.assertNotIn("left", self.status())

    def test_told_anyway_it_is_copied_and_goes_live_and_can_be_brought_back(self):
        self.without_text()
        self.site.release("without text")
        said = self.good(self.site.push(*ANYWAY))
        self.assertIn("drops what pages_entry.text holds", said)
        self.assertIn("The live release still uses pages_entry.text, which goes", said)
        self.assertNotIn("text", self.columns())
        (name,) = re.findall(r"copy +\d+\.\d\d s  (\S+)", said)
        self.assertIn(name, self.site.deploy("restore"))
        self.assertEqual(os.stat(self.site.path("copies", name)).st_mode & 0o777, 0o600)
        self.site.deploy("restore", name)
        self.assertEqual(self.ask("SELECT text FROM pages_entry"), [("kept",)])
        self.assertRegex(self.site.deploy("restore"), name + r"@\d", "what was there before is a copy too")
        self.assertIn("there is no copy nothing", self.site.deploy("restore", "nothing", check=False))

    def test_by_another_name_a_column_is_the_same(self):
        self.without_text()
        self.migration("0002_no_text", 'migrations.RenameField("entry", "text", "words")')
        self.migration("0003_no_words", 'migrations.RemoveField("entry", "words")', after="0002_no_text")
        self.site.release("without words")
        said = self.bad(self.site.push())
        self.assertIn("pages.0003_no_words: RemoveField Entry.words drops what pages_entry.text holds", said)
        self.broken()
        self.site.release("without words, broken")
        self.bad(self.site.push(*ANYWAY))
        self.assertEqual(self.ask("SELECT text FROM pages_entry"), [("kept",)])

    def test_a_new_column_that_is_filled_and_narrowed_asks_nothing(self):
        self.migration("0002_mood", ADD.replace("{name}", "mood"))
        self.migration("0003_moods", "migrations.RunPython(fill, migrations.RunPython.noop)", after="0002_mood")
        narrow = 'migrations.AlterField("entry", "mood", models.CharField(max_length=9))'
        self.migration("0004_moods", narrow, after="0003_moods")
        path = "pages/migrations/0003_moods.py"
        fill = (
            'def fill(apps, _):\n    apps.get_model("pages", "Entry").objects.update(mood="good")\n\n\nclass Migration'
        )
        self.edit(path, "class Migration", fill)
        self.site.release("a mood for each")
        self.good(self.site.push())
        self.assertEqual(self.ask("SELECT mood FROM pages_entry"), [("good",)])

    def test_the_stack_can_always_allow_it(self):
        self.site.configure("deploy", {**self.CONFIG, "migrations": "allow"})
        self.without_text()
        self.site.release("without text")
        self.good(self.site.push())
        self.assertNotIn("text", self.columns())

    def test_without_rows_nothing_is_asked(self):
        self.ask("SELECT 1")
        self.site.deploy(
            "run", "python", "manage.py", "shell", "-c", "from pages.models import Entry; Entry.objects.all().delete()"
        )
        self.without_text()
        self.site.release("without text")
        said = self.good(self.site.push())
        self.assertNotIn("drops", said)

    def test_no_copy_where_the_stack_says_so_or_it_is_too_large(self):
        self.site.configure("deploy", {**self.CONFIG, "limits": {"copy": 0}})
        self.without_text()
        self.site.release("without text")
        said = self.bad(self.site.push())
        self.assertIn("is not copied before: limits.copy in the stack file is 0 MB", said)
        said = self.good(self.site.push(*ANYWAY))
        self.assertIn("is not copied before", said)

    def test_refused_later_what_it_took_is_there_again(self):
        self.without_text()
        self.broken()
        self.site.release("without text, broken")
        said = self.bad(self.site.push(*ANYWAY))
        self.assertIn("REFUSED at health: /health answered 500", said)
        self.assertIn("undone: pages.0002_no_text", said)
        self.assertIn("nothing was changed", said)
        # How far it is, while it lasts, is counted there.
        number = re.findall(r"release (\d+) of", said)[0]
        log = self.site.path("var", "log", f"deploy-{number}.log")
        with open(log, encoding="utf-8") as file:
            self.assertIn("  Unapplying pages.0002_no_text... OK\n", file.read())
        self.assertEqual(self.ask("SELECT text FROM pages_entry"), [("kept",)])
        self.assertIn(("text", 1), self.ask("SELECT name, \"notnull\" FROM pragma_table_info('pages_entry')"))
        self.assertEqual(self.served(), "first")

    def test_what_was_set_aside_is_gone_when_its_release_is_live(self):
        self.without_text()
        self.site.release("without text")
        self.good(self.site.push(*ANYWAY))
        self.site.wait_for_rest()
        self.assertEqual(self.ask("SELECT name FROM sqlite_master WHERE name LIKE 'greenpush%'"), [])

    def test_what_is_too_large_to_be_set_aside_is_named_until_the_next_release(self):
        self.site.configure("deploy", {**self.CONFIG, "limits": {"copy": 0}})
        self.without_text()
        self.broken()
        self.site.release("without text, broken")
        said = self.bad(self.site.push(*ANYWAY))
        sentence = (
            "did to rows is not undone (RemoveField Entry.text drops what pages_entry.text holds). There is no copy."
        )
        self.assertIn(sentence, said)
        self.assertNotIn("nothing was changed", said)
        self.assertEqual(self.ask("SELECT text FROM pages_entry"), [(None,)])
        for told in (self.status(), self.site.deploy("log")):
            self.assertIn(sentence, told)
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.site.release("another")
        self.assertIn(sentence, self.good(self.site.push()))
        self.site.wait_for_rest()
        self.assertNotIn("left", self.status())

    def test_each_kind_of_what_goes_comes_back(self):
        self.each_kind_comes_back()

    def test_a_page_that_a_migration_breaks_for_the_live_release_too_is_no_page_as_before(self):
        self.change("DELETE FROM pages_entry")
        self.migration("0002_gone", REMOVE)
        self.site.release("gone, and still used")
        said = self.bad(self.site.push())
        self.assertIn("REFUSED at health: / answered 500", said)
        self.assertIn("That of the live release answers 200", said)
        self.assertIn("undone: pages.0002_gone", said)
        self.assertIn("text", self.columns())
        self.assertEqual(self.served(), "first")

    def test_what_can_be_undone_without_loss_is_and_nothing_is_said_of_it(self):
        self.migration("0002_mood", ADD.replace("{name}", "mood"), "migrations.RunPython(add_rows, nothing)")
        self.broken()
        self.site.release("mood, broken")
        said = self.bad(self.site.push())
        self.assertIn("nothing was changed", said)
        self.assertNotIn("mood", self.columns())
        self.assertEqual(self.applied(), ["0001_entry"])

    def test_a_reverse_that_does_nothing_is_no_reason_to_ask_but_to_copy(self):
        self.migration("0002_rows", "migrations.RunPython(add_rows, migrations.RunPython.noop)")
        self.broken()
        self.site.release("rows, broken")
        said = self.bad(self.site.push())
        self.assertIn("the reverse of RunPython does nothing", said)
        self.assertNotIn("nothing was changed", said)
        (name,) = re.findall(r"`www/deploy restore (\S+)` puts the database back as it was before", said)
        self.assertEqual(self.ask("SELECT name FROM pages_entry ORDER BY id"), [("one",), ("by a migration",)])
        self.site.deploy("restore", name)
        self.assertEqual(self.ask("SELECT name FROM pages_entry"), [("one",)])

    def test_what_stays_is_asked_of_the_database_and_said_with_its_reason(self):
        self.migration("0002_mood", ADD.replace("{name}", "mood"))
        self.migration("0003_data", NO_REVERSE, after="0002_mood")
        self.migration("0004_colour", ADD.replace("{name}", "colour"), after="0003_data")
        self.broken()
        self.site.release("irreversible in the middle, broken")
        said = self.bad(self.site.push(*ANYWAY))
        self.assertIn("undone: pages.0004_colour", said)
        sentence = "Migrations of this push that are left in the database: pages.0002_mood, pages.0003_data."
        self.assertIn(sentence, said)
        self.assertIn("pages.0003_data: RunPython has no reverse", said)
        self.assertIn("pages.0002_mood: pages.0003_data depends on it", said)
        self.assertNotIn("nothing was changed", said)
        self.assertEqual(self.applied(), ["0001_entry", "0002_mood", "0003_data"])
        told = "that are left in the database: pages.0002_mood, pages.0003_data."
        self.assertIn(told, self.status())
        self.assertIn(sentence, self.site.deploy("log"))
        self.site.git("stash", "--quiet") if self.site.git("status", "--short") else None
        self.mended()
        self.site.release("mended")
        self.good(self.site.push())
        self.site.wait_for_rest()
        self.assertNotIn("left", self.status())

    def test_what_another_revision_finds_of_it(self):
        self.migration("0002_data", NO_REVERSE)
        self.broken()
        self.site.release("irreversible, broken")
        self.bad(self.site.push(*ANYWAY))
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.site.release("without it")
        said = self.good(self.site.push())
        self.assertRegex(said, r"Migrations of the refused release \d+ that are left in the database: pages.0002_data")
        self.site.wait_for_rest()
        self.assertIn("pages.0002_data", self.status())

    def test_many_are_a_number(self):
        after = "0001_entry"
        for count in range(2, 22):
            self.migration(
                f"{count:04}_many",
                f'migrations.AlterModelOptions("entry", {{"ordering": ["-id"], "verbose_name": "{count}"}})',
                after=after,
            )
            after = f"{count:04}_many"
        self.site.release("many")
        said = self.good(self.site.push())
        self.assertRegex(said, r"migrate +\d+\.\d\d s  20, from pages.0002_many to pages.0021_many")
        self.assertNotIn("pages.0010_many", said)


class CutOff(MigratingTest):
    def test_what_no_transaction_holds_together_is_taken_back_part_by_part(self):
        self.site.configure("deploy", {**self.CONFIG, "limits": {"migrate": 3}})
        self.migration("0002_mood", ADD.replace("{name}", "mood"), STOPS, atomic=False)
        self.site.release("stops")
        said = self.bad(self.site.push())
        self.assertIn("REFUSED at migrate: not done after 3 s", said)
        self.assertIn("raise limits.migrate in the stack file", said)
        self.assertNotIn("mood", self.columns())
        self.assertEqual(self.applied(), ["0001_entry"])
        self.migration("0002_mood", ADD.replace("{name}", "mood"), atomic=False)
        self.site.release("mended")
        self.good(self.site.push())
        self.assertIn("mood", self.columns())

    def test_what_can_not_be_taken_back_is_said_column_by_column(self):
        self.site.configure("deploy", {**self.CONFIG, "limits": {"migrate": 3}})
        add = "migrations.RunSQL('ALTER TABLE pages_entry ADD COLUMN mood text')"
        self.migration("0002_mood", add, STOPS, atomic=False)
        self.site.release("stops, by hand")
        said = self.bad(self.site.push(*ANYWAY))
        self.assertIn("the column pages_entry.mood of the database default is new", said)
        self.assertNotIn("nothing was changed", said)
        self.assertIn("the column pages_entry.mood of the database default is new", self.status())
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.site.release("without it")
        self.assertIn("the column pages_entry.mood of the database default is new", self.good(self.site.push()))

    def test_an_application_that_reads_as_it_loads_what_the_migration_makes(self):
        self.migration("0002_mood", ADD.replace("{name}", "mood"))
        self.edit("pages/models.py", "    class Meta:", "    mood = models.TextField(null=True)\n\n    class Meta:")
        wsgi = os.path.join(self.site.clone, "codebase", "wsgi.py")
        with open(wsgi, "a", encoding="utf-8") as file:
            file.write("\nfrom pages.models import Entry\n\nlist(Entry.objects.all())\n")
        self.site.release("reads as it loads")
        said = self.bad(self.site.push())
        self.assertIn("`migrate: before`", said)
        self.assertEqual(self.applied(), ["0001_entry"])
        self.site.configure("deploy", {**self.CONFIG, "migrate": "before"})
        said = self.good(self.site.push())
        self.assertRegex(said, r"migrate +\d+\.\d\d s  pages.0002_mood")
        self.assertEqual(self.served(), "reads as it loads")
        self.broken()
        self.migration("0003_colour", ADD.replace("{name}", "colour"), after="0002_mood")
        self.site.release("before, broken")
        self.assertIn("undone: pages.0003_colour", self.bad(self.site.push()))
        self.assertNotIn("colour", self.columns())


if __name__ == "__main__":
    unittest.main()
