"""What to say of a tree whose dependencies are not found."""

from __future__ import annotations

import os

from ..errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config


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
        advice = "Commit a requirements.txt with the line `.`, which installs what setup.py names."
    else:
        advice = "Commit one: a requirements.txt has one package a line, Django among them."
    looked = (
        "uv.lock, poetry.lock, Pipfile.lock, pylock.toml, requirements.pip, requirements.txt or pyproject.toml with "
        "[project]"
    )
    return Refused("virtualenv", f"the pushed tree has no {looked}{about}", advice=advice)


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
