"""What to write where an application looks for a file or a folder that its tree does not have.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import os
import re

# What an application's own check says of a folder.
FOLDER = re.compile(r"irectory at (/[^\s'\"]+)")


def help_with_path(error: BaseException, tree: str) -> str:
    """Return the line that brings what is missing, "" where it is not of the tree."""
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        folder, path = os.path.dirname(error.filename), error.filename
    else:
        folder = path = next(iter(FOLDER.findall(str(error))), "")
    place = inside(folder, tree)
    if place and not os.path.isdir(folder):
        return (
            f"The tree has no folder {place}. Write `shared: [{place}]` into the stack file: then it is there, and "
            "outlives a release."
        )
    place = inside(path, tree)
    if place and not os.path.lexists(path):
        return (
            f"The tree has no {place}. A file that is in no repository is laid in by the stack file: "
            f"`files: {{ {place}: FILE }}`; what the application makes of a build is for `build`."
        )
    return ""


def inside(path: str, tree: str) -> str:
    """Return a path's place in the tree, "" where it lies elsewhere."""
    if not os.path.isabs(path):
        return ""
    place = os.path.relpath(os.path.realpath(path), tree)
    return "" if place == "." or place.startswith("..") else place
