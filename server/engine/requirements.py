"""What pip reads for a tree."""

import hashlib
import json
import os
import re
import subprocess
import sys

from .pushed import read_pushed
from .refused import Refused

INCLUDE = re.compile(r"^(?:-r|--requirement|-c|--constraint)(?:\s+|=|(?=\S))(.+)$")
LOCAL = re.compile(r"^(?:(?:-f|--find-links|-e|--editable)(?:\s+|=|(?=\S)))?(?:\.{1,2}(?:/|$|\[)|/|file:)|@\s*file:")
EDITABLE = re.compile(r"^(?:-e|--editable)")
# One that includes another needs some of Python's stack.
FILES = 100
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


class Requirements:
    """All that pip reads for a tree: the file itself, what it includes, and whether it names local things.

    `texts` are (name, text) in the order of reading; `local` where a path of the tree is installed, so
    that the tree's content counts; `editable` where the installed thing is the release's folder itself;
    `remote` where a file comes from an address, whose content can't be known beforehand.
    """

    def __init__(self, root, name):
        self.root, self.texts, self.variables = root, [], set()
        self.local = self.editable = self.remote = False
        self._read(name, {})

    def _read(self, name, seen):
        path = os.path.normpath(os.path.join(self.root, name))
        if path in seen:
            return
        seen[path] = True
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
            include = INCLUDE.match(line)
            if include:
                target = include.group(1).strip("'\" ")
                if "://" in target:
                    self.remote = True
                else:
                    self._read(os.path.join(os.path.dirname(path), target), seen)
            elif self._names_local(line):
                self.local = True
                self.editable = self.editable or bool(EDITABLE.match(line))
            elif EDITABLE.match(line):
                # An editable checkout of a repository lies in the virtualenv's src/: only the line counts.
                continue

    def _names_local(self, line):
        # pip also takes a bare folder or archive name that exists beside it.
        return bool(LOCAL.search(line)) or (
            bool(line) and not line.startswith("-") and os.path.exists(os.path.join(self.root, line.split()[0]))
        )


def venv_key(requirements, python, tree, number, environment):
    """The name of the virtualenv that serves these requirements: the same name, the same content.

    `tree` answers the id of the pushed tree.
    """
    about = [python, python_version(python), *map(list, requirements.texts)]
    about += [[name, environment.get(name, "")] for name in sorted(requirements.variables)]
    if requirements.local:
        about.append(["tree", tree()])
    if requirements.editable or requirements.remote:
        about.append(["release", number])
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]


def python_version(python):
    if os.path.realpath(python) == os.path.realpath(sys.executable):
        return f"Python {sys.version}"
    return subprocess.run([python, "-VV"], stdout=subprocess.PIPE, text=True).stdout.strip()
