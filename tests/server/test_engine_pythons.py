"""The engine on the oldest and the newest Python of this machine, from 3.9 on.

`npm run test:pythons` runs all of the engine's tests on them.
"""

import glob
import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
OLDEST = (3, 9)
# Tests of a push, of a person's commands and of a step's programs.
QUICK = ("test_engine_commands.py", "test_engine_steps.py")


def pythons():
    """Return {version: path} of all on PATH, and of pyenv."""
    folders = [*os.environ.get("PATH", "").split(":"), *glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin"))]
    found = {}
    for folder in folders:
        for path in glob.glob(os.path.join(glob.escape(folder), "python3.*")):
            if re.fullmatch(r"python3\.\d+", os.path.basename(path)) and "shims" not in path:
                said = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True)
                version = tuple(map(int, said.stdout.split())) if said.returncode == 0 else ()
                if version >= OLDEST:
                    found.setdefault(version, path)
    return found


def chosen():
    there = pythons()
    return {version: there[version] for version in {min(there), max(there)}}


def run_on(python, test):
    environment = {**os.environ, "GREENPUSH_TEST_PYTHON": python}
    words = [sys.executable, "-B", os.path.join(HERE, test)]
    return subprocess.run(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class OldestAndNewest(unittest.TestCase):
    def test_quick_ones(self):
        for version, python in chosen().items():
            for test in QUICK:
                with self.subTest(python=version, test=test):
                    done = run_on(python, test)
                    self.assertEqual(done.returncode, 0, done.stdout)


def main():
    failed = []
    for version, python in chosen().items():
        for test in sorted(name for name in os.listdir(HERE) if re.fullmatch(r"test_engine_(?!pythons).*\.py", name)):
            done = run_on(python, test)
            print(
                f"{'ok    ' if done.returncode == 0 else 'FAILED'} Python {'.'.join(map(str, version))}: {test}",
                flush=True,
            )
            if done.returncode:
                print(done.stdout)
                failed.append(test)
    sys.exit(f"{len(failed)} failed" if failed else 0)


if __name__ == "__main__":
    main() if sys.argv[1:] == ["--all"] else unittest.main()
