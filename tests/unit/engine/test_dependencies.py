"""Which files of a tree say what is installed, which Python that asks for, and what pip's settings are for uv."""

import os
import sys
import unittest
from types import SimpleNamespace
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.config import Config
from engine.errors import Refused
from engine.venv import dependencies, pip_settings, python, python_failures
from engine.venv.dependencies import Dependencies, dependencies_of, folders_above, kind_of
from engine.venv.locked import EDITABLE_CHECKOUT, calls_for, pdm_constraints, pipfile_requirements
from engine.venv.python import wanted_python, wheels_lacking
from engine.venv.versions import allows, minor_of

UV = '[[package]]\nname = "django"\nversion = "{}"\nsource = {{ registry = "https://x" }}\n'
PROJECT = '[project]\nname = "shop"\ndependencies = ["django"]\n'


class Tree(Scratch):
    def setUp(self):
        super().setUp()
        self.root = self.path("codebase")
        os.makedirs(self.root)
        self.said = []
        says = mock.patch.object(dependencies, "say", self.said.append)
        says.start()
        self.addCleanup(says.stop)

    def write(self, **texts):
        for name, text in texts.items():
            path = os.path.join(self.root, name.replace("__", "/").replace("_", "."))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

    def found(self, root="", files=(), **settings):
        project = os.path.normpath(os.path.join(self.root, root))
        release = SimpleNamespace(codebase=self.root, project=project, dependency_files=list(files))
        return dependencies_of(SimpleNamespace(release=release, config=Config({"site": "shop", **settings})))


