"""The tree of the release that runs, and its files, which may be absent or hold anything.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import os

# Characters of a file that are read: a lock file may have some millions.
LARGEST = 20_000_000


def tree_of_release() -> str:
    """Return the tree, by its real path."""
    return os.path.realpath(os.path.join(os.environ["VIRTUAL_ENV"], "codebase"))


def is_of_tree(path: str, tree: str) -> bool:
    """Tell whether a file or a folder lies in a tree, wherever links to it are."""
    return os.path.realpath(path).startswith(f"{tree}/")


def text_of(path: str) -> str:
    """Return what a file says, up to a limit; "" where there is none, or a link leads to what has no end."""
    try:
        if not os.path.isfile(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LARGEST)
    except OSError:
        return ""
