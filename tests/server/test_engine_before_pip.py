"""What is known of a push before pip has worked for it, and what of pip's work is kept when it is refused."""

import os
import sys
import tempfile
import time
import unittest
import zipfile
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.config import Config
from engine.errors import Refused
from engine.venv import kept
from engine.venv.preflight import no_requirements
from engine.venv.requirements import Requirements, venv_key

USUAL = "Django==5.2.19\ngunicorn==27.0.1\n"
HASH = " --hash=sha256:" + "0" * 64


class Tree(unittest.TestCase):
    """A folder with files."""

    def tree(self, *names, **texts):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in (*((name, "") for name in names), *texts.items()):
            path = os.path.join(folder.name, name.replace("__", "/").replace("_txt", ".txt"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return folder.name


class WhatPipReads(Tree):
    def requirements(self, text, **texts):
        return Requirements(
            self.tree("wheels/x.whl", "thing/setup.py", requirements_txt=text, **texts), "requirements.txt"
        )

    def test_where_packages_are_looked_for(self):
        for line, places in (
            ("--find-links wheels", ["wheels"]),
            ("--find-links=wheels", ["wheels"]),
            ("-f wheels", ["wheels"]),
            ("-fwheels/", ["wheels/"]),
            ("-f 'wheels'", ["wheels"]),
            ("-f ./wheels", ["./wheels"]),
            ("--no-index --find-links wheels  # ours", ["wheels"]),
            ("-i ../simple --extra-index-url wheels", ["../simple", "wheels"]),
            ("-f https://example.org/wheels", []),
            ("--index-url https://example.org/simple", []),
            ("-f file:///srv/wheels", ["/srv/wheels"]),
            ("--no-binary wheels", []),
        ):
            with self.subTest(line=line):
                found = self.requirements(f"{line}\nDjango\n")
                self.assertEqual(found.places, [os.path.join(found.root, place) for place in places])
                self.assertFalse(found.local)

    def test_what_is_installed_from_the_tree(self):
        for line, local, editable in (
            ("./thing", True, False),
            ("thing/", True, False),
            ("wheels/x.whl", True, False),
            ("thing @ file:thing", True, False),
            ("-e ./thing", True, True),
            ("-e thing", True, True),
            ("--editable=thing", True, True),
            ("-e git+https://example.org/x.git#egg=x", False, False),
            ("Django==5.2.19", False, False),
        ):
            with self.subTest(line=line):
                found = self.requirements(f"{line}\n")
                self.assertEqual((found.local, found.editable), (local, editable))

    def test_what_surely_brings_no_gunicorn(self):
        for text, surely in (
            ("", True),
            ("# gunicorn\n", True),
            ("Django==5.2.19\nsqlparse\n", True),
            ("Django[argon2]>5 ; python_version > '3'\n", True),
            (f"Django==5.2.19{HASH}\npillow==11.0{HASH}\n", True),
            (f"Django==5.2.19 \\\n   {HASH}\n", True),
            ("Django==5.2.19\ngunicorn\n", False),
            ("Django==5.2.19\nGUNICORN[gevent] ~= 27.0\n", False),
            ("Django==5.2.19\nuvicorn-worker\n", False),
            ("Django==5.2.19\n./thing\n", False),
            ("Django==5.2.19\nhttps://example.org/x.whl\n", False),
            ("Django==5.2.19\n-e git+https://example.org/x.git\n", False),
            ("Django==5.2.19\n-r https://example.org/more.txt\n", False),
            ("Django==5.2.19\n-r more.txt\n", False),
            ("Django==5.2.19\n-r less.txt\n", True),
            ("Django==5.2.19\n-c more.txt\n", True),
        ):
            with self.subTest(text=text):
                found = self.requirements(text, more_txt="gunicorn\n", less_txt="tzdata\n")
                self.assertEqual(found.surely_lack("gunicorn"), surely)

    def test_what_makes_another_virtualenv(self):
        def key(identity, text="--find-links wheels\nDjango\n", given=(), **environment):
            return venv_key(self.requirements(text), "/usr/bin/python3", identity, 1, environment, given)

        def within_a_submodule(path):
            if path:
                raise Refused("git", "no such path")
            return "of the tree"

        same = key(lambda path: f"of {path}")
        self.assertEqual(key(lambda path: f"of {path}"), same)
        others = [
            key(lambda path: f"another {path}"),
            key(within_a_submodule),
            key(
                lambda path: f"of {path}",
                given=["PIP_INDEX_URL", "MOOD"],
                PIP_INDEX_URL="https://example.org",
                MOOD="x",
            ),
            key(lambda path: f"of {path}", text="Django\n"),
        ]
        self.assertEqual(len({same, *others}), 5)
        mood = key(lambda path: f"of {path}", given=["MOOD"], MOOD="x")
        self.assertEqual(mood, same)

    def test_a_folder_outside_of_the_tree_counts_by_what_it_has(self):
        folder = self.tree("one.whl")
        keys = []
        for name in (None, None, "two.whl"):
            if name:
                with open(os.path.join(folder, name), "w", encoding="ascii"):
                    pass
            found = self.requirements(f"-f {folder}\nDjango\n")
            keys.append(venv_key(found, "/usr/bin/python3", lambda path: "of the tree", 1, {}))
        self.assertEqual([key == keys[0] for key in keys], [True, True, False])


class NoRequirements(Tree):
    def test_what_is_there_is_named_with_the_setting(self):
        for names, reads in (
            ((), ("pushed tree", "`requirements` in the stack file of shop")),
            (
                ("manage.py", "requirements.txt"),
                ("but there is requirements.txt", "`requirements: requirements.txt`"),
            ),
            (("requirements/dev.txt", "requirements/prod.txt"), ("`requirements: requirements/prod.txt`",)),
            (("manage.py", "backend/requirements-dev.txt", "backend/requirements.txt"), ("backend/requirements.txt`",)),
            (("requirements.pip.bak", "uv.lock", "pyproject.toml"), ("but there is uv.lock", "`uv export ")),
            (("Pipfile.lock",), ("but there is Pipfile.lock", "pipenv requirements")),
            (("pyproject.toml",), ("but there is pyproject.toml", "the lines `.` and `gunicorn`")),
            (
                ("backend/manage.py", "backend/requirements.txt", "frontend/package.json"),
                (
                    "the project is in its folder backend (backend/manage.py, backend/requirements.txt)",
                    "`git push REMOTE $(git subtree split --prefix backend):refs/heads/main`",
                ),
            ),
        ):
            with self.subTest(names=names):
                config = Config({"site": "shop", "branch": "main"})
                refused = no_requirements(self.tree(*names), "requirements.pip", config)
                self.assertIn("there is no requirements.pip in the pushed tree", refused.reason)
                for words in reads:
                    self.assertIn(words, f"{refused.reason} {refused.advice}")


class Pushes(EngineTest):
    def tearDown(self):
        self.site.write("requirements.pip", USUAL)
        self.site.write("deploy.sh", "")

    def push(self, subject):
        self.site.commit(subject)
        return self.site.push()

    def venvs(self):
        self.site.wait_for_rest()
        return set(os.listdir(self.site.path("venvs")))

    def test_what_is_known_before_pip_is_said_before_pip(self):
        # Nobody could install this.
        self.site.write("requirements.pip", f"{USUAL}no-such-package-of-greenpush==1\n")
        for script, reads in (
            (None, "REFUSED at deploy.sh: there is none in the root of the pushed tree"),
            ("#!/bin/sh\r\n", "REFUSED at deploy.sh: it is saved as Windows does"),
        ):
            if script is None:
                os.unlink(os.path.join(self.site.clone, "deploy.sh"))
            else:
                self.site.write("deploy.sh", script)
            said = self.bad(self.push("Refused early"))
            self.assertIn(reads, said)
            self.assertNotIn("virtualenv ", said)
        self.assertRegex(self.site.record()[-1]["reason"], "^deploy.sh: it is saved as Windows does")
        self.site.write("deploy.sh", "")
        self.site.write("requirements.pip", "Django==5.2.19\n")
        with mock.patch.dict(os.environ, PIP_INDEX_URL="http://127.0.0.1:1/simple"):
            said = self.bad(self.push("Without gunicorn"))
        self.assertIn("REFUSED at virtualenv: requirements.pip brings no gunicorn", said)
        self.assertNotIn("127.0.0.1", said)

    def test_a_new_wheel_in_a_folder_of_the_tree_is_installed(self):
        self.site.write("requirements.pip", f"--find-links wheels\n{USUAL}thing\n")
        python = self.site.path("bin", "python")
        for word in ("one", "two"):
            self.wheel("thing", word)
            self.good(self.push(f"A wheel with {word}"))
            said = self.site.run(python, "-c", "import thing; print(thing.WORD)").stdout
            self.assertEqual(said.strip(), word)
        self.site.release("with the same wheel")
        self.assertRegex(self.good(self.site.push()), r"virtualenv +\d+\.\d\d s  unchanged")

    def wheel(self, name, word):
        os.makedirs(os.path.join(self.site.clone, "wheels"), exist_ok=True)
        about = f"{name}-1.dist-info"
        with zipfile.ZipFile(os.path.join(self.site.clone, "wheels", f"{name}-1-py3-none-any.whl"), "w") as file:
            file.writestr(f"{name}.py", f"WORD = {word!r}\n")
            file.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
            file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            file.writestr(f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")

    def test_the_virtualenv_of_a_refused_push_is_there_for_the_next(self):
        self.site.write("requirements.pip", f"{USUAL}sqlparse==0.5.1\n")
        self.site.write("deploy.sh", "exit 3\n")
        before = self.venvs()
        self.bad(self.push("Refused after pip"))
        (kept,) = self.venvs() - before
        self.site.deploy("recover")
        self.assertIn(kept, self.venvs())
        self.site.write("deploy.sh", "")
        self.assertRegex(self.good(self.push("Mended")), r"virtualenv +\d+\.\d\d s  unchanged")
        lib = os.path.realpath(self.site.path("live", "lib"))
        self.assertEqual(os.path.basename(os.path.dirname(lib)), kept)

    def test_it_is_kept_for_a_day(self):
        self.site.write("requirements.pip", f"{USUAL}sqlparse==0.5.2\n")
        self.site.write("deploy.sh", "exit 3\n")
        before = self.venvs()
        self.bad(self.push("Refused, and never mended"))
        (name,) = self.venvs() - before
        mark = self.site.path("venvs", name, "complete")
        os.utime(mark, (time.time() - kept.FOR_THE_NEXT - 60,) * 2)
        self.site.deploy("recover")
        self.assertEqual(self.venvs(), before)

    def test_what_pip_did_not_end_is_not_kept(self):
        self.site.write("requirements.pip", f"{USUAL}no-such-package-of-greenpush==1\n")
        before = self.venvs()
        self.bad(self.push("Refused by pip"))
        self.assertEqual(self.venvs(), before)

    def test_nothing_is_kept_where_the_disk_is_full(self):
        with (
            mock.patch.object(kept, "has_ample_headroom", lambda: False),
            mock.patch.object(kept, "complete_venv") as complete,
        ):
            kept.keep_venv("any")
        complete.assert_not_called()


class SetUp(EngineTest):
    def test_a_push_before_the_set_up_is_done(self):
        self.site.release("too early")
        for part, value in (("gunicorn", {}), ("settings", {}), ("secrets", {})):
            with self.subTest(part=part):
                path = self.site.path("config", f"{part}.json")
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                self.site.configure(part, value)
                said = self.bad(self.site.push())
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertIn("REFUSED at set-up: the set-up of site is not done yet", said)
                self.assertIn("Wait for `pulumi up` to end", said)
        self.good(self.site.push())


if __name__ == "__main__":
    unittest.main()
