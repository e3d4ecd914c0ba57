"""What each kind of push leads to: branches, tags, several refs, turns, what a release is made of, the record."""

import glob
import os
import re
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS


class Refs(EngineTest):
    def test_another_branch_is_kept_but_not_deployed(self):
        before = self.served()
        self.site.release("of a feature")
        said = self.good(self.site.push("HEAD:refs/heads/feature"))
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertIn("refs/heads/feature is kept but not deployed: site deploys main.", said)
        self.assertEqual(self.served(), before)
        self.assertIn("feature", self.on_server("branch", "--list"))
        self.good(self.site.push(":refs/heads/feature"))
        self.assertNotIn("feature", self.on_server("branch", "--list"))

    def test_a_tag_is_kept_but_not_deployed(self):
        live = self.site.live()
        self.site.git("tag", "a-tag")
        said = self.good(self.site.push("a-tag"))
        self.assertIn("refs/tags/a-tag is kept but not deployed", said)
        self.assertEqual(self.site.live(), live)
        self.assertEqual(self.on_server("tag", "--list"), "a-tag")

    def test_of_several_refs_the_branch_is_deployed_and_all_are_kept(self):
        self.site.release("with a tag")
        self.site.git("tag", "v9")
        said = self.good(self.site.push("HEAD:main", "HEAD:refs/heads/other", "v9"))
        self.assertEqual(self.served(), "with a tag")
        self.assertRegex(said, r"Live: release \d+")
        self.assertIn("other", self.on_server("branch", "--list"))
        self.assertIn("v9", self.on_server("tag", "--list"))

    def test_of_several_refs_none_is_taken_where_the_branch_is_refused(self):
        before = self.served()
        self.site.write("deploy.sh", "#!/bin/sh\nexit 3\n")
        self.site.commit("Bad")
        said = self.bad(self.site.push("HEAD:main", "HEAD:refs/heads/with-it"))
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertIn("REFUSED at deploy.sh: exit status 3", said)
        self.assertEqual(self.served(), before)
        self.assertNotIn("with-it", self.on_server("branch", "--list"))

    def test_a_deletion_is_refused(self):
        said = self.bad(self.site.push(":main"))
        self.assertIn("REFUSED at branch: main is what site runs and can't be deleted", said)
        self.assertIn("goes on serving; nothing was changed.", said)

    def test_a_push_of_what_is_live_does_nothing(self):
        live = self.site.live()
        self.assertIn("Everything up-to-date", self.good(self.site.push()))
        self.assertEqual(self.site.live(), live)

    def test_a_forced_push_back_is_a_release_of_the_older_revision(self):
        self.site.release("to go back to")
        self.good(self.site.push())
        self.site.release("to be taken back")
        self.good(self.site.push())
        older = self.site.git("rev-parse", "HEAD^")
        self.assertIn("non-fast-forward", self.bad(self.site.push(f"{older}:main")))
        self.assertEqual(self.served(), "to be taken back")
        live = self.site.live()
        self.good(self.site.push(f"+{older}:main"))
        self.assertEqual(self.served(), "to go back to")
        self.assertGreater(self.site.live(), live)
        self.site.git("reset", "--quiet", "--hard", older)

    def test_a_merge_of_another_branch_deploys(self):
        self.site.git("checkout", "--quiet", "-b", "aside")
        self.site.release("merged")
        self.site.git("checkout", "--quiet", "main")
        self.site.git("merge", "--quiet", "--no-ff", "--message", "Merge", "aside")
        self.site.git("branch", "--quiet", "-D", "aside")
        self.good(self.site.push())
        self.assertEqual(self.served(), "merged")


