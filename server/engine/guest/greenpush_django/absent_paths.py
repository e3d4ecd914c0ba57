"""What to write where an application looks for a file or a folder that its tree does not have.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import json
import os
import re
import shutil

from .settings_check import debug
from .settings_sources import sources_of_release
from .tree_files import text_of
from .unset import said_of_conditions

# What an application's own check says of a folder.
FOLDER = re.compile(r"irectory at (/[^\s'\"]+)")
# Any path in a sentence.
PATH = re.compile(r"(?<![\w.])(/[^\s'\",;()]+)")
VAR = "VAR_DIR"
# What installs and what builds, by the lock file.
MANAGERS = {
    "pnpm-lock.yaml": ("pnpm install --frozen-lockfile", "pnpm run build"),
    "yarn.lock": ("yarn install --frozen-lockfile", "yarn run build"),
    "package-lock.json": ("npm ci", "npm run build"),
    "npm-shrinkwrap.json": ("npm ci", "npm run build"),
    "package.json": ("npm install", "npm run build"),
}
# What of a version of Node stands in the files that ask for one. Of a range no number is the one to write.
ASKING = {
    ".nvmrc": r"\A\s*v?(\d+)",
    ".node-version": r"\A\s*v?(\d+)",
    "package.json": r'"engines"\s*:\s*\{[^}]*"node"\s*:\s*"[v^~]?(\d+)[\w.]*"',
}
SKIPPED = {"node_modules", "venv", "env", "tests", "docs", "static", "media"}
# A command of manage.py as a Dockerfile runs it, and those that a push runs anyway or that make nothing for pages.
MANAGED = re.compile(r"\bmanage(?:\.py)?\s+(?=[a-z])([^&|;\n]+)")
NOT_BUILDING = {"check", "collectstatic", "compilemessages", "migrate", "runserver", "test"}


def help_with_path(error: BaseException, tree: str) -> str:
    """Return the line that brings what is missing, "" where it is not of the tree."""
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        folder, path = os.path.dirname(error.filename), error.filename
    elif isinstance(error, OSError) and error.filename is None:
        # As one that a package raises itself.
        path = next((each for each in PATH.findall(str(error)) if not os.path.lexists(each)), "")
        folder = os.path.dirname(path)
    else:
        folder = path = next(iter(FOLDER.findall(str(error))), "")
    var = below_var(folder if path != folder else path_in(error))
    if var:
        return (
            f"{VAR} has no folder {var}. Have each release make it: `build: [mkdir -p ${VAR}/{var}]` in the stack file."
        )
    place = inside(path, tree)
    if "node_modules" in place.split(os.sep):
        return help_with_packages(place, tree)
    place = inside(folder, tree)
    if place and not os.path.isdir(folder):
        return (
            f"The tree has no folder {place}. Write `shared: [{place}]` into the stack file: then it is there, and "
            "outlives a release."
        )
    place = inside(path, tree)
    if place and not os.path.lexists(path):
        return f"{help_with_absent(path, place, tree)}{said_of_conditions(error, tree, os.path.basename(path))}"
    return ""


def path_in(error: BaseException) -> str:
    """Return the first folder of a check's sentence that is not there, "" for another error."""
    if type(error).__name__ not in ("SystemCheckError", "ImproperlyConfigured"):
        return ""
    found = (each for each in PATH.findall(str(error)) if not os.path.lexists(each))
    # A file is nothing that a build makes empty.
    return next((each for each in found if not os.path.splitext(each)[1]), "")


def below_var(folder: str) -> str:
    """Return the place in the site's var of a folder that is not there, "" where it is or lies elsewhere."""
    return inside(folder, os.path.realpath(os.environ[VAR])) if not os.path.lexists(folder) else ""


def help_with_absent(path: str, place: str, tree: str) -> str:
    """Return the line that brings a file or a folder of static files which the tree does not have."""
    built = "what the application makes of a build is for `build`"
    lines = lines_of_build(tree)
    if lines:
        built = f"{built}: `build: [{lines}]`{by_node(lines, tree)}"
    if is_of_static(path):
        return f"The tree has no {place}, which STATICFILES_DIRS names. Commit it; {built}.{said_of_debug()}"
    return (
        f"The tree has no {place}. A file that is in no repository is laid in by the stack file"
        f"{said_of_example(path, tree)}: `files: {{ {place}: FILE }}`; {built}.{said_of_debug()}"
    )


