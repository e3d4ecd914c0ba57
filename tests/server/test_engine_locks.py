"""Each kind of lock file, pushed as its program writes it: what is locked is what runs, and its hashes are checked."""

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import ROOT
from support.tools import tools

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.venv.locked import POETRY, apart, packages_of_indexes

# Older ones than an index would choose.
PINNED = {"django": "5.2.18", "sqlparse": "0.5.3"}
PROJECT = """[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["django==5.2.18", "sqlparse==0.5.3"]

[project.optional-dependencies]
words = ["tzdata==2025.1"]

[dependency-groups]
dev = ["iniconfig"]
prod = ["whitenoise==6.8.2"]
"""
POETRY_PROJECT = """[tool.poetry]
name = "shop"
version = "1"
description = ""
authors = []
package-mode = false

[tool.poetry.dependencies]
python = ">=3.11"
django = "5.2.18"
sqlparse = "0.5.3"

[tool.poetry.group.dev.dependencies]
iniconfig = "*"
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A folder as an index; it notes what it is asked for."""

    asked = set()

    def log_message(self, *_):
        self.asked.add(self.path.split("/")[1])


# Parts of a uv.lock: one package is from two indexes, by platform.
FROM_INDEXES = """[[package]]
name = "django"
version = "5.2.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "torch"
version = "2.13.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "torch"
version = "2.13.0+cpu"
source = { registry = "https://torch.example.org/whl" }

[[package]]
name = "in-the-tree"
source = { registry = "../wheels" }

[[package]]
name = "ours"
version = "1"
source = { registry = "https://ours.example.org/simple/" }
"""
EXPORTED = """# A comment
-e ./editable
torch==2.13.0 ; sys_platform == 'darwin' \\
    --hash=sha256:1
torch==2.13.0+cpu ; sys_platform == 'linux' \\
    --hash=sha256:2 \\
    --hash=sha256:3
torchaudio==1
django==5.2.1 \\
    --hash=sha256:4
word @ https://example.org/word.whl
"""


class IndexesOfTheirOwn(unittest.TestCase):
    def test_only_what_is_from_one_is_asked_for_there(self):
        found = packages_of_indexes(FROM_INDEXES)
        self.assertEqual(
            found, {"https://torch.example.org/whl": {"torch"}, "https://ours.example.org/simple/": {"ours"}}
        )
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "locked.txt")
            with open(path, "w", encoding="utf-8") as file:
                file.write(EXPORTED)
            project = '[[tool.uv.index]]\nname = "us"\nurl = "https://ours.example.org/simple"\n'
            words = apart(path, found, project)
            indexes = ["--index", "us=https://ours.example.org/simple/", "--index", "https://torch.example.org/whl"]
            self.assertEqual(words, [[*indexes, "-r", f"{path}.own"]])
            with open(f"{path}.own", encoding="utf-8") as file:
                own = file.read()
            self.assertEqual(own, EXPORTED[EXPORTED.index("torch==") : EXPORTED.index("torchaudio")])
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), EXPORTED.replace(own, ""))
            self.assertEqual(apart(path, {}, project), [])


