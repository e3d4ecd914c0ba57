"""What a virtualenv is made of: each kind of lock file and of requirements; and what is kept of a refused push."""

import os
import sys
import tempfile
import time
import unittest
import zipfile
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS
from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.config import Config
from engine.venv import kept
from engine.venv.absent import no_dependencies, no_such_file
from engine.venv.requirements import Requirements


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


class NoDependencies(Tree):
    def test_what_is_there_is_named_with_the_setting(self):
        config = Config({"site": "shop"})
        for names, reads in (
            ((), ("the pushed tree has no uv.lock,", "Commit one: a requirements.txt")),
            (("setup.py",), ("setup.py does not name Django itself", "`files: { requirements.txt: FILE }`")),
            (("requirements/dev.txt", "requirements/prod.txt"), ("`requirements: requirements/prod.txt` of shop",)),
            (("backend/requirements-dev.txt", "backend/requirements.txt"), ("backend/requirements.txt`",)),
            (("backend/uv.lock",), ("but there is backend/uv.lock",)),
        ):
            with self.subTest(names=names):
                refused = no_dependencies(self.tree(*names), config)
                for words in reads:
                    self.assertIn(words, f"{refused.reason} {refused.advice}")

    def test_a_file_that_the_stack_names(self):
        config = Config({"site": "shop"})
        refused = no_such_file(self.tree("requirements.txt"), "requirements/prod.txt", config)
        self.assertEqual(
            refused.reason, "there is no requirements/prod.txt in the pushed tree, but there is requirements.txt"
        )
        self.assertIn("`requirements: requirements.txt` of shop", refused.advice)
        self.assertIn("take `requirements` of shop out", no_such_file(self.tree(), "x.txt", config).advice)


class Pushes(EngineTest):
    def tearDown(self):
        self.site.write("requirements.pip", REQUIREMENTS)
        self.site.write("deploy.sh", "")

    def push(self, subject):
        self.site.commit(subject)
        return self.site.push()

    def venvs(self):
        self.site.wait_for_rest()
        return set(os.listdir(self.site.path("venvs")))

    def test_what_is_known_before_uv_works_is_said_before(self):
        # Nobody could install this.
        self.site.write("requirements.pip", f"{REQUIREMENTS}no-such-package-of-greenpush==1\n")
        for script, reads in (
            (None, "REFUSED at deploy.sh: deploy.sh is a link to nothing"),
            ("#!/bin/sh\r\n", "REFUSED at deploy.sh: it is saved as Windows does"),
        ):
            path = os.path.join(self.site.clone, "deploy.sh")
            os.unlink(path)
            if script is None:
                os.symlink("nothing", path)
            else:
                self.site.write("deploy.sh", script)
            said = self.bad(self.push("Refused early"))
            self.assertIn(reads, said)
            self.assertNotIn("virtualenv ", said)
        self.assertRegex(self.site.record()[-1]["reason"], "^deploy.sh: it is saved as Windows does")

    def test_a_new_wheel_in_a_folder_of_the_tree_is_installed(self):
        self.site.write("requirements.pip", f"--find-links wheels\n{REQUIREMENTS}thing\n")
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
        self.site.write("requirements.pip", f"{REQUIREMENTS}sqlparse==0.5.1\n")
        self.site.write("deploy.sh", "exit 3\n")
        before = self.venvs()
        self.bad(self.push("Refused after uv"))
        (kept,) = self.venvs() - before
        self.site.deploy("recover")
        self.assertIn(kept, self.venvs())
        self.site.write("deploy.sh", "")
        self.assertRegex(self.good(self.push("Mended")), r"virtualenv +\d+\.\d\d s  unchanged")
        lib = os.path.realpath(self.site.path("live", "lib"))
        self.assertEqual(os.path.basename(os.path.dirname(lib)), kept)

    def test_it_is_kept_for_a_day(self):
        self.site.write("requirements.pip", f"{REQUIREMENTS}sqlparse==0.5.2\n")
        self.site.write("deploy.sh", "exit 3\n")
        before = self.venvs()
        self.bad(self.push("Refused, and never mended"))
        (name,) = self.venvs() - before
        mark = self.site.path("venvs", name, "complete")
        os.utime(mark, (time.time() - kept.FOR_THE_NEXT - 60,) * 2)
        self.site.deploy("recover")
        self.assertEqual(self.venvs(), before)

    def test_what_uv_did_not_end_is_not_kept(self):
        self.site.write("requirements.pip", f"{REQUIREMENTS}no-such-package-of-greenpush==1\n")
        before = self.venvs()
        self.bad(self.push("Refused by uv"))
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
