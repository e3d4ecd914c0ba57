"""The `first` commands of the stack: once in a site's life, after its first migrations."""

import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.commands_test import CONFIG, CommandsTest, noting
from support.migrating import HEAD

NAMED = """

class Named:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.META["HTTP_HOST"] = "localhost"
        return self.get_response(request)
"""


class First(CommandsTest):
    def test_once_in_the_site_s_life(self):
        self.configure(first=[{"run": noting("one")}])
        self.good(self.push())
        self.configure(first=[{"run": noting("one")}, {"run": noting("two")}])
        self.good(self.push())
        self.site.wait_for_rest()
        self.site.deploy("restart")
        self.site.deploy("recover")
        self.assertEqual(self.noted(), ["one"])
        self.site.deploy("redeploy", "--first")
        self.assertEqual(self.noted(), ["one", "one", "two"])

    def test_what_has_ended_well_does_not_run_again_after_a_failure(self):
        self.configure(first=[{"run": noting("one")}, {"run": "exit 1"}])
        self.bad(self.push())
        self.configure(first=[{"run": noting("one")}, {"run": noting("mended")}])
        self.good(self.push())
        self.assertEqual(self.noted(), ["one", "mended"])

    def test_what_has_ended_well_does_not_run_again_after_the_engine_was_killed(self):
        self.configure(first=[{"run": noting("one")}, {"run": "kill -9 $PPID; sleep 2"}])
        status, said = self.push()
        self.assertNotEqual(status, 0, said)
        self.configure(first=[{"run": noting("one")}, {"run": noting("two")}])
        self.good(self.push())
        self.assertEqual(self.noted(), ["one", "two"])

    def test_a_site_that_lives_keeps_what_they_did_when_the_push_is_refused(self):
        self.add_migration()
        self.configure(first=[{"run": noting("first")}], release=[{"run": "exit 1"}])
        said = self.bad(self.push())
        self.assertIn("undone: pages.0900_more", said)
        self.configure(first=[{"run": noting("first")}])
        self.good(self.push())
        self.assertEqual(self.noted(), ["first"])


