"""What the stack gives an application, and what is looked at of its settings and of what it writes."""

import json
import os
import re
import stat
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest

VARIABLES = {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"}
SETTINGS = {"variables": VARIABLES, "secrets": ["SECRET_KEY"]}
SECRETS = {"SECRET_KEY": "the key of a test"}
REFUSES = ["debug", "insecureSecretKey", "developmentSettings"]
DEPLOY = {"health": "/health", "keep": 2}


class GivenTest(EngineTest):
    def setUp(self):
        self.start = self.site.git("rev-parse", "HEAD")

    def tearDown(self):
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.site.configure("deploy", DEPLOY)
        self.given()
        self.good(self.site.push("--force", "HEAD:main"))

    def given(self, variables=None, secrets=None, files=None, references=True, refuses=None):
        """What is given from here on, without a release of it."""
        settings = {**SETTINGS, "variables": {**VARIABLES, **(variables or {})}, "references": references}
        all_secrets = {**SECRETS, **(secrets or {})}
        names = [name for name in all_secrets if "/" not in name]
        self.site.configure("settings", {**settings, "secrets": names, "files": files or {}})
        self.site.configure("secrets", all_secrets)
        if refuses is not None:
            self.site.configure("deploy", {**DEPLOY, "refuses": refuses})

    def change(self, part, value):
        """A part of the configuration as `up` changes it."""
        ended = self.site.run(
            *self.site.as_root(part, self.site.path("deploy"), "configure", part), input=json.dumps(value), check=False
        )
        return ended.returncode, ended.stdout

    def content(self, *names):
        with open(self.site.path(*names), encoding="utf-8") as file:
            return file.read()

    def environment(self, release="live"):
        text = self.content("live" if release == "live" else f"releases/{release}", "env")
        return dict(line.split("=", 1) for line in text.splitlines())

    def mode(self, *names):
        return stat.S_IMODE(os.lstat(self.site.path(*names)).st_mode)


class Variables(GivenTest):
    def test_values_name_others(self):
        self.given(
            {
                "INDEX": "${VAR_DIR}/index",
                "CACHE": "${INDEX}/cache",
                "VERSION": "v-${GREENPUSH_REVISION}",
                "TOKEN_URL": "https://${TOKEN}@example.org",
                "LITERAL": "$${TOKEN} $$ $TOKEN",
                "VAR_DIR": "/nowhere",
            },
            {"TOKEN": "of ${INDEX}"},
        )
        self.site.release("with references")
        self.good(self.site.push())
        found, var = self.environment(), self.site.path("var")
        self.assertEqual(found["INDEX"], f"{var}/index")
        self.assertEqual(found["CACHE"], f"{var}/index/cache")
        self.assertEqual(found["VERSION"], f"v-{self.site.git('rev-parse', 'HEAD')}")
        # A secret is taken as it is.
        self.assertEqual(found["TOKEN_URL"], "'https://of ${INDEX}@example.org'")
        self.assertEqual(found["LITERAL"], "'${TOKEN} $$ $TOKEN'")
        self.assertEqual(found["VAR_DIR"], var)
        # The earlier release has its own revision, and the live one is what is wanted.
        number = self.site.live()
        self.site.wait_for_rest()
        before = self.environment(str(number - 1))
        self.assertNotEqual(before["VERSION"], found["VERSION"])
        self.assertRegex(before["VERSION"], r"^v-[0-9a-f]{40}$")
        self.good(self.change("settings", json.loads(self.content("config", "settings.json"))))
        self.assertEqual(self.site.live(), number)

    def test_those_of_an_earlier_version_are_meant_as_they_are(self):
        self.given({"WRITTEN": "${VAR_DIR}"}, references=False, files={})
        self.site.release("without references")
        self.good(self.site.push())
        self.assertEqual(self.environment()["WRITTEN"], "'${VAR_DIR}'")


class Files(GivenTest):
    def test_they_are_laid_in_and_a_change_makes_a_release(self):
        files = {"pages/local.py": ["VALUE = '${COLOUR}'", ""], "conf/key.txt": None, "deploy.sh": ["# laid in", ""]}
        secrets = {"TOKEN": "s3cret-of-the-test", "files/conf/key.txt": "key ${TOKEN}\n"}
        self.site.configure("deploy", {**DEPLOY, "keep": 20})
        self.given({"COLOUR": "red"}, secrets, files)
        self.site.release("with files")
        said = self.good(self.site.push())
        self.assertIn("deploy.sh of the tree is replaced by the one of the stack file's `files`.", said)
        self.assertNotIn("pages/local.py of the tree", said)
        self.assertNotIn("Written into the tree", said)
        self.assertEqual(self.content("live", "codebase", "pages", "local.py"), "VALUE = 'red'\n")
        self.assertEqual(self.content("live", "codebase", "conf", "key.txt"), "key s3cret-of-the-test\n")
        self.assertEqual(self.mode("live", "codebase", "pages", "local.py"), 0o640)
        self.assertEqual(self.mode("live", "codebase", "conf", "key.txt"), 0o600)
        self.assertEqual(self.mode("live", "files.json"), 0o600)
        first = self.site.live()
        # The same again is no change; another line is, and so is another value.
        settings = json.loads(self.content("config", "settings.json"))
        self.good(self.change("settings", settings))
        self.assertEqual(self.site.live(), first)
        settings["files"] = {"pages/local.py": ["VALUE = '${COLOUR}!'", ""], "conf/key.txt": None}
        self.good(self.change("settings", settings))
        second = self.site.live()
        self.assertGreater(second, first)
        self.assertEqual(self.content("live", "codebase", "pages", "local.py"), "VALUE = 'red!'\n")
        self.good(self.change("secrets", {**SECRETS, **secrets, "TOKEN": "another"}))
        self.assertGreater(self.site.live(), second)
        self.assertEqual(self.content("live", "codebase", "conf", "key.txt"), "key another\n")
        # No earlier release keeps a replaced secret, or a file that is not given any more.
        self.site.wait_for_rest()
        earlier = self.site.path("releases", str(first))
        self.assertEqual(self.site.run("grep", "-rl", "s3cret-of-the-test", earlier, check=False).stdout, "")
        self.assertNotIn("laid in", self.content("releases", str(first), "codebase", "deploy.sh"))
        self.assertEqual(self.content("releases", str(first), "codebase", "pages", "local.py"), "VALUE = 'red!'\n")

    def test_one_that_has_no_place_in_the_tree_is_refused(self):
        for title, make, place, why in (
            ("a link", lambda path: os.symlink("/tmp", path), "inner/one.txt", "inner is a link in the pushed tree"),
            ("a file", lambda path: self.site.write("inner", ""), "inner/one.txt", "inner is a file in the pushed"),
            ("a folder", lambda path: self.site.write("inner/x", ""), "inner", "inner is a folder in the pushed tree"),
        ):
            with self.subTest(title):
                make(os.path.join(self.site.clone, "inner"))
                self.given(files={place: ["text"]})
                self.site.commit(title)
                said = self.bad(self.site.push())
                self.assertIn(f"REFUSED at files: {place} can't be laid in: {why}", said)
                self.assertIn("`files` of the stack file", said)
                self.assertFalse(os.path.exists("/tmp/one.txt"))
                self.site.git("reset", "--quiet", "--hard", self.start)
        self.served()


class Settings(GivenTest):
    """Settings as `django-admin startproject` and others make them."""

    def start_project(self):
        # The tree of one, with the example's requirements.
        self.site.git("rm", "--quiet", "-r", "codebase", "pages", "manage.py")
        program = os.path.realpath(self.site.path("live", "bin", "django-admin"))
        self.site.run(program, "startproject", "codebase", self.site.clone)

    def settings(self, *changes):
        path = os.path.join(self.site.clone, "codebase", "settings.py")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for pattern, by in changes:
            changed = re.sub(pattern, lambda _, by=by: by, text, flags=re.M)
            self.assertNotEqual(changed, text, pattern)
            text = changed
        self.site.write("codebase/settings.py", text)

    def test_a_new_project_is_refused_for_debug_and_its_key_with_the_lines_to_write(self):
        self.start_project()
        self.site.commit("As startproject makes it")
        deploy = {**DEPLOY, "health": "/admin/login/"}
        self.site.configure("deploy", {**deploy, "refuses": REFUSES})
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.settings"})
        said = self.bad(self.site.push())
        self.assertRegex(
            said, r"REFUSED at django: DEBUG is True: .* \(codebase/settings\.py:\d+\), and 1 more of its settings"
        )
        self.assertRegex(said, r"codebase/settings\.py:\d+: SECRET_KEY begins with django-insecure-")
        key = re.search(r"django-insecure-(\S{20,})'", self.site.git("show", "HEAD:codebase/settings.py")).group(1)
        self.assertNotIn(key, said)
        lines = {name: line for line, name in re.findall(r"write: ((\w+) = .*)", said)}
        self.assertEqual(sorted(lines), ["ALLOWED_HOSTS", "DEBUG", "SECRET_KEY"])
        self.assertRegex(said, r"codebase/settings\.py:1: it has no os, which these lines need *\n.*write: import os")
        self.assertIn(
            "To commit nothing, lay a settings module of your own into the tree: `settings: codebase.site_settings` "
            "and `files: { codebase/site_settings.py: FILE }`, with `from codebase.settings import *` and these lines.",
            said,
        )
        self.assertIn("`debug: true`, `insecureSecretKey: true` in the stack file", said)
        # What fails first does not hide it.
        self.site.write("codebase/urls.py", "raise RuntimeError('no pages')\n")
        self.site.commit("Without pages")
        said = self.bad(self.site.push())
        self.assertIn("REFUSED at django: RuntimeError: no pages", said)
        self.assertRegex(
            said, r"What would be refused next: DEBUG is True: .* \(codebase/settings\.py:\d+\), write DEBUG ="
        )
        self.assertIn("SECRET_KEY begins with django-insecure-", said)
        self.assertNotIn(key, said)
        self.site.configure("deploy", deploy)
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.settings"})
        self.assertNotIn("refused next", self.bad(self.site.push()))
        self.site.git("reset", "--quiet", "--hard", "HEAD~1")
        # With one that lacks the lines.
        module = "codebase.site_settings"
        laid = {"codebase/site_settings.py": ["from codebase.settings import *"]}
        self.given({"DJANGO_SETTINGS_MODULE": module}, files=laid, refuses=REFUSES)
        said = self.bad(self.site.push())
        self.assertIn(
            "write these lines into codebase/site_settings.py, which `files` of the stack file lays in.", said
        )
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.settings"})
        # As a test server has it.
        self.site.configure("deploy", deploy)
        said = self.good(self.site.push("--force", "HEAD:main"))
        self.assertRegex(said, r"codebase/settings\.py:\d+: DEBUG is True")
        # With the lines.
        self.settings(
            *((rf"^{name} = .*$", line) for name, line in lines.items()), (r"^from pathlib", "import os\nfrom pathlib")
        )
        self.site.commit("With the lines")
        # Its first page was Django's own, which goes with DEBUG.
        self.site.configure("deploy", {**deploy, "refuses": REFUSES, "pages": {"/": 404}})
        self.assertNotIn("DEBUG", self.good(self.site.push("--force", "HEAD:main")))

    def test_a_package_that_takes_all_from_development_is_told_of_the_module_beside_it(self):
        self.site.write("codebase/site_settings/__init__.py", "from .dev import *  # noqa: F403\n")
        self.site.write("codebase/site_settings/dev.py", "from .prod import *  # noqa: F403\n\nDEBUG = True\n")
        self.site.write("codebase/site_settings/prod.py", "from codebase.settings.test import *  # noqa: F403\n")
        self.site.commit("A package of settings")
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.site_settings"}, refuses=REFUSES)
        said = self.bad(self.site.push("--force", "HEAD:main"))
        self.assertIn("codebase/site_settings/dev.py:3: DEBUG is True", said)
        self.assertIn("write: settings: codebase.site_settings.prod   (in the stack file)", said)
        self.assertNotIn("lay a settings module of your own", said)
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.site_settings.prod"}, refuses=REFUSES)
        self.good(self.site.push("--force", "HEAD:main"))

    def own(self, module, lines):
        self.site.write(f"codebase/settings/{module}.py", f"from .test import *  # noqa: F403\n{lines}\n")
        self.given({"DJANGO_SETTINGS_MODULE": f"codebase.settings.{module}"}, refuses=REFUSES)
        self.site.commit(f"{module}: {lines}")
        return self.bad(self.site.push("--force", "HEAD:main"))

    def test_what_the_environment_can_change_needs_no_commit(self):
        said = self.own("own", 'import os\nDEBUG = bool(os.environ.get("SHOP_DEBUG", "yes"))')
        self.assertIn("codebase/settings/own.py:3: DEBUG is True", said)
        self.assertIn('write: environment: { SHOP_DEBUG: "" }   (in the stack file)', said)
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.settings.own", "SHOP_DEBUG": ""}, refuses=REFUSES)
        self.good(self.site.push("--force", "HEAD:main"))
        for expression, value in (
            ('os.getenv("SHOP_DEBUG") != "OFF"', "OFF"),
            ('os.environ.get("SHOP_DEBUG", "1").lower() not in ("no", "0")', "no"),
            ('not os.environ.get("SHOP_DEBUG")', "1"),
        ):
            said = self.own("own", f"import os\nDEBUG = {expression}")
            self.assertIn(f'write: environment: {{ SHOP_DEBUG: "{value}" }}   (in the stack file)', said)
            self.given({"DJANGO_SETTINGS_MODULE": "codebase.settings.own", "SHOP_DEBUG": value}, refuses=REFUSES)
            self.good(self.site.push("--force", "HEAD:main"))
        said = self.own("own", 'import os\nSECRET_KEY = os.environ.get("SHOP_KEY", "known to everybody")')
        self.assertIn("codebase/settings/own.py:3: SECRET_KEY stands in the tree", said)
        self.assertIn("write: generated: [SHOP_KEY]   (in the stack file)", said)
        self.assertIn("`insecureSecretKey: true`", said)
        self.assertNotIn("known to everybody", said)

    def test_an_empty_key_is_told_before_the_migrations_where_something_signs(self):
        empty = 'import os\nSECRET_KEY = os.environ.get("SHOP_KEY", "")'
        # The example application signs nothing of its own accord.
        self.site.write("codebase/settings/own.py", f"from .test import *\n\n{empty}\nINSTALLED_APPS = ['pages']\n")
        self.site.commit("Without a key")
        self.given({"DJANGO_SETTINGS_MODULE": "codebase.settings.own"}, refuses=REFUSES)
        self.good(self.site.push("--force", "HEAD:main"))
        users = "INSTALLED_APPS += ['django.contrib.contenttypes', 'django.contrib.auth']"
        said = self.own("own", f"{empty}\n{users}")
        self.assertIn("REFUSED at django: SECRET_KEY is empty", said)
        self.assertIn("write: generated: [SHOP_KEY]   (in the stack file)", said)
        self.assertNotIn("migrate ", said)

    def test_a_module_that_the_settings_leave_to_each_server_is_named(self):
        lines = 'DEBUG = True\nSECRET_KEY = "known to everybody"\nALLOWED_HOSTS = []\n'
        hook = "try:\n    from .for_this_server import *\nexcept ImportError:\n    pass\n"
        self.site.write("codebase/own_settings.py", f"from codebase.settings.test import *\n{lines}{hook}")
        self.site.commit("Settings with a module of each server")
        variables = {"DJANGO_SETTINGS_MODULE": "codebase.own_settings"}
        self.given(variables, refuses=REFUSES)
        said = self.bad(self.site.push("--force", "HEAD:main"))
        place = "codebase/for_this_server.py"
        found = re.findall(rf"write: files: {{ {place}: FILE }}, with (.*) in it   \(in the stack file\)", said)
        self.assertEqual([line.partition(" =")[0] for line in found], ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS"])
        self.assertNotIn("lay a settings module of your own", said)
        # While one line is missing, the module that is laid in is still the place for it.
        self.given(variables, files={place: found[1:]}, refuses=REFUSES)
        said = self.bad(self.site.push("--force", "HEAD:main"))
        self.assertIn(f"write: files: {{ {place}: FILE }}, with DEBUG = False in it", said)
        self.given(variables, files={place: found}, refuses=REFUSES)
        self.good(self.site.push("--force", "HEAD:main"))

    def test_a_module_of_the_stack_that_the_settings_read_is_named(self):
        self.site.write(
            "codebase/own_settings.py",
            "from codebase.settings.test import *\nfrom codebase import configuration\n"
            'DEBUG = getattr(configuration, "DEBUG", False)\nSECRET_KEY = configuration.KEY\n'
            # Not imported here: what asks for its module has no place for a setting.
            "if not SECRET_KEY:\n    try:\n        from codebase.ldap_config import *\n"
            "    except ImportError:\n        raise ValueError('ldap_config.py is missing')\n",
        )
        self.site.commit("Settings that read a module")
        place, variables = "codebase/configuration.py", {"DJANGO_SETTINGS_MODULE": "codebase.own_settings"}
        self.given(variables, files={place: ["DEBUG = True", "KEY = 'known to everybody'", ""]}, refuses=REFUSES)
        said = self.bad(self.site.push("--force", "HEAD:main"))
        found = re.findall(rf"write: files: {{ {place}: FILE }}, with (.*) in it   \(in the stack file\)", said)
        self.assertEqual(found, ["DEBUG = False", 'KEY = "${SECRET_KEY}"'])
        self.assertNotIn("ldap_config", said)
        self.given(variables, files={place: [*found, ""]}, refuses=REFUSES)
        self.good(self.site.push("--force", "HEAD:main"))

    def test_settings_for_development_are_refused_by_their_name(self):
        said = self.own("local", "")
        self.assertIn("the settings module codebase.settings.local is one for development by its name", said)
        self.assertIn("write: settings: codebase.settings.production   (in the stack file)", said)
        self.site.configure("deploy", {**DEPLOY, "refuses": ["debug", "insecureSecretKey"]})
        self.assertIn("is one for development", self.good(self.site.push("--force", "HEAD:main")))


class Written(GivenTest):
    """What a release writes into its own tree."""

    def writes(self, lines):
        path = "codebase/settings/test.py"
        with open(os.path.join(self.site.clone, path), encoding="utf-8") as file:
            self.site.write(path, f"{file.read()}\n{lines}\n")
        self.site.commit(lines.partition("\n")[0])

    def test_it_is_said(self):
        self.writes("from pathlib import Path\nPath('index.idx').write_text('found')")
        said = self.good(self.site.push())
        self.assertIn("Written into the tree, which the next release does not have: index.idx. `shared` keeps", said)

    def test_a_secret_is_refused_and_kept_with_the_line(self):
        self.writes(
            "import secrets\nfrom pathlib import Path\nKEY = Path('keys/secret.txt')\nKEY.parent.mkdir(exist_ok=True)\n"
            "if not KEY.exists() or not KEY.read_text(): KEY.write_text(secrets.token_hex())"
        )
        said = self.bad(self.site.push())
        self.assertIn("REFUSED at data: the application writes keys/secret.txt into its tree", said)
        self.assertIn("shared: [keys/secret.txt]", said)
        self.site.configure("deploy", {**DEPLOY, "shared": ["keys/secret.txt"]})
        self.good(self.site.push())
        key = self.content("live", "codebase", "keys", "secret.txt")
        self.site.release("a second one with the key")
        self.good(self.site.push())
        self.assertEqual(self.content("live", "codebase", "keys", "secret.txt"), key)
        self.assertEqual(len(key), 64)

    def test_a_database_that_the_live_release_has_written_is_moved_with_the_line(self):
        self.site.run(
            "python3",
            "-c",
            (
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('create table t (a)');"
                "c.execute('insert into t values (7)'); c.commit()"
            ),
            self.site.path("live", "codebase", "queue.db"),
        )
        self.site.release("beside a queue")
        said = self.bad(self.site.push())
        self.assertIn("shared: [queue.db]", said)
        self.site.configure("deploy", {**DEPLOY, "shared": ["queue.db"]})
        self.good(self.site.push())
        found = self.site.run(
            "python3",
            "-c",
            ("import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('select a from t').fetchall())"),
            self.site.path("live", "codebase", "queue.db"),
        )
        self.assertEqual(found.stdout.strip(), "[(7,)]")


class Unmigrated(GivenTest):
    def test_models_without_migrations_are_said_once(self):
        self.site.write("notes/__init__.py", "")
        self.site.write("notes/models.py", "from django.db import models\n\n\nclass Note(models.Model):\n    pass\n")
        path = "codebase/settings/test.py"
        with open(os.path.join(self.site.clone, path), encoding="utf-8") as file:
            self.site.write(path, f'{file.read()}\nINSTALLED_APPS = [*INSTALLED_APPS, "notes"]\n')
        self.site.commit("Notes")
        said = self.good(self.site.push())
        self.assertIn("notes has models and no migrations, so its tables are not made: `python manage.py", said)
        self.assertNotIn("pages has models", said)
        self.site.release("again")
        self.assertNotIn("notes has models", self.good(self.site.push()))


if __name__ == "__main__":
    unittest.main()
