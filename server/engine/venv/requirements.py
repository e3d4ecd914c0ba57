"""The requirements of a tree: all that pip reads."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from urllib.parse import unquote, urlsplit

from ..errors import Refused
from ..host.pushed_file import read_pushed

LOCAL = re.compile(r"^(?:\.{1,2}(?:/|$|\[)|/|file:)|@\s*file:")
# Options of a line, of which each has a value: further files to read, a checkout to install, where packages are found.
INCLUDE, CONSTRAINT = ("-r", "--requirement"), ("-c", "--constraint")
EDITABLE = ("-e", "--editable")
TRUSTED = "--trusted-host"
PLACES = ("-f", "--find-links", "-i", "--index-url", "--extra-index-url")
# The deepest includes: each needs some of Python's stack.
FILES = 100
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


class Requirements:
    """All that pip reads for a tree: the file itself, what it includes, and whether it names local things.

    `texts` are (name, text) in the order of reading; `local` where a path of the tree is installed, so that the tree's
    content counts; `places` are files and folders that packages are looked for in; `editable` where the installed thing
    is the release's folder itself; `remote` where a file comes from an address, whose content can't be known
    beforehand; `hashed` where all have hashes. `pre` and `trusted` (hosts) are options of a file that uv takes on its
    command line only.
    """

    def __init__(self, root: str, name: str) -> None:
        self.root, self.name = root, name
        self.texts: list[tuple[str, str]] = []
        self.variables: set[str] = set()
        self.places: list[str] = []
        self.local = self.editable = self.remote = self.hashed = False
        self.pre = False
        self.trusted: list[str] = []
        self._read(name, set())

    def _read(self, name: str, seen: set[tuple[str, bool]], installs: bool = True) -> None:
        path = os.path.normpath(os.path.join(self.root, name))
        if (path, installs) in seen:
            return
        seen.add((path, installs))
        if len(seen) > FILES:
            raise Refused(
                "virtualenv", f"the requirements include more than {FILES} files", advice="Put them together."
            )
        try:
            text = read_pushed("virtualenv", path).decode(errors="replace")
        except FileNotFoundError:
            text = "missing"
        self.texts.append((os.path.relpath(path, self.root), text))
        self.variables.update(VARIABLE.findall(text))
        for line in text.replace("\\\n", " ").splitlines():
            line = re.sub(r"(^|\s)#.*$", "", line).strip()
            self.hashed = self.hashed or (installs and "--hash" in line) or line == "--require-hashes"
            if line == "--pre":
                self.pre = True
            elif line.startswith("-"):
                for option, value in options_of(line):
                    self._take_option(option, value, path, seen, installs)
            elif line:
                self.local = self.local or self._names_local(line)

    def _take_option(self, option: str, value: str, path: str, seen: set[tuple[str, bool]], installs: bool) -> None:
        beside = os.path.join(os.path.dirname(path), value)
        if option in INCLUDE + CONSTRAINT:
            if "://" in value:
                self.remote = True
            else:
                self._read(beside, seen, installs and option in INCLUDE)
        elif option in EDITABLE:
            # A checkout of a repository lies in the virtualenv's src/: only the line counts.
            if "://" not in value or value.startswith("file:"):
                self.local = self.editable = True
        elif option == TRUSTED:
            self.trusted.append(value)
        elif "://" not in value or value.startswith("file:"):
            value = unquote(urlsplit(value).path) if value.startswith("file:") else value
            self.places.append(beside if os.path.exists(beside) else os.path.join(self.root, value))

    def _names_local(self, line: str) -> bool:
        # pip also takes a bare folder or archive name that exists beside it.
        return bool(LOCAL.search(line)) or os.path.exists(os.path.join(self.root, line.split(maxsplit=1)[0]))


def options_of(line: str) -> list[tuple[str, str]]:
    """Return the options of a line that say something of files: [(option, value)]."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    found: list[tuple[str, str]] = []
    names = (*INCLUDE, *CONSTRAINT, *EDITABLE, *PLACES, TRUSTED)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if word in names:
            found.append((word, words.pop(0) if words else ""))
        elif equals and name in names:
            found.append((name, value))
        elif word[:2] in names and not word.startswith("--"):
            found.append((word[:2], word[2:]))
    return found


def python_version(python: str) -> str:
    """Return all that a Python says of its version."""
    if os.path.realpath(python) == os.path.realpath(sys.executable):
        return f"Python {sys.version}"
    return subprocess.run([python, "-VV"], stdout=subprocess.PIPE, text=True).stdout.strip()


def version_of(python: str) -> str:
    """Return the version of a Python, as 3.11."""
    found = re.search(r"\d+\.\d+", python_version(python))
    return found.group() if found else "?"