def said_of_example(path: str, tree: str) -> str:
    """Say which file beside it one that is not there is made from, as local.example; "" for none."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    beside = [each for each in sorted(os.listdir(folder)) if each.startswith(stem) and stem]
    found = [each for each in beside if os.path.isfile(os.path.join(folder, each))]
    return f", made from {os.path.relpath(os.path.join(os.path.realpath(folder), found[0]), tree)}" if found else ""


def is_of_static(path: str) -> bool:
    """Tell whether a path is one of STATICFILES_DIRS."""
    from django.conf import settings

    if not settings.configured:
        # They have failed themselves.
        return False
    folders = [each[1] if isinstance(each, (list, tuple)) else each for each in settings.STATICFILES_DIRS]
    return os.path.realpath(path) in [os.path.realpath(each) for each in folders]


def said_of_debug() -> str:
    """Say that DEBUG is on, for settings name other paths by it; with a space before, "" where it is off."""
    from django.conf import settings

    found = list(debug(settings, sources_of_release())) if settings.configured else []
    if not found:
        return ""
    return (
        f" DEBUG is True ({found[0]['where']}), by which settings may name another; to turn it off, {found[0]['write']}"
    )


def lines_of_build(tree: str) -> str:
    """Return the commands that build what a tree serves: those of its package.json, else those of manage.py that its
    Dockerfile runs; "" where it has none.
    """
    managed = ""
    for folder, folders, names in os.walk(tree):
        depth = 0 if folder == tree else os.path.relpath(folder, tree).count(os.sep) + 1
        folders[:] = [] if depth > 1 else sorted(each for each in folders if each[0] != "." and each not in SKIPPED)
        if "package.json" in names:
            install, run = commands_in(folder)
            place = "" if folder == tree else os.path.relpath(folder, tree)
            script = script_that_builds(os.path.join(folder, "package.json"))
            commands = [install, f"{run[: -len('build')]}{script}" if script else "…"]
            return ", ".join(step(each, place) for each in commands)
        if "Dockerfile" in names and not managed:
            managed = ", ".join(managed_in(os.path.join(folder, "Dockerfile")))
    return managed


def managed_in(path: str) -> list[str]:
    """Return the commands of manage.py that a Dockerfile runs to build something."""
    lines = text_of(path).replace("\\\n", " ").splitlines()
    runs = "\n".join(line for line in lines if line.lstrip().startswith("RUN "))
    found = [" ".join(words.split()) for words in MANAGED.findall(runs)]
    return [f"python manage.py {each}" for each in dict.fromkeys(found) if each.split()[0] not in NOT_BUILDING]


def commands_in(folder: str) -> tuple[str, str]:
    """Return the commands that install and that build in a folder, each "" where it has no file that tells them."""
    found = (each for name, each in MANAGERS.items() if os.path.exists(os.path.join(folder, name)))
    install, run = next(found, ("", ""))
    if run.startswith("yarn") and "__metadata:" in text_of(os.path.join(folder, "yarn.lock")):
        # From its version 2 on.
        install = "yarn install --immutable"
    return install, run


def step(command: str, place: str) -> str:
    """Return a command of `build` as the stack file has it. `place`: its folder in the tree, "" for the top."""
    return f"{{ run: {command}, in: {place} }}" if place else command


def script_that_builds(path: str) -> str:
    """Return the script of a package.json that builds, "" where none is called so, or several and none just `build`."""
    try:
        with open(path, encoding="utf-8") as file:
            names = list(json.load(file)["scripts"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    found = ["build"] if "build" in names else [each for each in names if each.startswith(("build:", "build-"))]
    return found[0] if len(found) == 1 else ""


def help_with_packages(place: str, tree: str) -> str:
    """Return the line that makes the folder of Node's packages that a path lies in, "" where nothing tells."""
    top = place[: place.index("node_modules")].rstrip(os.sep)
    command, _ = commands_in(os.path.join(tree, top))
    if not command or os.path.isdir(os.path.join(tree, top, "node_modules")):
        return ""
    return (
        f"The tree has no {os.path.join(top, 'node_modules')}: each release is to have it made. Write "
        f"`build: [{step(command, top)}]`{by_node(step(command, top), tree)} into the stack file."
    )


def by_node(lines: str, tree: str, path: str | None = None) -> str:
    """Return the setting that brings Node, with a space before; "" where commands need none, or PATH has it."""
    if not re.search(r"\b(?:npm|pnpm|yarn) ", lines) or shutil.which("npm", path=path):
        return ""
    found = (node_of(os.path.join(tree, place)) for place in (*re.findall(r"in: ([^ }]+)", lines), ""))
    number = next(filter(None, found), "")
    return f' and `node: "{number}"`' if number else ' and `node: "22"` (or what the project asks for)'


def node_of(folder: str) -> str:
    """Return the first number of the version of Node that a folder's files ask for, "" where none names just one."""
    for name, asks in ASKING.items():
        found = re.search(asks, text_of(os.path.join(folder, name)))
        if found:
            return found.group(1)
    return ""


def inside(path: str, tree: str) -> str:
    """Return a path's place in the tree, "" where it lies elsewhere."""
    if not os.path.isabs(path):
        return ""
    place = os.path.relpath(os.path.realpath(path), tree)
    return "" if place == "." or place.startswith("..") else place