class Locks(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cache = cls.site.path("cache", "uv")

    def setUp(self):
        self.site.configure("deploy", {"health": "/health", "keep": 2})
        for name in ("requirements.pip", "pyproject.toml"):
            path = os.path.join(self.site.clone, name)
            if os.path.exists(path):
                os.unlink(path)
        self.site.write("deploy.sh", "")

    def tearDown(self):
        for name in (
            "uv.lock",
            "pylock.toml",
            "poetry.lock",
            "Pipfile.lock",
            "pdm.lock",
            "pyproject.toml",
            "requirements.txt",
            "setup.py",
        ):
            path = os.path.join(self.site.clone, name)
            if os.path.exists(path):
                os.unlink(path)

    def uv(self, *words):
        environment = {**os.environ, "UV_CACHE_DIR": self.cache, "UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never"}
        done = subprocess.run(
            [os.path.join(tools(), "uv"), *words],
            cwd=self.site.clone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout)

    def push(self, subject):
        self.site.commit(subject)
        return self.site.push()

    def packages(self):
        said = self.site.run(self.site.path("bin", "pip"), "list", "--format", "json").stdout
        return {each["name"].lower(): each["version"] for each in json.loads(said[said.index("[") :])}

    def runs_what_is_locked(self, said, file):
        self.assertRegex(said, rf"virtualenv +\d+\.\d\d s  made new of {re.escape(file)} for Python 3\.\d+ *\n")
        found = self.packages()
        self.assertEqual({name: found.get(name) for name in PINNED}, PINNED)
        self.assertIn("gunicorn", found)
        self.assertNotIn("iniconfig", found)
        self.served()
        return found

    def spoil(self, name):
        """Have each hash of a lock file be another."""
        path = os.path.join(self.site.clone, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"\b[0-9a-f]{60}(?=[0-9a-f]{4}\b)", "0" * 60, text))

    def test_uv_lock(self):
        self.site.write("pyproject.toml", PROJECT)
        self.uv("lock", "--python", "/usr/bin/python3")
        found = self.runs_what_is_locked(self.good(self.push("uv.lock")), "uv.lock")
        self.assertNotIn("whitenoise", found)
        self.site.configure(
            "deploy",
            {
                **{"health": "/health", "keep": 2, "groups": ["prod"], "extras": ["words"]},
                "extra_requirements": ["packaging", "sqlparse>=0.5"],
            },
        )
        found = self.runs_what_is_locked(self.good(self.push("Groups, extras and more")), "uv.lock")
        self.assertEqual((found["whitenoise"], found["tzdata"]), ("6.8.2", "2025.1"))
        self.assertIn("packaging", found)
        self.site.configure("deploy", {"health": "/health", "keep": 2, "groups": ["nothing"]})
        said = self.bad(self.push("A group that is not there"))
        self.assertIn("REFUSED at virtualenv: uv.lock: it has no group or extra nothing", said)
        self.assertIn("Mend `groups` or `extras` in the stack file.", said)
        # What is locked counts, and not what an index has.
        self.site.configure("deploy", {"health": "/health", "keep": 2, "extra_requirements": ["sqlparse>=99"]})
        said = self.bad(self.push("More that contradicts the lock"))
        self.assertIn("REFUSED at virtualenv: uv.lock: ", said)

    def test_uv_lock_with_an_index_for_one_package(self):
        index = self.index_of_its_own("shopwords", "1.0+cpu")
        named = f'[[tool.uv.index]]\nname = "own"\nurl = "{index}"\nexplicit = true\n'
        project = PROJECT.replace('"sqlparse==0.5.3"]', '"sqlparse==0.5.3", "shopwords"]')
        self.site.write("pyproject.toml", f'{project}\n[tool.uv.sources]\nshopwords = {{ index = "own" }}\n\n{named}')
        self.uv("lock", "--python", "/usr/bin/python3")
        found = self.runs_what_is_locked(self.good(self.push("An index of its own")), "uv.lock")
        self.assertEqual(found["shopwords"], "1.0+cpu")
        # It is nobody else's business what other packages there are, and that index may be slow.
        self.assertEqual(Quiet.asked, {"shopwords"})

    def index_of_its_own(self, name, version):
        """Serve a package that no other index has; return the address."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        os.makedirs(os.path.join(folder, name))
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(os.path.join(folder, name, f"{name}-{version}-py3-none-any.whl"), "w") as wheel:
            wheel.writestr(f"{name}.py", "")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{info}/RECORD", "")
        handler = functools.partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    def test_pylock_toml(self):
        self.site.write("pyproject.toml", PROJECT)
        self.uv("lock", "--python", "/usr/bin/python3")
        self.uv("export", "--quiet", "--frozen", "--no-default-groups", "--format", "pylock.toml", "-o", "pylock.toml")
        os.unlink(os.path.join(self.site.clone, "uv.lock"))
        self.runs_what_is_locked(self.good(self.push("pylock.toml")), "pylock.toml")

    def test_poetry_lock(self):
        self.site.write("pyproject.toml", PROJECT)
        self.uv("lock", "--python", "/usr/bin/python3")
        with open(os.path.join(self.site.clone, "uv.lock"), encoding="utf-8") as file:
            index = re.search('registry = "([^"]+)', file.read()).group(1)
        os.unlink(os.path.join(self.site.clone, "uv.lock"))
        # Poetry asks an index that it knows itself in a way that not every mirror has.
        project = f'{POETRY_PROJECT}\n[[tool.poetry.source]]\nname = "index"\nurl = "{index}"\n'
        self.site.write("pyproject.toml", project)
        self.uv("tool", "run", "--python", "/usr/bin/python3", *POETRY[:-1], "lock")
        self.runs_what_is_locked(self.good(self.push("poetry.lock")), "poetry.lock")
        self.site.write("pyproject.toml", project.replace("0.5.3", "0.5.4"))
        said = self.bad(self.push("poetry.lock of another pyproject.toml"))
        self.assertIn("REFUSED at virtualenv: poetry.lock: poetry.lock is not that of pyproject.toml", said)

    def test_pipfile_lock(self):
        self.site.write("pyproject.toml", PROJECT)
        self.uv("lock", "--python", "/usr/bin/python3")
        with open(os.path.join(self.site.clone, "uv.lock"), encoding="utf-8") as file:
            locked = file.read()
        os.unlink(os.path.join(self.site.clone, "uv.lock"))
        os.unlink(os.path.join(self.site.clone, "pyproject.toml"))
        packages = {}
        for block in locked.split("[[package]]")[1:]:
            name, version = (re.search(rf'^{word} = "([^"]+)"', block, re.M).group(1) for word in ("name", "version"))
            hashes = re.findall(r'hash = "(sha256:[0-9a-f]+)"', block)
            if name in ("django", "sqlparse", "asgiref", "typing-extensions"):
                packages[name] = {"hashes": hashes, "version": f"=={version}"}
        about = {
            "sources": [{"name": "index", "url": re.search('registry = "([^"]+)', locked).group(1)}],
            "requires": {},
        }
        lock = {"_meta": about, "default": packages, "develop": {"iniconfig": {"version": "==2.0.0"}}}
        self.site.write("Pipfile.lock", json.dumps(lock, indent=4))
        self.runs_what_is_locked(self.good(self.push("Pipfile.lock")), "Pipfile.lock")

    def test_a_hash_that_is_another(self):
        self.site.write("pyproject.toml", PROJECT)
        self.uv("lock", "--python", "/usr/bin/python3")
        self.spoil("uv.lock")
        # Nothing is had from the cache, which was filled before.
        shutil.rmtree(self.cache)
        said = self.bad(self.push("Tampered with"))
        self.assertRegex(said, r"REFUSED at virtualenv: uv\.lock: what the index has as \S+ is not what its hash says")

    def test_a_pyproject_without_a_lock(self):
        self.site.write("pyproject.toml", PROJECT)
        self.runs_what_is_locked(self.good(self.push("pyproject.toml")), "pyproject.toml")

    def test_a_pyproject_with_the_lock_of_pdm(self):
        self.site.write("pdm.lock", self.lock_of_pdm(PROJECT))
        said = self.good(self.push("pdm.lock"))
        found = self.runs_what_is_locked(said, "pyproject.toml and pdm.lock")
        self.assertNotIn("whitenoise", found)
        self.spoil("pdm.lock")
        shutil.rmtree(self.cache)
        said = self.bad(self.push("Tampered with"))
        self.assertRegex(said, r"REFUSED at virtualenv: pyproject\.toml.*: what the index has as \S+ is not what its")

    def lock_of_pdm(self, project):
        """Return what PDM writes for a project: its own dependencies do not install everywhere."""
        self.site.write("pyproject.toml", project)
        self.uv("lock", "--python", "/usr/bin/python3")
        lock = os.path.join(self.site.clone, "uv.lock")
        with open(lock, encoding="utf-8") as file:
            blocks = file.read().split("[[package]]")[1:]
        os.unlink(lock)
        text = '[metadata]\ngroups = ["default"]\nlock_version = "4.5.0"\n'
        for block in blocks:
            name, version = (re.search(rf'^{word} = "([^"]+)"', block, re.M).group(1) for word in ("name", "version"))
            files = "".join(f'    {{file = "f", hash = "{each}"}},\n' for each in re.findall(r"sha256:\w+", block))
            text += f'\n[[package]]\nname = "{name}"\nversion = "{version}"\ngroups = ["default"]\n'
            text += f"files = [\n{files}]\n"
        self.site.write("pyproject.toml", project.replace("sqlparse==0.5.3", "sqlparse").replace("==5.2.18", ""))
        return text

    def test_a_setup_py(self):
        needs = '"django==5.2.18", "sqlparse==0.5.3"'
        call = f'setup(name="shop", packages=[], install_requires=[{needs}])'
        self.site.write("setup.py", f"from setuptools import setup\n\n{call}\n")
        self.runs_what_is_locked(self.good(self.push("setup.py")), "setup.py")

    def test_requirements_without_gunicorn_and_a_list_of_them(self):
        self.site.write("requirements.txt", "Django==5.2.18\n")
        self.site.write("requirements/more.txt", "sqlparse==0.5.3\n")
        self.site.configure(
            "deploy", {"health": "/health", "keep": 2, "requirements": ["requirements.txt", "requirements/more.txt"]}
        )
        said = self.good(self.push("Two files"))
        self.runs_what_is_locked(said, "requirements.txt and requirements/more.txt")

    def test_what_requirements_leave_open_is_for_the_stack(self):
        self.site.write("requirements.txt", "django==5.2.1\nsqlparse\n")
        self.site.configure("deploy", {"health": "/health", "keep": 2, "extra_requirements": ["sqlparse<0.5.1"]})
        self.good(self.push("An older one by the stack"))
        self.assertEqual(self.packages()["sqlparse"], "0.5.0")
        self.site.configure("deploy", {"health": "/health", "keep": 2, "extra_requirements": ["django<5"]})
        said = self.bad(self.push("Another one than the file names"))
        self.assertIn("REFUSED at virtualenv: requirements.txt: the requirements contradict each other", said)
        self.assertIn("`extraRequirements` of the stack file are among them.", said)

    def test_what_brings_no_django(self):
        self.site.write("requirements.txt", "sqlparse==0.5.3\n")
        said = self.bad(self.push("Without Django"))
        self.assertIn("REFUSED at virtualenv: requirements.txt brings no Django", said)
        # As `poetry export` writes each line of a lock file that is for other Pythons.
        self.site.write("requirements.txt", 'django==5.2.18 ; python_version >= "3.99"\nsqlparse==0.5.3\n')
        said = self.bad(self.push("Django for another Python"))
        self.assertIn('REFUSED at virtualenv: requirements.txt has Django for python_version >= "3.99" only, and', said)
        self.assertIn("Name another Python: `python` of site in the stack file", said)

    def test_a_requirements_file_with_hashes_needs_all(self):
        self.site.write("requirements.txt", f"sqlparse==0.5.3 --hash=sha256:{'0' * 64}\nDjango==5.2.18\n")
        said = self.bad(self.push("One hash"))
        self.assertIn("requirements.txt: some requirements have a hash, and one has none", said)
        # What is left out on purpose, as setuptools by pip-compile, is the stack's to add.
        file = self.site.path("live", "..", "hashed.txt")
        with open(file, "w", encoding="utf-8") as lines:
            lines.write("django==5.2.1\n")
        command = [os.path.join(tools(), "uv"), "pip", "compile", "--quiet", "--generate-hashes", "--no-annotate", file]
        hashed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.site.write("requirements.txt", re.sub(r"^sqlparse(?:.*\\\n)*.*\n", "", hashed, flags=re.MULTILINE))
        said = self.bad(self.push("One is not named"))
        self.assertIn("the requirements have hashes, and sqlparse has none, which one of them needs", said)
        self.assertIn("`extraRequirements: [sqlparse]`", said)
        more = ["sqlparse<0.5.1"]
        self.site.configure("deploy", {"health": "/health", "keep": 2, "extra_requirements": more})
        self.good(self.push("The stack names it"))
        self.assertEqual(self.packages()["sqlparse"], "0.5.0")


if __name__ == "__main__":
    unittest.main()
