"""What pip reads for a tree, and which virtualenv serves it."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.config import Config
from engine.errors import Refused
from engine.venv.dependencies import Dependencies
from engine.venv.key import identity_of, venv_key
from engine.venv.requirements import (
    Requirements,
    options_of,
    python_version,
    version_of,
)


class Tree(Scratch):
    def setUp(self):
        super().setUp()
        self.root = self.path("releases", "1", "codebase")
        os.makedirs(self.root)

    def write(self, name, text=""):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, text, name="requirements.pip"):
        self.write(name, text)
        return Requirements(self.root, name)

    def flags(self, text):
        found = self.read(text)
        return {flag for flag in ("local", "editable", "remote", "hashed") if getattr(found, flag)}


class Read(Tree):
    def test_what_is_read(self):
        found = self.read("Django==5.2 # a comment\n# another\n\n--pre\n--trusted-host a.example.org\n")
        self.assertEqual(found.texts, [("requirements.pip", self.read_text("requirements.pip"))])
        self.assertEqual((found.pre, found.trusted), (True, ["a.example.org"]))

    def read_text(self, name):
        with open(os.path.join(self.root, name)) as file:
            return file.read()

    def test_a_line_that_goes_on(self):
        found = self.read("django==5.2 \\\n    --hash=sha256:00\n")
        self.assertTrue(found.hashed)

    def test_what_a_file_includes(self):
        self.write("more/base.txt", "a==1\n-r deeper.txt\n-c limits.txt\n")
        self.write("more/deeper.txt", "b==1\n-r base.txt\n")
        self.write("more/limits.txt", "never==1 --hash=sha256:00\n")
        found = self.read("-r more/base.txt\n")
        names = ["requirements.pip", "more/base.txt", "more/deeper.txt", "more/limits.txt"]
        self.assertEqual([name for name, _ in found.texts], names)
        self.assertFalse(found.hashed)

    def test_a_file_that_is_a_constraint_and_is_included(self):
        self.write("both.txt", "a==1\n")
        found = self.read("-c both.txt\n-r both.txt\n")
        self.assertEqual([name for name, _ in found.texts], ["requirements.pip", "both.txt", "both.txt"])

    def test_one_that_is_missing(self):
        self.assertEqual(self.read("-r nowhere.txt\n").texts[1], ("nowhere.txt", "missing"))

    def test_so_many_files_and_no_more(self):
        def chain(count):
            for at in range(count):
                self.write(f"{at}.txt", f"-r {at + 1}.txt\n")
            return self.read("-r 0.txt\n")

        # It, 98 that include one more, and that one, which is missing.
        self.assertEqual(len(chain(98).texts), 100)
        for at in range(98):
            os.unlink(os.path.join(self.root, f"{at}.txt"))
        with self.assertRaises(Refused) as raised:
            chain(99)
        self.assertEqual(raised.exception.step, "virtualenv")
        self.assertIn("more than 100 files", raised.exception.reason)

    def test_variables(self):
        found = self.read("--index-url https://${USER_1}:${TOKEN}@index/\n")
        self.assertEqual(found.variables, {"USER_1", "TOKEN"})

    def test_what_is_of_the_tree_or_from_elsewhere(self):
        self.write("archive.whl")
        for text, flags in (
            ("django\n", set()),
            (".\n", {"local"}),
            ("./thing\n", {"local"}),
            ("../thing\n", {"local"}),
            (".[extra]\n", {"local"}),
            ("..\n", {"local"}),
            ("/srv/thing\n", {"local"}),
            ("file:///srv/thing\n", {"local"}),
            ("thing @ file:///srv/thing\n", {"local"}),
            ("thing @ https://host/thing.zip\n", set()),
            ("archive.whl\n", {"local"}),
            ("-e .\n", {"local", "editable"}),
            ("--editable=./thing\n", {"local", "editable"}),
            ("-e file:///srv/thing\n", {"local", "editable"}),
            ("-e git+https://host/thing\n", set()),
            ("-r https://host/requirements.txt\n", {"remote"}),
            ("-chttps://host/limits.txt\n", {"remote"}),
            ("--require-hashes\ndjango\n", {"hashed"}),
            ("django --hash=sha256:00\n", {"hashed"}),
        ):
            with self.subTest(text):
                self.assertEqual(self.flags(text), flags)

    def test_places_that_packages_are_looked_for_in(self):
        os.makedirs(os.path.join(self.root, "more", "wheels"))
        self.write("more/base.txt", "-f wheels\n--find-links=far\n-i https://index/\n-f file:///srv/my%20wheels\n")
        found = self.read("-r more/base.txt\n")
        beside, root = os.path.join(self.root, "more", "wheels"), os.path.join(self.root, "far")
        self.assertEqual(found.places, [beside, root, "/srv/my wheels"])


class Lines(unittest.TestCase):
    def test_options(self):
        for line, found in (
            ("-r a.txt", [("-r", "a.txt")]),
            ("-ra.txt", [("-r", "a.txt")]),
            ("--requirement=a.txt", [("--requirement", "a.txt")]),
            ("--requirement a.txt -c 'b c.txt'", [("--requirement", "a.txt"), ("-c", "b c.txt")]),
            ("-r", [("-r", "")]),
            ("--pre", []),
            ("--extra-index-url=https://x/?a=b", [("--extra-index-url", "https://x/?a=b")]),
            ("-f it's", [("-f", "it's")]),
            ("--find", []),
        ):
            with self.subTest(line):
                self.assertEqual(options_of(line), found)


class Key(Tree):
    def key(self, text="django\n", **changed):
        given = {"python": sys.executable, "number": 1, "environment": {}, "given": ()}
        given.update(changed)
        identity = given.pop("identity", lambda path: f"id of {path}")
        self.write("requirements.pip", text)
        found = Dependencies(self.root, self.root, ["requirements.pip"], Config({}))
        return venv_key(found, identity=identity, **given)

    def test_the_same_content_has_the_same_name(self):
        self.assertRegex(self.key(), r"^[0-9a-f]{16}$")
        self.assertEqual(self.key(), self.key(number=2, environment={"OTHER": "1"}, identity=str))

    def test_what_makes_another(self):
        one = self.key()
        self.assertNotEqual(one, self.key("django \n"))
        self.assertNotEqual(one, self.key(python="/usr/bin/env"))
        index = "--index-url https://${TOKEN}@x/\n"
        self.assertNotEqual(self.key(index, environment={"TOKEN": "a"}), self.key(index, environment={"TOKEN": "b"}))
        # Variables that pip itself reads, where the stack gives them.
        option = {"given": ["PIP_INDEX_URL", "HOME"]}
        self.assertNotEqual(one, self.key(**option))
        self.assertNotEqual(self.key(environment={"PIP_INDEX_URL": "x"}, **option), self.key(**option))
        self.assertEqual(self.key(environment={"HOME": "x"}, **option), self.key(**option))

    def test_a_local_package_has_the_name_of_its_tree(self):
        one, other = (self.key(".\n", identity=lambda path, name=name: f"{name}{path}") for name in ("a", "b"))
        self.assertNotEqual(one, other)
        self.assertEqual(one, self.key(".\n", identity=lambda path: f"a{path}", number=2))

    def test_an_editable_one_and_what_nobody_can_know_are_of_one_release(self):
        for text in ("-e .\n", "-r https://host/x.txt\n"):
            with self.subTest(text):
                self.assertNotEqual(self.key(text), self.key(text, number=2))
                self.assertEqual(self.key(text), self.key(text))

    def test_what_is_in_a_place(self):
        self.write("wheels/one.whl")
        inside = os.path.join(self.root, "wheels")
        self.assertEqual(identity_of(inside, self.root, lambda path: f"id {path}"), "id wheels")
        self.assertEqual(identity_of(self.root, self.root, lambda path: f"id {path}"), "id ")

        def within_submodule(path):
            if path:
                raise Refused("git", "no such path")
            return "tree"

        self.assertEqual(identity_of(inside, self.root, within_submodule), "tree")
        outside = self.path("wheels")
        os.makedirs(outside)
        for name in ("b.whl", "a.whl"):
            with open(os.path.join(outside, name), "w") as file:
                file.write(name)
        found = identity_of(outside, self.root, str)
        self.assertEqual([each[:2] for each in found], [["a.whl", 5], ["b.whl", 5]])
        os.utime(os.path.join(outside, "a.whl"), (1, 1))
        self.assertNotEqual(identity_of(outside, self.root, str), found)
        (alone,) = identity_of(os.path.join(outside, "b.whl"), self.root, str)
        self.assertEqual(alone[1], 5)
        self.assertEqual(identity_of(os.path.join(outside, "nothing"), self.root, str), [])


class Python(unittest.TestCase):
    def test_versions(self):
        self.assertEqual(python_version(sys.executable), f"Python {sys.version}")
        self.assertEqual(version_of(sys.executable), ".".join(map(str, sys.version_info[:2])))
        self.assertEqual(version_of("/bin/true"), "?")


if __name__ == "__main__":
    unittest.main()
