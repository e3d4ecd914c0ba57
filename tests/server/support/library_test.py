"""What the tests of server/lib share: a component in a scratch folder, and fake commands of the system."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from .home_test import ROOT, SERVER, HomeTest

LIBRARY = os.path.join(ROOT, "server", "lib")
FAKES = os.path.join(ROOT, "tests", "server", "support", "fakes")


def library():
    """Return the names of the library's files, from composeProgram."""
    with open(os.path.join(ROOT, "components", "remote", "program.ts"), encoding="utf-8") as file:
        (names,) = re.findall(r"^const library = \[([^\]]*)\]", file.read(), re.MULTILINE)
    return re.findall(r'"([^"]*)"', names)


class LibraryTest(unittest.TestCase):
    """`files` is the folder of the described things, `record` is the component's record."""

    maxDiff = None
    # Values of the script, a script with a describe() of its own, and what the program reads.
    values, script, given = {}, None, ""

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="greenpush-library-")
        self.addCleanup(shutil.rmtree, self.scratch)
        os.chmod(self.scratch, 0o755)
        self.files, self.fake = self.make("files"), self.make("fake")
        self.record = os.path.join(self.scratch, "records", "component.name")
        self.paths = {
            "root": os.path.join(self.scratch, "records"),
            "engine_folder": self.make("engine"),
            "configurations": os.path.join(self.scratch, "configurations"),
            "backups": os.path.join(self.scratch, "backups"),
            "locks": os.path.join(self.scratch, "locks"),
            "units": self.make("units"),
            "nginx_folder": self.make("nginx"),
            "nginx_logs": self.make("logs"),
            "dpkg_info": self.make("dpkg"),
            "folders_of_data": f"{self.make('data')}/*",
            "mail": self.scratch,
            "crontabs": self.scratch,
            "PATH": f"{FAKES}:{os.environ['PATH']}",
        }

    def make(self, name):
        path = os.path.join(self.scratch, name)
        os.mkdir(path)
        return path

    def have_home_helper(self):
        folder = self.paths["engine_folder"]
        subprocess.run(["install", os.path.join(SERVER, "home.py"), folder], check=True)
        shutil.rmtree(os.path.join(folder, "in_home"), ignore_errors=True)
        shutil.copytree(
            os.path.join(SERVER, "in_home"), os.path.join(folder, "in_home"), ignore=lambda *_: ["__pycache__"]
        )

    def path(self, *names):
        return os.path.join(self.files, *names)

    @staticmethod
    def put(path, text="", mode=0o644):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def program(self, description):
        """Return a program as composeProgram makes it, with paths in the scratch folder."""
        values = {"component": "component", "name": "name", "server": "own", "stack": "test", "generation": "g1"}
        values.update(self.values)
        lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
        lines.append(f"readonly {' '.join(values)}")
        lines += [f"{name}={shlex.quote(value)}" for name, value in self.paths.items()]
        for name in (name for name in library() if name != "paths"):
            lines.append(self.read(os.path.join(LIBRARY, f"{name}.sh")))
        lines.append(
            f"describe() {{\n:\n{description}\n}}" if self.script is None else self.text_of_script(description)
        )
        return "\n".join([*lines, 'greenpush "$@"', ""])

    def text_of_script(self, functions):
        return f"{functions}\n{self.read(os.path.join(ROOT, 'server', 'resources', f'{self.script}.sh'))}"

    def run_verb(self, verb, description):
        """Run the program, and return its exit status, output and errors."""
        program = os.path.join(self.scratch, "program")
        self.put(program, self.program(description))
        environment = {**os.environ, "FAKE": self.fake}
        ended = subprocess.run(
            ["dash", program, verb],
            env=environment,
            input=self.given,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return ended.returncode, ended.stdout, ended.stderr

    def apply(self, description):
        """Apply successfully, and return the notes."""
        status, printed, said = self.run_verb("apply", description)
        self.assertEqual((status, printed), (0, ""), said)
        notes = said.splitlines()
        for note in notes:
            self.assertTrue(note.startswith("component: "), said)
        return [self.short(note[len("component: ") :]) for note in notes]

    def probe(self, description):
        """Probe, and return the sentences."""
        status, printed, said = self.run_verb("probe", description)
        self.assertEqual((status, said), (0, ""))
        start = "drift\tcomponent\tname\t"
        for line in printed.splitlines():
            self.assertTrue(line.startswith(start), line)
        return [self.short(line[len(start) :]) for line in printed.splitlines()]

    def remove(self, description):
        """Remove successfully, and return the notes. Nothing of the record may be left."""
        status, printed, said = self.run_verb("remove", description)
        self.assertEqual((status, printed), (0, ""), said)
        self.assertFalse(os.path.exists(self.paths["root"]))
        return said

    def fails(self, verb, description):
        status, _, said = self.run_verb(verb, description)
        self.assertEqual(status, 1, said)
        return self.short(said)

    def short(self, text):
        return text.replace(self.files, "~").replace(self.scratch, "~~")

    def journal(self):
        return sorted(self.read(os.path.join(self.record, "made")).splitlines())

    def seen(self):
        """Return everything besides the record: files, and the state of the fake commands."""
        return {
            name: HomeTest.seen(path)
            for name in ("files", "fake", "units", "data", "engine")
            for path in [os.path.join(self.scratch, name)]
        }

    def check(self, description, changes=(), before=(), left=()):
        """Apply, apply again, probe; change by hand, with each change found and repaired; remove.

        `changes`: what somebody does, and the sentence of the probe. `before`: what was there, and remove restores.
        `left`: what remove leaves changed, by its name in `seen`.
        """
        for make in before:
            make()
        was = self.seen()
        self.assertNotEqual(self.apply(description), [])
        made, journal = self.seen(), self.journal()
        self.assertEqual(self.apply(description), [], "an apply of what is there")
        self.assertEqual((self.seen(), self.journal()), (made, journal))
        self.assertEqual(self.probe(description), [])
        self.assertEqual(self.seen(), made, "a probe changed something")
        for change, says in changes:
            with self.subTest(says):
                change()
                changed = self.seen()
                self.assertEqual(self.probe(description), [says])
                self.assertEqual(self.seen(), changed, "a probe changed something")
                self.assertNotEqual(self.apply(description), [])
                self.assertEqual((self.seen(), self.journal()), (made, journal))
                self.assertEqual(self.probe(description), [])
        self.remove(description)
        now = self.seen()
        for name in left:
            with contextlib.suppress(KeyError):
                del now[name], was[name]
        self.assertEqual(now, was)