class Found(Tree):
    def test_the_order_of_what_is_there(self):
        self.write(pyproject_toml=PROJECT)
        self.assertEqual(self.found().names, ["pyproject.toml"])
        for name in ("requirements.txt", "requirements.pip", "pylock.toml", "Pipfile.lock", "poetry.lock", "uv.lock"):
            self.write(**{name.replace(".", "_"): ""})
            self.assertEqual((self.found().names, self.found().kind), ([name], kind_of(name)))

    def test_several_are_said(self):
        self.write(uv_lock=UV.format("5.2"), requirements_txt="Django==5.2\n")
        self.found()
        self.assertEqual(
            self.said,
            ["    uv.lock counts, and requirements.txt does not: `requirements` in the stack file names another"],
        )
        self.write(poetry_lock="")
        self.found()
        self.assertIn("uv.lock counts, and poetry.lock, requirements.txt do not: ", self.said[-1])

    def test_several_that_name_another_django_are_refused(self):
        pipfile = '{"default": {"django": {"hashes": [], "markers": "x", "version": "==5.1"}}}'
        for texts, versions in (
            ({"uv_lock": UV.format("5.2"), "requirements_txt": "Django == 5.1\n"}, "uv.lock names Django 5.2 and req"),
            ({"uv_lock": UV.format("5.2"), "Pipfile_lock": pipfile}, "Pipfile.lock names Django 5.1"),
            ({"uv_lock": UV.format("5.2"), "poetry_lock": UV.format("5.1")}, "poetry.lock names Django 5.1"),
            ({"uv_lock": UV.format("5.2"), "pylock_toml": UV.format("5.1")}, "pylock.toml names Django 5.1"),
        ):
            with self.subTest(versions):
                for name in os.listdir(self.root):
                    os.unlink(os.path.join(self.root, name))
                self.write(**texts)
                with self.assertRaises(Refused) as refused:
                    self.found()
                self.assertIn(versions, refused.exception.reason)
                self.assertIn("`requirements: uv.lock` of shop", refused.exception.advice)

    def test_a_pyproject_without_a_project_is_none(self):
        self.write(pyproject_toml="[tool.black]\nline-length = 1\n")
        with self.assertRaises(Refused) as refused:
            self.found()
        self.assertIn("the pushed tree has no uv.lock", refused.exception.reason)

    def test_a_pyproject_of_groups_only_is_one_by_its_groups(self):
        self.write(
            pyproject_toml='[dependency-groups]\ndev = ["ruff"]\nmain = [\n    "aiohttp",\n    "Django==5.2",\n]\n'
        )
        with self.assertRaises(Refused) as refused:
            self.found()
        self.assertIn("`groups: [main]`", refused.exception.advice)
        found = self.found(groups=["main"])
        self.assertEqual(found.names, ["pyproject.toml"])
        self.assertEqual(calls_for(found, mock.Mock()), [["--preview-features", "pylock", "--group", "main"]])
        self.write(pyproject_toml=PROJECT)
        (call,) = calls_for(self.found(groups=["main"]), mock.Mock())
        self.assertEqual(call[2:], ["-r", "pyproject.toml", "--group", "main"])

    def test_a_setup_py_is_one_where_it_names_django(self):
        self.write(setup_py='from setuptools import setup\nsetup(install_requires=open("req").read())\n')
        with self.assertRaises(Refused) as refused:
            self.found()
        self.assertIn("setup.py does not name Django itself", refused.exception.advice)
        self.write(setup_py='setup(\n    install_requires=[\n        "django-foo",\n        "Django>=5",\n    ],\n)\n')
        found = self.found(extras=["pg"])
        self.assertEqual((found.names, found.local, found.locks), (["setup.py"], True, False))
        (call,) = calls_for(found, mock.Mock())
        self.assertEqual(call[2:], ["-r", "setup.py", "--extra", "pg"])
        self.write(setup_py="setup()\n", setup_cfg="[options]\ninstall_requires =\n    django~=5.0\n")
        self.assertEqual((self.found().names, self.found().kind), (["setup.cfg"], "setup.py"))
        self.write(requirements_txt="django\n")
        self.assertEqual(self.found().names, ["requirements.txt"])

    def test_a_lock_file_above_the_project(self):
        self.write(src__manage_py="", uv_lock=UV.format("5.2"))
        found = self.found("src")
        self.assertEqual((found.names, found.folder), (["uv.lock"], self.root))
        self.write(src__requirements_txt="Django\n")
        found = self.found("src")
        self.assertEqual((found.names, found.folder), (["src/requirements.txt"], os.path.join(self.root, "src")))

    def test_what_the_stack_names(self):
        self.write(requirements__base_txt="Django\n", requirements__prod_txt="gunicorn\n", uv_lock="")
        names = ["requirements/base.txt", "requirements/prod.txt"]
        found = self.found(requirements=names)
        self.assertEqual((found.names, found.kind, found.folder), (names, "requirements", self.root))
        # What an earlier program wrote, and what a release was made of.
        self.assertEqual(self.found(requirements="requirements/prod.txt").names, ["requirements/prod.txt"])
        self.assertEqual(self.found(files=["requirements/base.txt"], requirements="uv.lock").names, names[:1])
        for wrong, reads in (("nothing.txt", "there is no nothing.txt"), (["uv.lock", names[0]], "different kinds")):
            with self.assertRaises(Refused) as refused:
                self.found(requirements=wrong)
            self.assertIn(reads, refused.exception.reason)

    def test_groups_of_what_has_none(self):
        self.write(requirements_txt="Django\n")
        with self.assertRaises(Refused) as refused:
            self.found(groups=["prod"])
        self.assertIn("requirements.txt has no groups, which `groups` of shop names", refused.exception.reason)

    def test_folders(self):
        self.assertEqual(folders_above("/a/b/c", "/a"), ["/a/b/c", "/a/b", "/a"])
        self.assertEqual(folders_above("/a", "/a"), ["/a"])

    def test_local_packages_count_by_the_tree(self):
        for name, text, local, editable in (
            ("uv_lock", 'source = { editable = "." }\n', False, False),
            ("uv_lock", 'source = { virtual = "." }\n', False, False),
            ("uv_lock", 'source = { editable = "packages/a" }\n', True, True),
            ("uv_lock", 'source = { directory = "packages/a" }\n', True, False),
            ("poetry_lock", '[package.source]\ntype = "directory"\n', True, False),
            ("pylock_toml", 'directory = { path = "a" }\n', True, False),
            ("Pipfile_lock", '{"default": {"a": {"path": "./a"}}}', True, False),
            ("Pipfile_lock", '{"default": {"a": {"editable": true, "path": "."}}}', True, True),
        ):
            with self.subTest(text):
                self.write(**{name: text})
                found = Dependencies(self.root, self.root, [name.replace("_", ".")], Config({}))
                self.assertEqual((found.local, found.editable), (local, editable))


