"""Earlier releases: rollback and its guard, pruning, and a change of configuration, which is a release too."""

import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS

MIGRATION = """
import os

from django.db import migrations, models


def tell(*_):
    with open(os.path.join(os.environ["VAR_DIR"], "policy"), "w") as file:
        file.write(str(os.sched_getscheduler(0)))


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_entry")]
    operations = [
        migrations.AddField("entry", "mood", models.TextField(default="")),
        migrations.RunPython(tell, migrations.RunPython.noop),
    ]
"""


class Rollback(EngineTest):
    def test_back_and_forth(self):
        self.site.release("older")
        self.good(self.site.push())
        older, revision = self.site.live(), self.site.git("rev-parse", "HEAD")
        self.site.release("newer")
        self.good(self.site.push())
        newer = self.site.live()

        self.site.deploy("rollback")
        self.assertEqual(self.served(), "older")
        self.assertEqual(self.on_server("rev-parse", "main"), revision)
        self.assertEqual(self.on_server("status", "--porcelain"), "")
        entry = self.site.record()[-1]
        self.assertEqual((entry["kind"], entry["release"], entry["ended"]), ("rollback", older, "live"))

        self.site.deploy("rollback", str(newer))
        self.assertEqual(self.served(), "newer")
        self.only_runs(newer)
        self.site.release("after both")
        self.good(self.site.push())
        self.assertEqual(self.served(), "after both")

    def test_what_was_rolled_back_from_is_not_gone_back_to_unless_told(self):
        self.site.release("good")
        self.good(self.site.push())
        good = self.site.git("rev-parse", "HEAD")
        self.site.release("bad")
        self.good(self.site.push())
        bad = self.site.live()
        self.site.deploy("rollback")
        self.assertRegex(self.site.deploy("releases"), rf"(?m)^ +{bad}  given up ")
        self.site.git("reset", "--quiet", "--hard", good)
        self.site.release("bad again")
        self.good(self.site.push())
        self.site.deploy("rollback")
        self.assertEqual(self.served(), "good")
        # Nor does it count as one of the two earlier releases (`keep` is 2).
        self.site.release("worse")
        self.good(self.site.push("+HEAD:main"))
        self.site.deploy("rollback")
        self.assertEqual(self.served(), "good")
        newest = max(map(int, os.listdir(self.site.path("releases"))))
        self.site.deploy("rollback", str(newest))
        self.assertEqual(self.served(), "worse")
        self.assertRegex(self.site.deploy("releases"), rf"(?m)^ +{newest}  live ")
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")

    def test_one_that_is_not_there(self):
        for words in (["77"], ["0"], [str(self.site.live())]):
            with self.subTest(words=words):
                said = self.site.deploy("rollback", *words, check=False)
                self.assertIn(f"REFUSED at rollback: there is no release {words[0]} to go back to", said)

    def test_one_that_does_not_boot_any_more(self):
        self.site.release("will not boot")
        self.good(self.site.push())
        broken = self.site.live()
        self.site.release("boots")
        self.good(self.site.push())
        with open(self.site.path("releases", str(broken), "codebase", "codebase", "wsgi.py"), "w") as file:
            file.write("raise RuntimeError('broken by hand')\n")
        said = self.site.deploy("rollback", check=False)
        self.assertIn("REFUSED at boot: gunicorn ended at its start", said)
        self.assertIn("RuntimeError: broken by hand", said)
        self.assertEqual(self.served(), "boots")
        self.only_runs(self.site.live())

    def test_a_migration_that_the_older_release_does_not_know(self):
        self.site.release("before the migration")
        self.good(self.site.push())
        self.site.write("pages/migrations/0002_mood.py", MIGRATION)
        self.site.release("with a migration")
        said = self.good(self.site.push())
        self.assertRegex(said, r"migrate +\d+\.\d\d s  pages\.0002_mood")
        # Visitors wait for its database locks, so it must not wait for spare processor time.
        with open(self.site.path("var", "policy"), encoding="ascii") as file:
            self.assertEqual(file.read(), str(os.SCHED_OTHER))
        said = self.site.deploy("rollback", check=False)
        self.assertRegex(said, r"the database has migrations that release \d+ doesn't know: pages\.0002_mood")
        self.assertEqual(self.served(), "with a migration")
        self.site.deploy("rollback", "--force")
        self.assertEqual(self.served(), "before the migration")
        self.site.git("reset", "--quiet", "--hard", "HEAD^")


