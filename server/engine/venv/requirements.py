"""The requirements of a tree: all that pip reads."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from urllib.parse import unquote, urlsplit

from ..host.pushed_file import read_pushed
from ..errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

LOCAL = re.compile(r"^(?:\.{1,2}(?:/|$|\[)|/|file:)|@\s*file:")
# Options of a line, of which each has a value: further files to read, a checkout to install, where packages are found.
INCLUDE, CONSTRAINT = ("-r", "--requirement"), ("-c", "--constraint")
EDITABLE = ("-e", "--editable")
PLACES = ("-f", "--find-links", "-i", "--index-url", "--extra-index-url")
# The deepest includes: each needs some of Python's stack.
FILES = 100
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Packages that bring only these along.
KNOWN = {"asgiref", "django", "sqlparse", "typing-extensions", "tzdata"}


class Requirements:
    """All that pip reads for a tree: the file itself, what it includes, and whether it names local things.

    `texts` are (name, text) in the order of reading; `local` where a path of the tree is installed, so that the tree's
    content counts; `places` are files and folders that packages are looked for in; `editable` where the installed thing
    is the release's folder itself; `remote` where a file comes from an address, whose content can't be known
    beforehand; `packages` are the names that it installs, "" for one without; `hashed` where all have hashes.
    """

    def __init__(self, root: str, name: str) -> None:
        self.root, self.name = root, name
        self.texts: list[tuple[str, str]] = []
        self.variables: set[str] = set()
        self.places: list[str] = []
        self.local = self.editable = self.remote = self.hashed = False
        self.packages: set[str] = set()
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
            if line.startswith("-"):
                for option, value in options_of(line):
                    self._take_option(option, value, path, seen, installs)
            elif line:
                self.local = self.local or self._names_local(line)
                if installs:
                    self.packages.add(name_of(line))

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
            self.packages.add("")
        elif "://" not in value or value.startswith("file:"):
            value = unquote(urlsplit(value).path) if value.startswith("file:") else value
            self.places.append(beside if os.path.exists(beside) else os.path.join(self.root, value))

    def _names_local(self, line: str) -> bool:
        # pip also takes a bare folder or archive name that exists beside it.
        return bool(LOCAL.search(line)) or os.path.exists(os.path.join(self.root, line.split()[0]))

    def surely_lack(self, package: str) -> bool:
        """Tell whether no requirement brings a package, as far as that can be known before they are installed."""
        if self.remote or self.local or self.packages & {package, ""}:
            return False
        # With hashes pip installs what is named and nothing else.
        return self.hashed or self.packages <= KNOWN


def options_of(line: str) -> list[tuple[str, str]]:
    """Return the options of a line that say something of files: [(option, value)]."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    found: list[tuple[str, str]] = []
    names = (*INCLUDE, *CONSTRAINT, *EDITABLE, *PLACES)
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


def name_of(line: str) -> str:
    """Return the package that a line names, as pip compares names; "" where it names a file or an address."""
    found = NAME.match(line)
    if not found or LOCAL.search(line) or "://" in line.split("@")[0]:
        return ""
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def venv_key(
    requirements: Requirements,
    python: str,
    identity: Callable[[str], str],
    number: int,
    environment: Mapping[str, str],
    given: Iterable[str] = (),
) -> str:
    """Return the name of the virtualenv of these requirements: the same name means the same content.

    `identity` answers git's id of a path of the pushed tree, of "" that of the tree. `given` are the names of the
    variables that the stack gives, of which some are options of pip.
    """
    about: list[object] = [python, python_version(python), *map(list, requirements.texts)]
    names = requirements.variables | {name for name in given if name.startswith("PIP_")}
    about += [[name, environment.get(name, "")] for name in sorted(names)]
    about += [["place", identity_of(place, requirements.root, identity)] for place in requirements.places]
    if requirements.local:
        about.append(["tree", identity("")])
    if requirements.editable or requirements.remote:
        about.append(["release", number])
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]


def identity_of(place: str, root: str, identity: Callable[[str], str]) -> object:
    """Return what changes when another package is put into a place: git's id of one in the tree, else what the folder has."""
    inside = os.path.relpath(os.path.realpath(place), os.path.realpath(root))
    if inside.split(os.sep)[0] != os.pardir:
        try:
            return identity("" if inside == os.curdir else inside)
        except Refused:
            # Within a submodule, whose commit is part of the tree.
            return identity("")
    try:
        entries = [(entry.name, entry.stat()) for entry in os.scandir(place)]
    except OSError:
        entries = [(place, os.stat(place))] if os.path.exists(place) else []
    return sorted([name, about.st_size, about.st_mtime_ns] for name, about in entries)


def python_version(python: str) -> str:
    """Return all that a Python says of its version."""
    if os.path.realpath(python) == os.path.realpath(sys.executable):
        return f"Python {sys.version}"
    return subprocess.run([python, "-VV"], stdout=subprocess.PIPE, text=True).stdout.strip()


def version_of(python: str) -> str:
    """Return the version of a Python, as 3.11."""
    found = re.search(r"\d+\.\d+", python_version(python))
    return found.group() if found else "?"
