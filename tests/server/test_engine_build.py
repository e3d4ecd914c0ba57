"""The commands of the stack: `build` before static files, `first` and `release` after migrations."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.migrating import ADD, HEAD
from support.tools import tools

NODE = shutil.which("node")
VERSION = (
    [int(part) for part in subprocess.check_output([NODE, "--version"], text=True).lstrip("v").split(".")]
    if NODE
    else []
)
CONFIG = {"health": "/health", "keep": 6}


def noting(word):
    """Return a command that leaves a word where a test looks."""
    return f'echo "{word}" >>"$VAR_DIR/noted"'


class CommandsTest(EngineTest):
    """Each test begins with the same tree and nothing noted."""

    def setUp(self):
        self.site.wait_for_rest()
        self.start = self.site.git("rev-parse", "HEAD")
        self.addCleanup(self.back)
        self.forget()

    def back(self):
        self.site.wait_for_rest()
        self.site.configure("deploy", CONFIG)
        self.forget()
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.site.commit("Back")
        self.good(self.site.push("--force", "HEAD:main"))

    def forget(self):
        for name in ("noted", "first.json"):
            if os.path.lexists(self.site.path("var", name)):
                os.unlink(self.site.path("var", name))

    def configure(self, **config):
        self.site.configure("deploy", {**CONFIG, **config})

    def push(self, subject="A change"):
        self.site.commit(subject)
        return self.site.push("--force", "HEAD:main")

    def noted(self):
        try:
            with open(self.site.path("var", "noted"), encoding="utf-8") as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def in_release(self, *names):
        return self.site.path("live", "codebase", *names)

    def text(self, *names):
        with open(self.in_release(*names), encoding="utf-8") as file:
            return file.read()

    def tables(self):
        connection = sqlite3.connect(self.site.path("var", "db.sqlite3"), timeout=20)
        try:
            return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        finally:
            connection.close()

    def add_migration(self):
        folder = os.path.join(self.site.clone, "pages", "migrations")
        names = sorted(name[:-3] for name in os.listdir(folder) if name[:1].isdigit())
        operations = ADD.format(name="more")
        self.site.write("pages/migrations/0900_more.py", HEAD.format(atomic="", after=names[-1], operations=operations))
        self.site.write(
            "pages/management/commands/columns.py",
            "from django.core.management import BaseCommand\nfrom django.db import connection\n\n\n"
            "class Command(BaseCommand):\n    def handle(self, **_):\n        with connection.cursor() as cursor:\n"
            '            cursor.execute("SELECT * FROM pages_entry LIMIT 1")\n'
            '            print("columns:", *[each[0] for each in cursor.description])\n',
        )
        self.site.write("pages/management/__init__.py", "")
        self.site.write("pages/management/commands/__init__.py", "")


class Order(CommandsTest):
    def test_each_has_its_place_its_folder_and_the_release_s_environment(self):
        self.add_migration()
        self.site.write("deploy.sh", noting("deploy.sh") + "\n")
        self.site.write("tools/here", "")
        about = 'echo "$PWD $GREENPUSH_REVISION $(command -v python) $SECRET_KEY" >about'
        self.configure(
            build=[
                {"run": noting("build")},
                {"run": about, "in": "tools"},
                {"run": "mkdir -p pages/static && echo made >pages/static/made.css"},
            ],
            first=[{"run": "python manage.py columns"}, {"run": noting("first")}],
            release=[{"run": "python manage.py columns"}, {"run": noting("release")}],
        )
        said = self.good(self.push())
        self.assertEqual(self.noted(), ["build", "deploy.sh", "first", "release"])
        release = self.site.path("releases", str(self.site.live()))
        revision = self.site.git("rev-parse", "HEAD")
        self.assertEqual(
            self.text("tools", "about"), f"{release}/codebase/tools {revision} {release}/bin/python the key of a test\n"
        )
        steps = [step["step"] for step in self.site.record()[-1]["steps"]]
        self.assertEqual(
            [step for step in steps if step != "copy"],
            ["export", "virtualenv", "build", "deploy.sh", "django", "boot", "migrate", "first", "release", "health"],
        )
        self.assertTrue(os.path.exists(self.site.path("live", "static", "made.css")), said)
        # Both found the migrated table, and their output is read by the pusher.
        self.assertEqual(said.count("columns: "), 2)
        self.assertEqual(said.count(" more"), 2)
        self.assertIn("    $ python manage.py columns", said)
        # The secret is in the environment and in nothing that is printed.
        self.assertNotIn("the key of a test", said)

    def test_a_setting_that_is_missing_is_no_step(self):
        self.good(self.push())
        steps = [step["step"] for step in self.site.record()[-1]["steps"]]
        self.assertEqual(set(steps) & {"build", "first", "release"}, set())

    def test_a_procfile_s_release_line_runs_where_the_stack_says_nothing(self):
        self.site.write("Procfile", f"web: gunicorn codebase.wsgi\nrelease: {noting('of the Procfile')}\n")
        self.good(self.push())
        self.assertEqual(self.noted(), ["of the Procfile"])
        self.configure(release=[{"run": noting("of the stack")}])
        self.good(self.push())
        self.configure(release=[])
        self.good(self.push())
        self.assertEqual(self.noted(), ["of the Procfile", "of the stack"])
        self.configure()
        self.site.write("Procfile", "release: exit 4\n")
        said = self.bad(self.push())
        self.assertIn("REFUSED at release: `exit 4` (`release:` in the Procfile): exit status 4", said)

    def test_a_restart_runs_release_commands_and_a_rollback_none(self):
        self.configure(release=[{"run": noting("release")}], first=[{"run": noting("first")}])
        self.good(self.push())
        self.site.wait_for_rest()
        self.site.deploy("restart")
        self.assertEqual(self.noted(), ["first", "release", "release"])
        self.site.write("another", "")
        self.good(self.push())
        self.site.wait_for_rest()
        noted = self.noted()
        self.site.deploy("rollback")
        self.assertEqual(self.noted(), noted)


class Failures(CommandsTest):
    def test_each_refuses_the_push_and_says_which_command(self):
        self.add_migration()
        before = self.tables()
        live = self.site.live()
        for setting in ("build", "first", "release"):
            with self.subTest(setting=setting):
                self.configure(
                    **{setting: [{"run": "echo of another"}, {"run": "echo why it fails; exit 3"}, {"run": "false"}]}
                )
                said = self.bad(self.push())
                self.assertIn(
                    f"REFUSED at {setting}: `echo why it fails; exit 3` (`{setting}` in the stack file): exit status 3",
                    said,
                )
                refusal = said[said.index("REFUSED") + 100 :]
                self.assertIn("why it fails", refusal)
                self.assertNotIn("of another", refusal)
                self.assertIn("nothing was changed", said)
                self.assertEqual("undone: pages.0900_more" in said, setting != "build")
                self.site.wait_for_rest()
                self.assertEqual((self.site.live(), self.tables()), (live, before))
                self.only_runs(live)

    def test_an_error_within_a_line_is_one(self):
        self.configure(build=[{"run": "false; echo went on"}])
        said = self.bad(self.push())
        self.assertIn("exit status 1", said)
        self.assertNotIn("\n    went on", said)

    def test_one_that_takes_too_long_names_its_limit(self):
        for setting in ("build", "first", "release"):
            with self.subTest(setting=setting):
                self.configure(**{setting: [{"run": "sleep 60"}], "limits": {setting: 1}})
                said = self.bad(self.push())
                self.assertIn(f"REFUSED at {setting}: `sleep 60` (`{setting}` in the stack file): not done after", said)
                self.assertIn(f"limits.{setting}", said)

    def test_a_folder_that_is_none_of_the_tree(self):
        self.configure(build=[{"run": "true", "in": "frontend"}])
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: `true` (`build` in the stack file) is to run in frontend", said)
        self.assertIn("The tree's top has codebase, pages", said)

    def test_a_program_that_is_missing_is_said_with_the_way_to_it(self):
        self.configure(build=[{"run": "no-such-program --please"}])
        said = self.bad(self.push())
        self.assertIn("exit status 127", said)
        self.assertIn("`packages` of the server", said)
        self.assertIn("`npx --yes PROGRAM@VERSION`", said)

    def test_what_one_leaves_behind_ends(self):
        script = (
            'setsid sh -c \'echo $$ >>"$VAR_DIR/pids"; exec sleep 1000\' & while ! [ -s "$VAR_DIR/pids" ]; do :; done'
        )
        pids = self.site.path("var", "pids")
        for setting in ("build", "first", "release"):
            with self.subTest(setting=setting):
                self.configure(**{setting: [{"run": script}]})
                said = self.good(self.push())
                self.assertIn(f"{setting} left 1 process", said)
                with open(pids, encoding="ascii") as file:
                    (pid,) = map(int, file.read().split())
                os.unlink(pids)
                self.assertFalse(os.path.exists(f"/proc/{pid}"))


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


class BuildTest(CommandsTest):
    """Tests of what a build depends on; each says "build" where it is made."""

    def settings(self, **variables):
        self.site.wait_for_rest()
        usual = {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"}
        value = {"variables": {**usual, **variables}, "secrets": ["SECRET_KEY"]}
        done = subprocess.run(
            self.site.as_root("settings", self.site.path("deploy"), "configure", "settings"),
            input=json.dumps(value),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def restart(self, *words):
        self.site.wait_for_rest()
        return self.site.deploy(*(words or ["restart"]))

    def built(self):
        return self.noted().count("build")


class Reuse(BuildTest):
    """A build that is taken over from another release, and when it is made again."""

    BUILD = (
        noting("build"),
        "mkdir -p made/empty; echo style >made/one.css; ln -s one.css made/link; chmod 755 made/one.css; rm README.md",
    )

    def test_a_restart_has_all_that_the_build_made_and_shares_nothing_with_it(self):
        self.configure(build=list(self.BUILD))
        self.good(self.push())
        for _ in range(2):
            before = self.site.path("releases", str(self.site.live()))
            said = self.restart()
            self.assertRegex(said, r"build .* as in release \d+")
            self.assertEqual(self.built(), 1)
            self.assertEqual(self.text("made", "one.css"), "style\n")
            self.assertEqual(os.stat(self.in_release("made", "one.css")).st_mode & 0o777, 0o755)
            self.assertEqual(os.readlink(self.in_release("made", "link")), "one.css")
            self.assertTrue(os.path.isdir(self.in_release("made", "empty")))
            self.assertFalse(os.path.exists(self.in_release("README.md")))
            self.assertEqual(os.stat(self.in_release("made", "one.css")).st_nlink, 1)
            self.assertEqual(os.stat(os.path.join(before, "codebase", "made", "one.css")).st_nlink, 1)

    def test_what_makes_it_anew(self):
        build = [*self.BUILD]
        self.configure(build=build)
        self.good(self.push())
        self.good(self.push("The same tree in another commit"))
        self.assertEqual(self.built(), 2)
        self.restart("redeploy", "--fresh")
        self.assertEqual(self.built(), 3)
        self.configure(build=[*build, "true"])
        self.restart()
        self.assertEqual(self.built(), 4)
        # It runs more than Node: Python, maybe, whose settings may read any variable.
        self.settings(COLOUR="red")
        self.assertEqual(self.built(), 5)
        self.restart()
        self.assertEqual(self.built(), 5)
        self.settings()

    def test_what_another_step_has_changed_is_made_anew(self):
        self.site.write("deploy.sh", "echo more >>made/one.css\n")
        self.configure(build=list(self.BUILD))
        self.good(self.push())
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertEqual(self.text("made", "one.css"), "style\nmore\n")

    def test_what_knows_its_place_is_made_anew(self):
        self.configure(build=[*self.BUILD, 'echo "$PWD" >place'])
        self.good(self.push())
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertEqual(
            self.text("place"), os.path.join(self.site.path("releases", str(self.site.live()), "codebase\n"))
        )

    def test_what_lies_outside_of_the_tree_is_made_anew(self):
        self.configure(build=[noting("build"), 'echo style >"$STATIC_ROOT/outside.css"'])
        self.good(self.push())
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertTrue(os.path.exists(self.site.path("live", "static", "outside.css")))


@unittest.skipUnless(NODE, "this machine has no Node")
class OfNode(BuildTest):
    """A front end in a folder of its own, with a package."""

    def setUp(self):
        super().setUp()
        # As the server's, with Nodes of this test.
        self.tools = tempfile.mkdtemp(dir=self.site.scratch)
        for name in os.listdir(tools()):
            os.symlink(os.path.join(tools(), name), os.path.join(self.tools, name))
        self.nodes = os.path.join(self.tools, "node")
        self.packages()

    def packages(self):
        folder = os.path.join(self.site.clone, "frontend")
        package = {"name": "words", "version": "1.0.0", "main": "index.js"}
        self.site.write("frontend/vendor/words/package.json", json.dumps(package))
        self.site.write("frontend/vendor/words/index.js", "module.exports = 'from a package';\n")
        pack = ["npm", "pack", "--silent", "./words"]
        self.site.run(*pack, cwd=os.path.join(folder, "vendor"))
        build = "node build.js"
        front = {"name": "front", "version": "1.0.0", "scripts": {"build": build}}
        self.site.write(
            "frontend/package.json", json.dumps({**front, "dependencies": {"words": "file:vendor/words-1.0.0.tgz"}})
        )
        self.site.write(
            "frontend/build.js",
            "const fs = require('fs');\n"
            "fs.mkdirSync('../pages/static', { recursive: true });\n"
            "const text = `${require('words')} ${process.env.API_URL} ${process.version}`;\n"
            "fs.writeFileSync('../pages/static/built.js', text);\n"
            "fs.appendFileSync(`${process.env['VAR_' + 'DIR']}/noted`, 'build\\n');\n",
        )
        self.site.write(".gitignore", "node_modules\n")
        self.site.run("npm", "install", "--package-lock-only", "--offline", "--silent", cwd=folder)
        self.build = [{"run": "npm ci", "in": "frontend"}, {"run": "npm run build", "in": "frontend"}]

    def install(self, version, program=NODE):
        binaries = os.path.join(self.nodes, version, "bin")
        os.makedirs(binaries)
        os.symlink(program, os.path.join(binaries, "node"))
        return binaries

    def test_packages_are_shared_and_what_is_fetched_stays(self):
        self.configure(build=self.build)
        self.good(self.push())
        place = ("frontend", "node_modules", "words", "index.js")
        one = os.stat(self.in_release(*place))
        self.assertEqual(one.st_mode & 0o222, 0)
        self.assertIn("from a package", self.text("..", "static", "built.js"))
        self.assertTrue(os.listdir(self.site.path("cache", "npm")))
        self.site.write("another", "")
        self.good(self.push())
        self.assertEqual(self.built(), 2)
        self.assertEqual(os.stat(self.in_release(*place)).st_ino, one.st_ino)
        self.assertEqual(os.stat(self.in_release("pages", "static", "built.js")).st_nlink, 1)
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertEqual(os.stat(self.in_release(*place)).st_ino, one.st_ino)

    def test_a_variable_counts_if_the_tree_names_it(self):
        self.configure(build=self.build)
        self.good(self.push())
        self.assertIn("as in release", self.settings(COLOUR="red"))
        self.assertEqual(self.built(), 1)
        self.settings(COLOUR="red", API_URL="https://api.example.org")
        self.assertEqual(self.built(), 2)
        self.assertIn("https://api.example.org", self.text("pages", "static", "built.js"))
        # As it was: so is the outcome, which the first of these releases has.
        self.settings()
        self.assertEqual(self.built(), 2)
        self.assertIn("undefined", self.text("pages", "static", "built.js"))

    def test_the_stack_or_the_tree_say_which_node(self):
        here = ".".join(map(str, VERSION))
        self.install(f"{VERSION[0]}.99.0")
        self.install(f"{VERSION[0] + 1}.1.0", "/bin/false")
        where = {"run": "command -v node >where"}
        self.configure(build=[where], tools=self.tools, node=str(VERSION[0]))
        self.good(self.push())
        self.assertEqual(self.text("where"), os.path.join(self.nodes, f"{VERSION[0]}.99.0", "bin", "node\n"))
        self.configure(build=[where], tools=self.tools)
        self.site.write(".nvmrc", f"v{VERSION[0] + 1}\n")
        self.good(self.push())
        self.assertEqual(self.text("where"), os.path.join(self.nodes, f"{VERSION[0] + 1}.1.0", "bin", "node\n"))
        self.configure(build=[where])
        self.site.write(".nvmrc", f"{here}\n")
        self.good(self.push())
        self.assertNotIn(self.nodes, self.text("where"))

    def test_one_that_the_server_lacks_is_refused_with_the_line_to_write(self):
        self.configure(build=self.build, tools=self.tools)
        for name, text, reads in (
            (".nvmrc", "lts/krypton\n", ".nvmrc asks for Node lts/krypton"),
            ("frontend/.node-version", "24.1.0\n", "frontend/.node-version asks for Node 24.1.0"),
            ("package.json", '{"engines": {"node": "^24.2 || >=25"}}', "engines.node of package.json asks for Node"),
        ):
            with self.subTest(name=name):
                self.site.write(name, text)
                said = self.bad(self.push())
                self.assertIn(f"REFUSED at build: {reads}", said)
                self.assertIn('`node: "24"`', said)
                self.site.git("rm", "--quiet", "--force", name)
        self.configure(build=[], tools=self.tools, node="24")
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: `node` in the stack file asks for Node 24", said)
        self.assertIn("`npx pulumi up` installs it", said)
        # A build that is none of Node's has nothing to do with what an editor reads.
        self.site.write(".nvmrc", "24\n")
        self.configure(build=["true"], tools=self.tools)
        self.good(self.push())

    def test_pnpm_and_yarn_install_as_the_tree_asks(self):
        self.addCleanup(self.configure)
        self.site.write(
            "build.js", 'require("fs").writeFileSync("pages/static/made.txt", String(require("ms")("2 days")));\n'
        )
        self.site.write("pages/static/.keep", "")
        for manager in ("pnpm@9.15.0", "yarn@1.22.22", "yarn@4.5.0"):
            with self.subTest(manager=manager):
                package = {
                    "packageManager": manager,
                    "dependencies": {"ms": "2.1.3"},
                    "scripts": {"make": "node build.js"},
                }
                self.site.write("package.json", json.dumps(package))
                self.site.write(".yarnrc.yml", "nodeLinker: node-modules\nenableTelemetry: false\n")
                name = manager.partition("@")[0]
                self.configure(build=[f"{name} --version", f"{name} install", f"{name} run make"])
                said = self.good(self.push(f"Built with {manager}"))
                self.assertIn(manager.partition("@")[2], said)
                self.assertEqual(self.text("pages", "static", "made.txt"), "172800000")

    def test_a_package_manager_that_cannot_be_had_is_said(self):
        package = {"packageManager": "pnpm@9.15.0+sha512.abc"}
        self.site.write("package.json", json.dumps(package))
        self.settings(npm_config_registry="http://127.0.0.1:9/", npm_config_fetch_retries="0")
        self.addCleanup(self.settings)
        self.addCleanup(self.configure)
        self.configure(build=["pnpm install"])
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: npm could not install pnpm@9.15.0, which package.json", said)
        self.site.write("package.json", json.dumps({"packageManager": "bun@1.2.0"}))
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: packageManager of package.json is bun@1.2.0", said)


if __name__ == "__main__":
    unittest.main()
