"""Folders of a tree that can hold an application, and where its manage.py is."""

from __future__ import annotations

import os

from ..errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Folders below the one that is searched.
DEPTH = 4
# Folders that hold no application, or another one than the tree is about.
SKIPPED = {
    *("node_modules", "bower_components", "site-packages", "venv", "env", "virtualenv"),
    *("tests", "test", "testing", "docs", "doc", "fixtures", "templates", "static", "media", "project_template"),
}


def folders_below(top: str, depth: int = DEPTH) -> Iterator[str]:
    """Return a folder and those below it, in their order, without what SKIPPED says, and without links."""
    yield top
    if depth:
        with os.scandir(top) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=False) and not is_skipped(each.name)]
        for name in sorted(names):
            yield from folders_below(os.path.join(top, name), depth - 1)


def is_skipped(name: str) -> bool:
    """Tell whether a folder of this name is passed over. Cookiecutter's templates have braces."""
    return name.startswith(".") or name in SKIPPED or "{{" in name or not name.isprintable()


def has_project(folder: str) -> bool:
    """Tell whether a folder has a manage.py."""
    return os.path.isfile(os.path.join(folder, "manage.py"))


def projects_in(codebase: str) -> list[str]:
    """Return the folders of a tree that have a manage.py, by their paths in it; not those within another."""
    found: list[str] = []
    for folder in folders_below(codebase):
        if has_project(folder) and not any(folder.startswith(f"{other}/") for other in found):
            found.append(folder)
    return [os.path.relpath(folder, codebase) for folder in found]


def root_of(codebase: str, site: str, named: str) -> str:
    """Return the folder of a tree's manage.py, "" for the tree's top: what the stack names, or the only one.

    Raise Refused where the stack names one that is not there, or where there are several.
    """
    if named:
        path = os.path.join(codebase, named)
        top = os.path.realpath(codebase)
        if os.path.isdir(path) and f"{os.path.realpath(path)}/".startswith(f"{top}/"):
            return as_root(named)
        raise Refused(
            "layout",
            f"the stack file's `root` is {named}, and the pushed tree has no such folder",
            advice=lines_for(projects_in(codebase), site),
        )
    if has_project(codebase):
        return led_to(codebase)
    found = projects_in(codebase)
    if len(found) > 1:
        raise Refused(
            "layout",
            f"the pushed tree has no manage.py at its top, and {len(found)} folders with one: {', '.join(found)}",
            advice=lines_for(found, site),
        )
    return as_root(found[0]) if found else ""


def led_to(codebase: str) -> str:
    """Return the folder that the manage.py at a tree's top lies in, which may be a link to another one of the tree.

    Python looks for modules where a script lies, not where the link to it does.
    """
    top, path = os.path.realpath(codebase), os.path.realpath(os.path.join(codebase, "manage.py"))
    in_tree = path.startswith(f"{top}/") and os.path.basename(path) == "manage.py"
    return as_root(os.path.relpath(os.path.dirname(path), top)) if in_tree else ""


def as_root(path: str) -> str:
    """Return a path in a tree as a root has it: "" for the top."""
    path = os.path.normpath(path)
    return "" if path == "." else path


def lines_for(found: list[str], site: str) -> str:
    """Return what to write where a root is wanted."""
    if not found:
        return f"No folder of the tree has a manage.py: take `root` out of the stack file of {site}."
    lines = " or ".join(f"`root: {each}`" for each in found[:4])
    return f"Write into the stack file of {site} where the application's manage.py is: {lines}."


def python_path(codebase: str, root: str) -> list[str]:
    """Return the folders of a tree that Python has to look into besides the one of manage.py, by their paths in it.

    A project that is a package itself is not installed: its modules are found by the path of its release.
    """
    found = [folder for folder in dict.fromkeys((os.path.join(root, "src"), "src")) if folder != root]
    found = [folder for folder in found if has_modules(os.path.join(codebase, folder))]
    # Its modules lie at the tree's top, the folder of manage.py among them.
    flat = root and not found and root.split("/", maxsplit=1)[0] != "src"
    return ["."] if flat and is_package(codebase) else found


def above_package(codebase: str, root: str) -> str:
    """Return the folder that the package of a manage.py is imported from, by its path in the tree; "" where its folder
    is none: manage.py in `shop`, which has an __init__.py, may say `shop.settings`.
    """
    above = root
    while above and os.path.isfile(os.path.join(codebase, above, "__init__.py")):
        above = os.path.dirname(above)
    return (above or ".") if above != root else ""


def has_modules(folder: str) -> bool:
    """Tell whether a folder has Python modules or packages."""
    try:
        with os.scandir(folder) as entries:
            return any(
                entry.name.endswith(".py") or os.path.isfile(os.path.join(entry.path, "__init__.py"))
                for entry in entries
            )
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_package(folder: str) -> bool:
    """Tell whether a folder is made to be installed: it has a setup.py, or a pyproject.toml with a build backend."""
    if os.path.isfile(os.path.join(folder, "setup.py")):
        return True
    path = os.path.join(folder, "pyproject.toml")
    if not os.path.isfile(path):
        return False
    with open(path, encoding="utf-8", errors="replace") as file:
        return any(line.startswith("[build-system]") for line in file)