class Locked(unittest.TestCase):
    def test_a_pipfile(self):
        text = """{"_meta": {"sources": [{"name": "pypi", "url": "https://a/simple"}, {"url": "https://b/simple"}]},
          "default": {
            "django": {"hashes": ["sha256:1", "sha256:2"], "markers": "python_version >= '3.10'", "version": "==5.2"},
            "psycopg": {"extras": ["binary"], "version": "==3.2"},
            "x": {"git": "https://h/x.git", "ref": "abc"}, "mine": {"path": "./mine", "editable": true}},
          "develop": {"pytest": {"version": "==8"}}}"""
        self.assertEqual(
            pipfile_requirements(text).splitlines(),
            [
                "-i https://a/simple",
                "--extra-index-url https://b/simple",
                "django==5.2 ; python_version >= '3.10' --hash=sha256:1 --hash=sha256:2",
                "-e ./mine",
                "psycopg[binary]==3.2",
                "x @ git+https://h/x.git@abc",
            ],
        )
        with self.assertRaises(Refused):
            pipfile_requirements("[]")

    def test_what_pdm_has_locked(self):
        text = (
            '[metadata]\nlock_version = "4.5.0"\n\n[[package]]\nname = "django"\nversion = "5.2"\nfiles = [\n'
            '    {file = "a.whl", hash = "sha256:1"},\n    {file = "a.tar.gz", hash = "sha256:2"},\n]\n'
            '\n[[package]]\nname = "psycopg"\nversion = "3.2"\nextras = ["binary"]\n'
            '\n[[package]]\nname = "psycopg"\nversion = "3.2"\n'
            '\n[[package]]\nname = "numpy"\nversion = "1.0"\nmarker = "python_version < \'3.12\'"\n'
            '\n[[package]]\nname = "numpy"\nversion = "2.0"\n'
            '\n[[package]]\nname = "ours"\nversion = "1.0"\ngit = "https://example.org/ours.git"\nrevision = "abc"\n'
        )
        self.assertEqual(pdm_constraints(text), "django==5.2 --hash=sha256:1 --hash=sha256:2\npsycopg==3.2\n")

    def test_a_checkout_that_is_installed_in_place(self):
        for line, becomes in (
            ("-e git+https://h/x.git@1.0#egg=x", "x @ git+https://h/x.git@1.0"),
            ("--editable=git+ssh://git@h/y.git#subdirectory=a&egg=y_z", "y_z @ git+ssh://git@h/y.git"),
            ("-e ./here", "-e ./here"),
            ("git+https://h/x.git#egg=x", "git+https://h/x.git#egg=x"),
        ):
            self.assertEqual(EDITABLE_CHECKOUT.sub(r"\2 @ \1", line), becomes)