class Turns(EngineTest):
    def test_two_pushes_take_turns(self):
        first = Push(self.site, "slow", "#!/bin/sh\nsleep 1.5\n")
        second = Push(self.site, "quick", "#!/bin/sh\n")
        first.start()
        self.wait_until_deployed(first)
        second.start()
        first.join()
        second.join()
        self.good(first.ended)
        said = self.bad(second.ended)
        revision = first.revision[:7]
        self.assertRegex(said, rf"Waiting for the push of {revision} by \S+.*, since \d\d:\d\d:\d\d\.")
        self.assertIn("REFUSED at lock: main was pushed by somebody else in the meantime", said)
        self.assertIn("`git pull` that work, then push again.", said)
        self.assertEqual(self.served(), "slow")
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")

    def test_the_waiting_one_gives_up_at_its_limit(self):
        self.site.configure("deploy", {"health": "/health", "keep": 2, "limits": {"lock": 1}})
        first = Push(self.site, "slower", "#!/bin/sh\nsleep 3\n")
        first.start()
        self.wait_until_deployed(first)
        second = Push(self.site, "impatient", "#!/bin/sh\n")
        second.start()
        second.join()
        first.join()
        self.site.configure("deploy", {"health": "/health", "keep": 2})
        self.assertIn("REFUSED at lock: waited 1 s for the push of", self.bad(second.ended))
        self.good(first.ended)
        self.assertEqual(self.served(), "slower")
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")

    def test_a_push_to_another_branch_does_not_wait(self):
        first = Push(self.site, "taking long", "#!/bin/sh\nsleep 2\n")
        first.start()
        self.wait_until_deployed(first)
        begun = time.monotonic()
        self.good(self.site.push("HEAD:refs/heads/not-waiting"))
        self.assertTrue(first.is_alive(), time.monotonic() - begun)
        first.join()
        self.good(first.ended)
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")

    def wait_until_deployed(self, push):
        """Wait until this push has the lock."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with open(self.site.path("var", "deploy.lock"), encoding="utf-8") as file:
                if push.revision[:7] in file.read():
                    return
            time.sleep(0.02)
        self.fail("the push has not taken the lock")


class Push(threading.Thread):
    """Push a new commit from a new clone."""

    def __init__(self, site, version, script):
        super().__init__()
        self.site = site
        self.clone = os.path.join(site.scratch, f"clone-{version}".replace(" ", "-"))
        site.run("git", "clone", "--quiet", "--branch", "main", site.path("codebase"), self.clone)
        views = os.path.join(self.clone, "pages", "views.py")
        with open(views, encoding="utf-8") as file:
            text = re.sub(r'VERSION = ".*"', f'VERSION = "{version}"', file.read())
        with open(views, "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(self.clone, "deploy.sh"), "w", encoding="utf-8") as file:
            file.write(script)
        site.run("git", "-C", self.clone, "commit", "--quiet", "--all", "--message", version)
        self.revision = site.run("git", "-C", self.clone, "rev-parse", "HEAD").stdout.strip()

    def run(self):
        done = self.site.run("git", "-C", self.clone, "push", "origin", "HEAD:main", check=False)
        self.ended = done.returncode, done.stdout


class Requirements(EngineTest):
    """A virtualenv is used again if all that uv reads is the same."""

    def venv(self):
        return os.path.basename(os.path.dirname(os.path.realpath(self.site.path("live", "lib"))))

    def version_of(self, package):
        said = self.site.run(self.site.path("bin", "python"), "-m", "pip", "show", package, check=False).stdout
        found = re.search(r"^Version: (.*)$", said, re.M)
        return found and found.group(1)

    def push(self, subject):
        self.site.commit(subject)
        return self.good(self.site.push())

    def test_unchanged_it_is_used_again_and_is_read_only(self):
        before = self.venv()
        self.site.release("same packages")
        self.assertRegex(self.good(self.site.push()), r"virtualenv +\d+\.\d\d s  unchanged")
        self.assertEqual(self.venv(), before)
        folder = os.path.realpath(self.site.path("lib"))
        for path, _, _ in os.walk(folder):
            # Python as root writes its caches all the same.
            if not path.endswith("__pycache__"):
                self.assertEqual(os.stat(path).st_mode & 0o222, 0, path)

    def test_a_new_one_leaves_the_others_as_they_are(self):
        """They have files in common, as hard links to those of uv's cache, which nothing writes into."""
        replaced, before = self.venv(), self.contents()
        self.site.write(
            "requirements.pip", "Django==5.2.16\ngunicorn==27.0.1\npip<24\nsetuptools<65\nsqlparse==0.5.1\n"
        )
        self.push("Other packages")
        self.assertEqual(self.version_of("Django"), "5.2.16")
        after = self.contents()
        # A virtualenv that no release uses any more may be removed.
        kept = {path: about for path, about in before.items() if path in after}
        self.assertIn("/empty-", " ".join(kept))
        self.assertIn(replaced, " ".join(kept))
        self.assertEqual({path: after[path] for path in kept}, kept)

    def test_a_new_one_has_what_pip_would_install_and_bytecode_for_all_of_it(self):
        self.site.write("requirements.pip", "Django==5.2.17\ngunicorn==27.0.1\nsqlparse==0.5.2\n")
        self.push("One more package")
        self.site.write("requirements.pip", "Django==5.2.18\ngunicorn==27.0.1\n")
        self.push("One package less, and another")
        fresh = os.path.join(self.site.scratch, "fresh")
        self.site.run("virtualenv", "--quiet", "--python", "/usr/bin/python3", fresh)
        self.site.run(
            os.path.join(fresh, "bin", "pip"), "install", "--quiet", "-r", self.site.path("live", "requirements")
        )
        wanted, got = (
            {
                os.path.relpath(os.path.join(path, name), top): os.path.join(path, name)
                for path, _, names in os.walk(top)
                for name in names
                if "/site-packages/" in path
                and not re.search(
                    r"__pycache__|\.dist-info|/(?:pip|setuptools|pkg_resources|_distutils_hack|wheel)(?:/|$)", path
                )
            }
            for top in (fresh, os.path.dirname(os.path.realpath(self.site.path("lib"))))
        )
        self.assertEqual(sorted(wanted), sorted(got))
        for name, path in wanted.items():
            self.assertEqual(read(path), read(got[name]), name)
        for name, path in got.items():
            if name.startswith("lib/python") and "/django/" in name and name.endswith(".py"):
                with self.subTest(module=name):
                    bytecode = read(bytecode_of(path))
                    about = os.stat(path)
                    self.assertEqual(struct.unpack("<III", bytecode[4:16]), (0, int(about.st_mtime), about.st_size))
        packages = glob.glob(os.path.join(self.site.path("live", "lib"), "python*", "site-packages"))
        self.assertTrue(os.path.exists(os.path.join(packages[0], "gunicorn", "__pycache__")))
        self.assertTrue(os.path.exists(os.path.join(packages[0], "pip")))
        self.assertFalse(os.path.exists(os.path.join(packages[0], "pip", "__pycache__")))

    def test_a_file_that_the_one_before_has_too_is_stored_once(self):
        def files():
            (top,) = glob.glob(os.path.join(os.path.realpath(self.site.path("lib")), "python*/site-packages/gunicorn"))
            paths = (os.path.join(path, name) for path, _, names in os.walk(top) for name in names)
            return {os.path.relpath(path, top): os.stat(path).st_ino for path in paths}

        self.site.write("requirements.pip", "Django==5.2.17\ngunicorn==27.0.1\n")
        self.push("A Django")
        before = files()
        self.site.write("requirements.pip", "Django==5.2.18\ngunicorn==27.0.1\n")
        self.push("Another Django")
        self.assertEqual(files(), before)
        # With their bytecode.
        self.assertGreater(len([name for name in before if name.endswith(".pyc")]), 40)

    def test_a_module_of_the_codebase_keeps_its_bytecode_only_while_it_is_the_same(self):
        self.site.release("one")
        self.good(self.site.push())
        # Of the same length, and exported within the same second as far as its bytecode can tell.
        self.site.release("two")
        self.good(self.site.push())
        self.assertEqual(self.served(), "two")
        codebase = self.site.path("live", "codebase")
        same, other = (os.path.join(codebase, "pages", name) for name in ("models.py", "views.py"))
        self.assertGreater(os.stat(bytecode_of(same)).st_nlink, 1)
        self.assertEqual(os.stat(bytecode_of(other)).st_nlink, 1)

    def contents(self):
        """Return mode, time and content of each file of each virtualenv."""
        self.site.wait_for_rest()
        found = {}
        for path, _, names in os.walk(self.site.path("venvs")):
            for name in names:
                file = os.path.join(path, name)
                if not os.path.islink(file):
                    about = os.stat(file)
                    found[file] = (about.st_mode, about.st_mtime_ns, read(file))
        return found

    def test_an_included_file_and_a_constraint_count(self):
        package = "def name():\n    return 'one'\n"
        self.make_package("thing", "1.0", package)
        self.site.write("requirements.pip", "-r more/all.txt\n")
        os.makedirs(os.path.join(self.site.clone, "more"), exist_ok=True)
        self.site.write("more/all.txt", f"{REQUIREMENTS}-c limits.txt\nsqlparse\n")
        self.site.write("more/limits.txt", "sqlparse<=0.5.1\n")
        self.push("Included")
        one = self.venv()
        self.assertEqual(self.version_of("sqlparse"), "0.5.1")
        self.site.write("more/limits.txt", "sqlparse<=0.5.2\n")
        self.push("Another constraint")
        self.assertNotEqual(self.venv(), one)
        self.assertEqual(self.version_of("sqlparse"), "0.5.2")

    def test_a_local_package_counts(self):
        self.make_package("thing", "1.0", "NAME = 'one'\n")
        self.site.write("requirements.pip", f"{REQUIREMENTS}./thing\n")
        self.push("A local package")
        python = self.site.path("bin", "python")
        ask = [python, "-c", "import thing; print(thing.NAME)"]
        self.assertEqual(self.site.run(*ask).stdout.strip(), "one")
        self.make_package("thing", "1.0", "NAME = 'two'\n")
        self.push("The same version with other content")
        self.assertEqual(self.site.run(*ask).stdout.strip(), "two")

    def test_a_new_one_is_made_with_what_visitors_leave(self):
        """Where they leave something; which the machine of a test may not."""
        with open(self.site.path("engine", "host", "priority.py"), "r+", encoding="utf-8") as file:
            self.addCleanup(self.site.write, file.name, file.read())
            file.write("\n\ndef has_spare_cpu():\n    return True\n")
        self.make_package("lowered", "1.0", "")
        self.site.write(
            "lowered/setup.py",
            "import os\nfrom setuptools import setup\n"
            "with open(os.environ['VAR_DIR'] + '/policy', 'w') as file:\n"
            "    file.write(str(os.sched_getscheduler(0)))\n"
            "setup()\n",
        )
        self.site.write("requirements.pip", f"{REQUIREMENTS}./lowered\n")
        self.push("A package that tells how it is built")
        self.assertEqual(read(self.site.path("var", "policy")), b"%d" % os.SCHED_IDLE)

    def make_package(self, name, version, text):
        folder = os.path.join(self.site.clone, name, name)
        os.makedirs(folder, exist_ok=True)
        self.site.write(f"{name}/{name}/__init__.py", text)
        self.site.write(
            f"{name}/pyproject.toml",
            f'[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\n',
        )