class Pruning(EngineTest):
    def test_what_is_old_goes_and_what_is_live_stays(self):
        self.site.write("requirements.pip", f"{REQUIREMENTS}# another virtualenv\n")
        for number in range(5):
            self.site.release(f"number {number}")
            self.good(self.site.push())
        # The engine prunes after the person's command has ended.
        self.site.deploy("recover")
        live = self.site.live()
        self.assertEqual(sorted(map(int, os.listdir(self.site.path("releases")))), [0, live - 2, live - 1, live])
        logs = [name for name in os.listdir(self.site.path("var", "log")) if name.startswith("deploy-")]
        self.assertLessEqual(len(logs), 4)
        self.assertEqual(len(os.listdir(self.site.path("venvs"))), 2, os.listdir(self.site.path("venvs")))
        self.assertEqual(len(self.site.deploy("releases").splitlines()), 3)


class Configure(EngineTest):
    def configure(self, name, value):
        done = subprocess.run(
            self.site.as_root(name, self.site.path("deploy"), "configure", name),
            input=json.dumps(value),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def test_a_change_is_a_release_of_the_same_revision(self):
        live, before = self.site.live(), self.served()
        with open(self.site.path("config", "gunicorn.json"), encoding="utf-8") as file:
            gunicorn = json.load(file)
        self.good(self.configure("gunicorn", {**gunicorn, "workers": 2}))
        self.assertGreater(self.site.live(), live)
        self.assertEqual(self.served(), before)
        again = self.site.live()
        self.good(self.configure("gunicorn", {**gunicorn, "workers": 2}))
        self.assertEqual(self.site.live(), again)

    def test_one_that_can_not_serve_changes_nothing(self):
        live = self.site.live()
        with open(self.site.path("config", "settings.json"), encoding="utf-8") as file:
            before = file.read()
        settings = json.loads(before)
        wrong = {
            **settings,
            "variables": {**settings["variables"], "DJANGO_SETTINGS_MODULE": "codebase.settings.nothing"},
        }
        status, said = self.configure("settings", wrong)
        self.assertNotEqual(status, 0)
        self.assertIn("REFUSED at django", said)
        self.assertIn("No module named 'codebase.settings.nothing'", said)
        self.assertEqual(self.site.live(), live)
        with open(self.site.path("config", "settings.json"), encoding="utf-8") as file:
            self.assertEqual(file.read(), before)
        self.served()

    def test_a_rollback_is_one_of_code_and_not_of_settings(self):
        with open(self.site.path("config", "settings.json"), encoding="utf-8") as file:
            settings = json.load(file)
        self.site.release("to go back to")
        self.good(self.site.push())
        older = self.site.live()
        self.site.release("to go back from")
        self.good(self.site.push())
        self.good(self.configure("settings", {**settings, "variables": {**settings["variables"], "MOOD": "new"}}))
        self.assertIn("MOOD=new", self.environment())
        # Past the release of the same revision that had other settings.
        self.site.deploy("rollback")
        self.assertEqual((self.site.live(), self.served()), (older, "to go back to"))
        self.assertIn("MOOD=new", self.environment())
        self.assertIn(f"STATIC_ROOT={self.site.path('releases', str(older), 'static')}", self.environment())

    def test_a_secret_that_was_replaced_stays_nowhere(self):
        self.good(self.configure("secrets", {"SECRET_KEY": "of-yesterday"}))
        self.site.release("with the old secret")
        self.good(self.site.push())
        self.good(self.configure("secrets", {"SECRET_KEY": "of-today"}))
        found = self.site.run("grep", "-rlF", "of-yesterday", self.site.www, check=False).stdout
        self.assertEqual(found, "")
        for number in os.listdir(self.site.path("releases")):
            path = self.site.path("releases", number, "env")
            if number != "0":
                with open(path, encoding="utf-8") as file:
                    self.assertIn("SECRET_KEY=of-today\n", file.read())
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.site.deploy("rollback")
        self.assertIn("SECRET_KEY=of-today\n", self.environment())
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")

    def test_a_restart_is_a_release_of_the_same_revision(self):
        live, before, asked, failed = self.site.live(), self.served(), 0, []
        restart = subprocess.Popen([self.site.path("deploy"), "restart"], stderr=subprocess.PIPE, text=True)
        while restart.poll() is None:
            asked += 1
            if not self.site.page().startswith("HTTP/1.1 200"):
                failed.append(asked)
        self.assertEqual(restart.returncode, 0, restart.stderr.read())
        restart.stderr.close()
        self.assertGreater(asked, 5)
        self.assertEqual(failed, [])
        self.assertGreater(self.site.live(), live)
        self.assertEqual(self.served(), before)
        self.assertEqual(self.site.record()[-1]["kind"], "restart")
        self.only_runs(self.site.live())

    def test_without_the_other_parts_it_waits_for_them(self):
        live, before = self.site.live(), self.served()
        folder = self.site.path("config")
        parts = {}
        for name in ("secrets", "settings", "gunicorn"):
            with open(os.path.join(folder, f"{name}.json"), encoding="utf-8") as file:
                parts[name] = json.load(file)
            os.unlink(os.path.join(folder, f"{name}.json"))
        for name, value in parts.items():
            self.good(self.configure(name, value))
        self.assertEqual((self.site.live(), self.served()), (live, before))

    def environment(self):
        with open(self.site.path("var", "env"), encoding="utf-8") as file:
            return file.read()


class ByHand(EngineTest):
    """`look` finds what somebody changed in www and changes nothing; `recover` repairs it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site.release("second")
        cls.good(cls.site.push())
        cls.site.deploy("recover")

    def check(self, sentence):
        pid = self.pid()
        self.assertEqual(self.site.deploy("look"), f"{sentence}\n" if sentence else "")
        self.site.deploy("recover")
        self.assertEqual(self.site.deploy("look"), "")
        self.assertEqual(self.served(), "second")
        self.only_runs(2)
        return pid

    def pid(self):
        with open(self.site.path("releases", "2", "var", "pid"), encoding="utf-8") as file:
            return file.read()

    def test_nothing(self):
        self.assertEqual(self.check(""), self.pid())

    def test_live_leads_elsewhere(self):
        live = self.site.path("live")
        os.unlink(live)
        os.symlink("releases/1", live)
        self.assertEqual(self.check(f"{live}: links to release 1, wanted release 2"), self.pid())

    def test_live_is_gone(self):
        live = self.site.path("live")
        os.unlink(live)
        self.assertEqual(self.check(f"{live}: is missing, wanted release 2"), self.pid())

    def test_live_is_gone_and_a_push_comes(self):
        os.unlink(self.site.path("live"))
        self.site.release("third")
        self.good(self.site.push())
        self.site.deploy("rollback")
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertEqual(self.served(), "second")

    def test_the_process_is_gone(self):
        for pid in self.site.processes():
            os.kill(pid, signal.SIGKILL)
        self.check("gunicorn of release 2, which is live, does not run")

    def test_a_program_of_the_virtualenv_is_gone(self):
        gunicorn = self.site.path("releases", "2", "bin", "gunicorn")
        os.unlink(gunicorn)
        self.assertEqual(self.check(f"{gunicorn}: is missing"), self.pid())

    def test_the_environment_is_edited(self):
        env = self.site.path("var", "env")
        with open(env, encoding="utf-8") as file:
            text = file.read()
        for change in (lambda: os.unlink(env), lambda: self.append(env)):
            change()
            self.site.deploy("recover")
            with open(env, encoding="utf-8") as file:
                self.assertEqual(file.read(), text)

    def append(self, path):
        with open(path, "a", encoding="utf-8") as file:
            file.write("MORE=yes\n")


if __name__ == "__main__":
    unittest.main()