class Pythons(Tree):
    def test_versions(self):
        for text, minor in (
            ("3.13", 13),
            ("3.9.1\n", 9),
            ("python-3.12.4", 12),
            ("cpython-3.10", 10),
            ("pypy3.10", None),
        ):
            self.assertEqual(minor_of(text), minor)

    def test_what_a_specifier_allows(self):
        every = range(9, 16)
        for specifier, allowed in (
            ("", every),
            (">=3.12", range(12, 16)),
            (">= 3.10, < 3.13", range(10, 13)),
            ("==3.13.*", [13]),
            ("==3.13.2", [13]),
            ("3.11", [11]),
            ("~=3.11", range(11, 16)),
            ("~=3.11.2", [11]),
            ("^3.12", range(12, 16)),
            ("~3.12", [12]),
            (">=3.11,!=3.12.0,!=3.13.*", [11, 12, 14, 15]),
            (">3.11", range(12, 16)),
            ("<=3.12", range(9, 13)),
            ("<3.12.5", range(9, 13)),
            (">=3", every),
            ("<4", every),
            (">=4", []),
        ):
            with self.subTest(specifier):
                self.assertEqual([minor for minor in every if allows(specifier, minor)], list(allowed))

    def test_where_it_is_asked_for(self):
        self.assertEqual(wanted_python(None, [self.root]).specifier, "")
        self.write(
            Dockerfile="ARG X\nFROM node:22 AS front\nFROM --platform=$P docker.io/library/python:3.14-slim as base\n"
        )
        wanted = wanted_python(None, [self.root])
        self.assertEqual((wanted.specifier, wanted.hint), ("", 14))
        for name, text, specifier in (
            ("mise_toml", '[tools]\nnode = "22"\npython = ["3.12.4", "3.11"]\n', "==3.12.*"),
            (".tool-versions", "# ours\npython 3.13.1 3.12.9\nnodejs 22.1.0\n", "==3.13.*"),
            ("setup_cfg", "[options]\npython_requires = >=3.10, <3.14\ninstall_requires =\n", ">=3.10, <3.14"),
            ("setup_py", 'setup(python_requires=">=3.12",\n      install_requires=[])\n', ">=3.12"),
            ("Pipfile_lock", '{"_meta": {"requires": {"python_version": "3.9"}}}', "==3.9.*"),
            ("pyproject_toml", '[tool.poetry.dependencies]\npython = "^3.10"\n', "^3.10"),
            ("pyproject_toml", '[project]\nrequires-python = ">=3.11"\n', ">=3.11"),
            ("runtime_txt", "python-3.12.1\n", "==3.12.*"),
        ):
            self.write(**{name: text})
            wanted = wanted_python(None, [self.root])
            self.assertEqual((wanted.specifier, wanted.source), (specifier, name.replace("_", ".")))
        self.write(**{".python-version": "pypy3.10\n3.13.2\n"})
        self.assertEqual(wanted_python(None, [self.root]).source, ".python-version")
        wanted = wanted_python("3.14", [self.root])
        self.assertEqual((wanted.specifier, wanted.source), ("==3.14.*", "`python` in the stack file"))

    def test_wheels_of_locked_packages(self):
        lock = " ".join(
            f'"https://x/{name}.whl"'
            for name in (
                "asgiref-3.8-py3-none-any",
                "psycopg2_binary-2.9-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
                "psycopg2_binary-2.9-cp312-cp312-macosx_11_0_arm64",
                "bcrypt-4.0-cp39-abi3-manylinux_2_28_x86_64",
                "old-1-py2.py3-none-any",
            )
        )
        lacking = wheels_lacking([lock])
        self.assertEqual([lacking(minor) for minor in (10, 11, 12)], [1, 0, 1])

    def choose(self, own, locks=(), installed=(), **files):
        self.write(**files)
        job = SimpleNamespace(config=Config({}))
        there = {minor: f"/opt/{minor}" for minor in installed}
        with (
            mock.patch.object(python, "version_of", lambda _: f"3.{own}"),
            mock.patch.object(python, "installed_python", lambda _, minor: there.get(minor)),
            mock.patch.object(python, "install_python", lambda _, minor, wanted: f"/new/{minor}"),
        ):
            return python.python_for(job, [self.root], locks)

    def test_which_is_chosen(self):
        self.assertEqual(self.choose(11), (python.SERVER_PYTHON, "3.11"))
        self.assertEqual(self.choose(13, runtime_txt="python-3.12.1"), ("/new/12", "3.12"))
        self.assertEqual(self.choose(13, installed=[12], runtime_txt="python-3.12.1"), ("/opt/12", "3.12"))
        self.assertEqual(self.choose(13, runtime_txt="python-3.13.0"), (python.SERVER_PYTHON, "3.13"))

    def test_the_nearest_to_the_servers_own(self):
        self.assertEqual(self.choose(11, pyproject_toml='requires-python = ">=3.13"\n')[1], "3.13")
        self.assertEqual(self.choose(14, pyproject_toml='requires-python = "<3.13"\n')[1], "3.12")

    def test_one_that_the_locked_packages_have_wheels_for(self):
        lock = "a-1-cp312-cp312-manylinux_2_17_x86_64.whl b-1-py3-none-any.whl"
        self.assertEqual(self.choose(13, locks=[lock])[1], "3.12")
        self.assertEqual(self.choose(13, locks=[lock], runtime_txt="3.13")[1], "3.13")

    def test_a_dockerfile_is_a_hint_where_the_servers_own_is_older(self):
        self.assertEqual(self.choose(11, Dockerfile="FROM python:3.14\n")[1], "3.14")
        self.assertEqual(self.choose(13, Dockerfile="FROM python:3.12\n")[1], "3.13")

    def test_a_hint_that_can_t_be_followed_is_said(self):
        said = []
        refusal = mock.Mock(side_effect=Refused("virtualenv", "Python 3.14 can't be fetched"))
        self.write(Dockerfile="FROM python:3.14\n")
        with (
            mock.patch.object(python, "version_of", lambda _: "3.11"),
            mock.patch.object(python, "installed_python", lambda *_: None),
            mock.patch.object(python, "install_python", refusal),
            mock.patch.object(python, "say", said.append),
        ):
            chosen = python.python_for(SimpleNamespace(config=Config({})), [self.root], ())
        self.assertEqual(chosen, (python.SERVER_PYTHON, "3.11"))
        self.assertIn("Python 3.14 can't be fetched. The server's 3.11 runs it: `python: \"3.11\"`", "".join(said))

    def test_none_is_offered_that_the_project_does_not_allow(self):
        log = os.path.join(self.root, "log")
        with open(log, "w", encoding="utf-8") as file:
            file.write("error: Request failed: https://github.com/python\nfailed to lookup address information\n")
        self.write(pyproject_toml='requires-python = ">=3.13"\n', runtime_txt="3.14\n")
        for own, offered in (("3.13", 'as "3.13"'), ("3.11", "this one's is 3.11, and pyproject.toml asks for Python")):
            with self.subTest(own), mock.patch.object(python_failures, "version_of", lambda _, own=own: own):
                refused = python_failures.with_cause(
                    Refused("virtualenv", "status 1"), log, "3.14", wanted_python(None, [self.root])
                )
                self.assertIn(offered, refused.advice)
                self.assertEqual('as "3.' in refused.advice, own == "3.13")

    def test_one_that_the_stack_names_against_the_project_is_said(self):
        self.write(pyproject_toml='requires-python = ">=3.13"\n')
        for named, said in (("3.12", "pyproject.toml asks for Python >=3.13, and `python` in"), ("3.13", "")):
            with (
                self.subTest(named),
                mock.patch.object(python, "installed_python", lambda *_: "/opt/it"),
                mock.patch.object(python, "say") as say,
            ):
                python.python_for(SimpleNamespace(config=Config({"python": named})), [self.root], ())
                self.assertEqual(bool(say.mock_calls), bool(said))
                self.assertIn(said, str(say.mock_calls))

    def test_one_that_nobody_has(self):
        with self.assertRaises(Refused) as refused:
            self.choose(13, runtime_txt="python-3.6.1")
        self.assertIn("runtime.txt asks for Python ==3.6.*", refused.exception.reason)
        self.assertIn('`python: "3.10"`', refused.exception.advice)