class FirstPush(unittest.TestCase):
    """A first push that is refused after `first`: its tables go, and what the commands wrote with them."""

    def setUp(self):
        from support.site import Site

        self.site = Site()
        self.addCleanup(self.site.close)

    def users(self):
        connection = sqlite3.connect(self.site.path("var", "db.sqlite3"), timeout=20)
        try:
            return connection.execute("SELECT username FROM auth_user").fetchall()
        except sqlite3.OperationalError:
            return None
        finally:
            connection.close()

    def configure(self, **config):
        self.site.configure("deploy", {**CONFIG, **config})

    def have_users(self):
        """Let the application have users; return the command that adds the first."""
        self.site.configure(
            "settings",
            {
                "variables": {
                    "DJANGO_SETTINGS_MODULE": "codebase.settings.test",
                    "ALLOWED_HOSTS": "localhost",
                    "DJANGO_SUPERUSER_USERNAME": "ada",
                    "DJANGO_SUPERUSER_EMAIL": "ada@localhost",
                },
                "secrets": ["SECRET_KEY", "DJANGO_SUPERUSER_PASSWORD"],
            },
        )
        self.site.configure("secrets", {"SECRET_KEY": "of a test", "DJANGO_SUPERUSER_PASSWORD": "hidden-word"})
        path = os.path.join(self.site.clone, "codebase", "settings", "common.py")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        first = [{"run": "python manage.py createsuperuser --noinput"}]
        if "django.contrib.auth" not in text:
            text = text.replace(
                "INSTALLED_APPS = [", 'INSTALLED_APPS = [\n    "django.contrib.contenttypes", "django.contrib.auth",', 1
            )
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        self.site.commit("Users")
        return first

    def test_they_run_again_after_the_engine_was_killed(self):
        first = self.have_users()
        self.configure(first=[*first, {"run": "kill -9 $PPID; sleep 2"}])
        status, said = self.site.push()
        self.assertNotEqual(status, 0, said)
        self.configure(first=[*first, {"run": noting("two")}])
        status, said = self.site.push()
        self.assertEqual((status, self.users()), (0, [("ada",)]), said)

    def test_they_run_again(self):
        first = self.have_users()
        self.configure(first=first, health="/no-such-page")
        status, said = self.site.push()
        self.assertNotEqual(status, 0, said)
        self.assertIn("REFUSED at health", said)
        self.assertIsNone(self.users())
        self.assertFalse(os.path.exists(self.site.path("var", "first.json")))
        self.configure(first=first)
        status, said = self.site.push()
        self.assertEqual((status, self.users()), (0, [("ada",)]), said)
        self.assertNotIn("hidden-word", said)
        self.site.commit("Again")
        status, said = self.site.push()
        self.assertEqual((status, self.users()), (0, [("ada",)]), said)

    def test_a_host_name_that_django_refuses_is_told_before_the_migrations(self):
        self.have_users()
        self.configure(host="www.example.org")
        status, said = self.site.push()
        self.assertNotEqual(status, 0, said)
        self.assertIn("REFUSED at django: / would answer 400", said)
        self.assertIn("Django answers 400 to a host name that ALLOWED_HOSTS does not have", said)
        self.assertIsNone(self.users())
        # Middleware of its own may know the name.
        own = 'MIDDLEWARE.insert(0, "codebase.names.Named")\n'
        for place, more in (("settings/test.py", own), ("names.py", NAMED)):
            with open(os.path.join(self.site.clone, "codebase", place), "a", encoding="utf-8") as file:
                file.write(more)
        self.site.commit("Names of its own")
        status, said = self.site.push()
        self.assertEqual(status, 0, said)

    def test_where_something_is_left_they_count_as_done(self):
        folder = os.path.join(self.site.clone, "pages", "migrations")
        last = sorted(name[:-3] for name in os.listdir(folder) if name[:1].isdigit())[-1]
        self.site.write(
            "pages/migrations/0900_no_way_back.py",
            HEAD.format(atomic="", after=last, operations="migrations.RunPython(nothing)"),
        )
        self.site.commit("No way back")
        self.configure(first=[{"run": noting("first")}], health="/no-such-page")
        status, said = self.site.push()
        self.assertNotEqual(status, 0, said)
        self.assertIn("`www/deploy redeploy --first` runs them again", said)
        self.configure(first=[{"run": noting("first")}])
        status, said = self.site.push()
        self.assertEqual(status, 0, said)
        with open(self.site.path("var", "noted"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "first\n")

    def test_rows_of_a_refused_one_are_nobody_s_to_lose(self):
        folder = os.path.join(self.site.clone, "pages", "migrations")
        last = sorted(name[:-3] for name in os.listdir(folder) if name[:1].isdigit())[-1]
        for name, after, operations in (
            ("0900_rows", last, "migrations.RunPython(add_rows)"),
            ("0901_mood", "0900_rows", 'migrations.AddField("entry", "mood", models.TextField(default="good"))'),
            ("0902_no_mood", "0901_mood", 'migrations.RemoveField("entry", "mood")'),
            ("0903_no_text", "0902_no_mood", 'migrations.RemoveField("entry", "text")'),
        ):
            self.site.write(f"pages/migrations/{name}.py", HEAD.format(atomic="", after=after, operations=operations))
        self.site.commit("Rows, and less of them")
        asks = "there are rows to lose"
        for attempt in range(2):
            self.configure(health="/no-such-page")
            status, said = self.site.push()
            self.assertNotEqual(status, 0, said)
            self.assertIn("REFUSED at health", said)
            self.assertNotIn(asks, said, attempt)
        # Another program's migration is there too: somebody has taken over a database.
        connection = sqlite3.connect(self.site.path("var", "db.sqlite3"), timeout=20)
        with connection:
            connection.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('pages', '0800_own', '2026-01-01')"
            )
        connection.close()
        status, said = self.site.push()
        self.assertIn(asks, said)


if __name__ == "__main__":
    unittest.main()