def bytecode_of(module):
    (path,) = glob.glob(os.path.join(os.path.dirname(module), "__pycache__", os.path.basename(module)[:-2] + "*.pyc"))
    return path


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Record(EngineTest):
    def test_a_push_and_a_refusal_are_on_record(self):
        self.site.release("on record")
        self.good(self.site.push())
        entry = self.site.record()[-1]
        self.assertEqual(entry["kind"], "push")
        self.assertEqual(entry["ended"], "live")
        self.assertEqual(entry["revision"], self.site.git("rev-parse", "HEAD"))
        self.assertGreater(entry["seconds"], 0)
        self.assertEqual(
            [step["step"] for step in entry["steps"]],
            ["export", "virtualenv", "deploy.sh", "django", "boot", "health"],
        )
        self.site.write("deploy.sh", "exit 4\n")
        self.site.commit("Bad")
        self.bad(self.site.push())
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        entry = self.site.record()[-1]
        self.assertEqual((entry["ended"], entry["reason"]), ("refused", "deploy.sh: exit status 4"))
        self.assertEqual(entry["steps"][-1]["ended"], "failed")
        said = self.site.deploy("log")
        self.assertRegex(said, rf" s  {re.escape(entry['by'])}  refused  deploy.sh: exit status 4\n")
        self.assertRegex(said, r"  live\n    export \d+\.\d\d s, .*, health \d+\.\d\d s\n")

    def test_no_secret_is_on_record_or_in_a_log(self):
        for folder, _, names in os.walk(self.site.path("var", "log")):
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    self.assertNotIn("the key of a test", file.read(), name)


if __name__ == "__main__":
    unittest.main()
