"""What to say of a tree whose dependencies are not found."""

from __future__ import annotations

import os
import re

from ..errors import Refused
from ..host.pushed_file import text_if_any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from .dependencies import Dependencies


def no_such_file(codebase: str, name: str, config: Config) -> Refused:
    """Return the refusal for a file that the stack names and the tree does not have."""
    there = requirement_files(codebase)
    about = f", but there is {' and '.join(there[:4])}" if there else ""
    advice = (
        f"Name yours: `requirements: {there[0]}` of {config.site} in the stack file."
        if there
        else f"Commit it, or take `requirements` of {config.site} out of the stack file."
    )
    return Refused("virtualenv", f"there is no {name} in the pushed tree{about}", advice=advice)


def no_dependencies(codebase: str, config: Config) -> Refused:
    """Return the refusal for a tree in which nothing says what to install."""
    there = requirement_files(codebase)
    about = f", but there is {' and '.join(there[:4])}" if there else ""
    if there:
        advice = f"Name yours in the stack file: `requirements: {there[0]}` of {config.site}."
    elif os.path.isfile(os.path.join(codebase, "setup.py")):
        advice = (
            "setup.py does not name Django itself. Lay a file in that does: `files: { requirements.txt: FILE }` in the "
            "stack file."
        )
    else:
        advice = group_with_django(codebase) or (
            "Commit one: a requirements.txt has one package a line, Django among them. Or lay it into the tree: "
            "`files: { requirements.txt: FILE }` in the stack file."
        )
    looked = (
        "uv.lock, poetry.lock, Pipfile.lock, pylock.toml, requirements.pip, requirements.txt, pyproject.toml with "
        "[project] or setup.py with Django"
    )
    return Refused("virtualenv", f"the pushed tree has no {looked}{about}", advice=advice)


def group_with_django(codebase: str) -> str:
    """Return the line for the dependency group of a pyproject.toml that has Django, "" where none has."""
    from .brought import IN_ARRAY, arrays_in

    for name, listed in arrays_in(text_if_any(os.path.join(codebase, "pyproject.toml")), "dependency-groups"):
        if "django" in map(str.lower, IN_ARRAY.findall(listed)):
            return f"pyproject.toml has Django in a group: write `groups: [{name}]` of the site into the stack file."
    return ""


# A line of requirements for Django, with the marker that says where it is for.
DJANGO_FOR = re.compile(r"^django(?:\[[^]]*\])?(?![\w.-])[^;#\n]*;([^#\\\n]+)", re.MULTILINE | re.IGNORECASE)


def no_django(dependencies: Dependencies, exported: str, version: str, config: Config) -> Refused:
    """Return the refusal for a virtualenv without Django: its files lack it, or have it for another Python.

    `exported`: a lock file of another program as requirements. Poetry's has a marker for the Pythons that it was locked
    for in each line.
    """
    markers = [
        each.strip()
        for text in (exported, *(text for _, text in dependencies.texts))
        for each in DJANGO_FOR.findall(text)
    ]
    if not markers:
        return Refused(
            "virtualenv",
            f"{dependencies.named()} brings no Django",
            advice="Add Django to it, or name the file that has it: `requirements` in the stack file.",
        )
    other = (
        f'take `python: "{config.python}"` of {config.site} out of the stack file'
        if config.python
        else f"name another Python: `python` of {config.site} in the stack file"
    )
    return Refused(
        "virtualenv",
        f"{dependencies.named()} has Django for {markers[0]} only, and this release has Python {version}",
        advice=f"{other[0].upper()}{other[1:]}, or name a file that has it for {version}: `requirements`.",
    )


def requirement_files(codebase: str) -> list[str]:
    """Return the files of a tree that uv can install, those for production first."""
    found: list[str] = []
    for folder in ("", "requirements", *folders_of(codebase)):
        path = os.path.join(codebase, folder)
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            of_pip = name.endswith((".txt", ".pip")) and (folder == "requirements" or name.startswith("requirements"))
            lock = name in ("uv.lock", "poetry.lock", "Pipfile.lock", "pylock.toml")
            if (of_pip or lock) and os.path.isfile(os.path.join(path, name)):
                found.append(os.path.join(folder, name))
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda name: ("prod" not in name, any(word in name for word in ("dev", "test")), name))


def folders_of(codebase: str) -> list[str]:
    """Return the folders in the root of a tree, without links and those with a dot."""
    return sorted(
        entry.name
        for entry in os.scandir(codebase)
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    )