class PipSettings(Scratch):
    def settings(self, **environment):
        environment.setdefault("HOME", self.path("home"))
        with mock.patch.object(
            pip_settings,
            "files",
            lambda given, real=pip_settings.files: [f for f in real(given) if f != "/etc/pip.conf"],
        ):
            return pip_settings.uv_settings(environment)

    def test_files_and_variables(self):
        os.makedirs(self.path("home", ".config", "pip"))
        with open(self.path("home", ".config", "pip", "pip.conf"), "w", encoding="ascii") as file:
            file.write(
                "[global]\nindex-url = https://me:100%@one/simple\nextra_index_url =\n  https://two/simple\n"
                "  https://three/simple\ncert = /etc/own.pem\n[install]\nno-index = false\ntrusted-host = one\n"
            )
        variables, flags = self.settings()
        self.assertEqual(
            variables,
            {
                "UV_DEFAULT_INDEX": "https://me:100%@one/simple",
                "UV_INDEX": "https://two/simple https://three/simple",
                "SSL_CERT_FILE": "/etc/own.pem",
                "UV_INSECURE_HOST": "one",
            },
        )
        self.assertEqual(flags, [])
        variables, flags = self.settings(
            PIP_INDEX_URL="https://four/simple", PIP_FIND_LINKS="a b", PIP_NO_INDEX="1", PIP_PRE="yes", UV_INDEX="own"
        )
        self.assertEqual((variables["UV_DEFAULT_INDEX"], variables["UV_FIND_LINKS"]), ("https://four/simple", "a,b"))
        self.assertNotIn("UV_INDEX", variables)
        self.assertEqual(flags, ["--no-index", "--prerelease=allow"])

    def test_what_is_for_all_packages(self):
        self.assertEqual(self.settings(PIP_NO_BINARY=":all:")[0], {"UV_NO_BINARY": "1"})
        self.assertEqual(self.settings(PIP_NO_BINARY="a b")[0], {"UV_NO_BINARY_PACKAGE": "a b"})
        self.assertEqual(self.settings(PIP_NO_BINARY=":none:")[0], {})

    def test_no_files(self):
        self.assertEqual(self.settings(PIP_CONFIG_FILE=os.devnull), ({}, []))


if __name__ == "__main__":
    unittest.main()
