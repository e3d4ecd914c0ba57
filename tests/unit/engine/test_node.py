"""Which Node a tree asks for, and which package manager."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.errors import Refused
from engine.guest.greenpush_django.absent_paths import by_node
from engine.tree.node import NAMES_NODE, find_node, package_managers, wanted_node
from engine.tree.procfile import procfile
from engine.tree.versions import satisfies


class Ranges(unittest.TestCase):
    def test_what_a_range_means(self):
        for wanted, fitting, others in (
            ("22", "22.0.0 22.23.3", "20.1.0 24.0.0"),
            ("v22.11.0", "22.11.0 22.23.3", "22.10.9 24.0.0"),
            ("22.x", "22.0.0", "23.0.0"),
            ("^20.17.0 || >=22.9.0", "20.17.0 22.9.0 24.0.0", "20.16.9 21.0.0 22.8.0"),
            (">=18", "18.0.0 24.0.0", "16.20.0"),
            (">=18 <21", "18.0.0 20.9.9", "21.0.0"),
            (">= 18.17", "18.17.0", "18.16.0"),
            ("18 - 20", "18.0.0 20.9.0", "21.0.0 17.0.0"),
            ("~20.11", "20.11.0 20.11.9", "20.12.0 20.10.0"),
            ("<=20", "20.19.0 18.0.0", "21.0.0"),
            (">20", "21.0.0", "20.19.0"),
            ("lts/*", "22.0.0 24.0.0", "23.0.0"),
            ("lts/jod", "22.0.0", "20.0.0"),
            ("*", "1.0.0", ""),
            ("node", "24.0.0", ""),
        ):
            with self.subTest(wanted=wanted):
                for right, versions in ((True, fitting), (False, others)):
                    for version in versions.split():
                        numbers = tuple(map(int, version.split(".")))
                        self.assertIs(satisfies(numbers, wanted), right, version)

    def test_what_is_not_understood(self):
        for wanted in ("lts/nobody", "whatever", "20 & 22"):
            self.assertIsNone(satisfies((22, 0, 0), wanted), wanted)


class OfTree(Scratch):
    def setUp(self):
        super().setUp()
        self.made = self.release(3)
        self.tree = self.made.codebase
        self.front = os.path.join(self.tree, "frontend")
        os.mkdir(self.front)
        self.tools = self.path("tools")

    def write(self, name, text):
        path = os.path.join(self.tree, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text if isinstance(text, str) else json.dumps(text))
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))

    def install(self, *versions):
        for version in versions:
            os.makedirs(os.path.join(self.tools, "node", version, "bin"))
            with open(os.path.join(self.tools, "node", version, "bin", "node"), "w", encoding="utf-8"):
                pass

    def find(self, *lines, **given):
        config = self.config(tools=self.tools, **given)
        found = find_node(config, self.made, lines, [self.front, self.tree])
        return os.path.relpath(found, os.path.join(self.tools, "node")) if found else found

    def test_the_stack_comes_first_then_the_folder_of_a_command_then_the_top(self):
        folders = [self.front, self.tree]
        origin = lambda **given: wanted_node(self.config(**given), self.made, folders).origin  # noqa: E731 # four times
        self.assertIsNone(wanted_node(self.config(), self.made, folders))
        self.write("mise.toml", '[tools]\nnode = "24"\n')
        self.assertEqual(origin(), "mise.toml")
        self.write(".tool-versions", "python 3.13\nnodejs 20.1.0 # lts\n")
        self.assertEqual(wanted_node(self.config(), self.made, folders).version, "20.1.0")
        self.write("package.json", {"engines": {"node": ">=20"}})
        self.assertEqual(origin(), "engines.node of package.json")
        self.write(".nvmrc", "# ours\n22 # jod\n")
        self.assertEqual(origin(), ".nvmrc")
        self.write("frontend/.node-version", "24\n")
        self.assertEqual(origin(), "frontend/.node-version")
        self.assertEqual(origin(node="20"), "`node` in the stack file")

    def test_the_newest_that_fits_is_taken(self):
        self.install("20.19.0", "22.9.0", "22.10.0")
        self.assertEqual(self.find(), "22.10.0/bin")
        self.assertEqual(self.find(node="20"), "20.19.0/bin")
        self.assertEqual(self.find(node="22"), "22.10.0/bin")
        self.write(".nvmrc", "lts/iron")
        self.assertEqual(self.find(), "20.19.0/bin")

    def test_the_server_s_own_counts(self):
        self.patch("engine.tree.node.node_on_path", lambda: (18, 19, 0))
        self.assertEqual(self.find("npm ci", node="18"), "")
        with self.assertRaises(Refused) as raised:
            self.find("npm ci", node="20")
        self.assertIn("asks for Node 20, and the server has 18.19.0", raised.exception.reason)

    def test_without_one_only_a_command_of_node_s_is_refused(self):
        self.patch("engine.tree.node.node_on_path", lambda: None)
        self.assertEqual(self.find("python manage.py compilemessages"), "")
        with self.assertRaises(Refused) as raised:
            self.find("cd frontend && npm ci")
        self.assertIn('Write `node: "22"`', raised.exception.advice)

    def test_the_line_that_goes_with_commands_of_a_build(self):
        tree = self.path("tree")
        os.makedirs(os.path.join(tree, "ui"))

        def line(commands="npm ci, npm run build"):
            return by_node(commands, tree, "/no/such/path")

        self.assertEqual(line("python manage.py sheets build"), "")
        usual = ' and `node: "22"` (or what the project asks for)'
        self.assertEqual(line(), usual)
        for name, text, number in (
            ("package.json", '{"engines": {"npm": "11", "node": ">=18"}}', ""),
            ("package.json", '{"engines": {"npm": "11", "node": "^20 || ^22"}}', ""),
            ("package.json", '{"engines": {"npm": "11", "node": "20.x"}}', "20"),
            (".node-version", "lts/jod\n", "20"),
            (".nvmrc", "v24\n", "24"),
            ("ui/.nvmrc", "18.19.0\n", "24"),
        ):
            with self.subTest(name=name, text=text):
                with open(os.path.join(tree, name), "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertEqual(line(), f' and `node: "{number}"`' if number else usual)
        self.assertEqual(line("{ run: npm ci, in: ui }"), ' and `node: "18"`')

    def test_what_names_a_program_of_node(self):
        for line in ("npm ci", "cd a && npm run b", "A=1 npx vite", "(yarn)", "pnpm i; true"):
            self.assertTrue(NAMES_NODE.search(line), line)
        for line in ("python node.py", "./npm-less", "make", "pip install nodeenv"):
            self.assertFalse(NAMES_NODE.search(line), line)

    def test_package_managers(self):
        for package, lock, wanted in (
            ({"packageManager": "pnpm@9.15.0+sha512.ab"}, "", ["pnpm@9.15.0"]),
            ({"packageManager": "yarn@1.22.22"}, "", ["yarn@1.22.22"]),
            ({"packageManager": "yarn@4.5.0"}, "", ["@yarnpkg/cli-dist@4.5.0"]),
            ({"packageManager": "npm@10.9.0"}, "", []),
            ({}, "", []),
            ({}, "pnpm-lock.yaml: lockfileVersion: '6.0'\n", ["pnpm@8"]),
            ({}, "pnpm-lock.yaml: lockfileVersion: '9.0'\n", ["pnpm@9"]),
            ({}, "yarn.lock: # yarn lockfile v1\n", ["yarn@1"]),
            ({}, "yarn.lock: __metadata:\n  version: 8\n", ["@yarnpkg/cli-dist@4"]),
        ):
            with self.subTest(package=package, lock=lock):
                for name in ("pnpm-lock.yaml", "yarn.lock"):
                    if os.path.exists(os.path.join(self.tree, name)):
                        os.unlink(os.path.join(self.tree, name))
                self.write("package.json", package)
                if lock:
                    self.write(*lock.split(": ", 1))
                self.assertEqual(package_managers(self.tree), wanted)

    def test_a_package_json_that_is_none(self):
        self.write("package.json", "{")
        with self.assertRaises(Refused) as raised:
            package_managers(self.tree)
        self.assertIn("package.json is no JSON", raised.exception.reason)
        self.write("package.json", "[1]")
        self.assertEqual(package_managers(self.tree), [])
        self.write("package.json", {"engines": ["node"]})
        self.assertIsNone(wanted_node(self.config(), self.made, [self.tree]))

    def test_a_procfile(self):
        self.assertEqual(procfile(self.tree), {})
        self.write("Procfile", "web: gunicorn a.wsgi\n# release: no\nrelease:  ./manage.py migrate  \n")
        self.assertEqual(procfile(self.tree), {"web": "gunicorn a.wsgi", "release": "./manage.py migrate"})


if __name__ == "__main__":
    unittest.main()
