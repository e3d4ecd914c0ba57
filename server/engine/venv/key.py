"""The name of a virtualenv: the same name means the same content."""

from __future__ import annotations

import hashlib
import json
import os

from ..errors import Refused
from .requirements import python_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .dependencies import Dependencies


def venv_key(
    dependencies: Dependencies,
    python: str,
    identity: Callable[[str], str],
    number: int,
    environment: Mapping[str, str],
    given: Iterable[str] = (),
) -> str:
    """Return the name of the virtualenv of these dependencies and this Python.

    `identity` answers git's id of a path of the pushed tree, of "" that of the tree. `given` are the names of the
    variables that the stack gives, of which some are options of pip or uv.
    """
    read = dependencies.requirements
    about: list[object] = [python, python_version(python), dependencies.kind, *map(list, dependencies.texts)]
    about += [dependencies.groups, dependencies.extras, dependencies.more]
    names = {name for each in read for name in each.variables}
    names |= {name for name in given if name.startswith(("PIP_", "UV_"))}
    about += [[name, environment.get(name, "")] for name in sorted(names)]
    top = dependencies.codebase
    about += [["place", identity_of(place, top, identity)] for each in read for place in each.places]
    if dependencies.local:
        about.append(["tree", identity("")])
    if dependencies.editable:
        about.append(["release", number])
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]


def identity_of(place: str, root: str, identity: Callable[[str], str]) -> object:
    """Return what changes when another package is put into a place: git's id of one in the tree, else what the folder
    has.
    """
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
