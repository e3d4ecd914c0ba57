"""The line to write where a release lacks a module: a file of the project's own, or a package."""

from __future__ import annotations

import os
import re
from glob import escape, glob

from ..host.pushed_file import text_if_any
from ..venv.brought import line_that_brings, normal, packages_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..release.release import Release

# What an installed package needs: its name, which versions, and for which Python; not what an extra of it needs.
NEEDS = re.compile(r"^Requires-Dist: ([\w.-]+)[ (]*([^\s;()]*)\)?[ ]*(?:;(?!.*\bextra\b) *(.+))?$", re.MULTILINE)


def line_for_module(release: Release, module: str) -> str:
    """Return what of a release's tree has a module, or should have it, and the line to write; "" where nothing has."""
    folders = [release.project, *(os.path.join(release.codebase, folder) for folder in release.python_path)]
    return (
        file_to_lay(release.codebase, folders, module)
        or line_that_brings(release.codebase, release.dependency_files, module)
        or needed_by_another(release.path("lib"), module)
        or other_version(release.path("lib"), module)
    )


def needed_by_another(lib: str, module: str) -> str:
    """Return the line for a package that an installed one says it needs, "" where none does.

    A lock file made on another Python lacks what only this one needs.
    """
    paths = sorted(glob(os.path.join(escape(lib), "python*", "site-packages", "*.dist-info", "METADATA")))
    # What is there lacks the module in its version.
    there = {normal(os.path.basename(os.path.dirname(path)).partition("-")[0]) for path in paths}
    wanted = packages_of(module) - there
    for path in paths:
        for name, versions, where in NEEDS.findall(text_if_any(path)):
            if normal(name) in wanted:
                by = os.path.basename(os.path.dirname(path)).partition("-")[0]
                only = f" where {where}" if where else ""
                return (
                    f"{by} needs {name}{only}, and what is locked lacks it, perhaps made on another Python: write "
                    f'`extraRequirements: ["{name}{versions}"]` of the site into the stack file.'
                )
    return ""


def other_version(lib: str, module: str) -> str:
    """Return what helps where a virtualenv's lib has a package without one of its modules, "" where it has none."""
    top, *below = module.split(".")
    if not (below and glob(os.path.join(escape(lib), "python*", "site-packages", escape(top)))):
        return ""
    return (
        f"{top} is installed, in a version that lacks it, or that this Python is too new for: lock another version of "
        f"{top}, or of what asks for it; or set `python` in the stack file to one that they know."
    )


def file_to_lay(codebase: str, folders: list[str], module: str) -> str:
    """Return the line that lays a module into its package in the tree, "" where the tree has no such package."""
    package, _, name = module.rpartition(".")
    for folder in folders if package else ():
        path = os.path.join(os.path.normpath(folder), *package.split("."))
        if os.path.isdir(path):
            place = os.path.relpath(path, codebase)
            beside = [each for each in sorted(os.listdir(path)) if each.startswith(name)]
            like = f", made from {beside[0]}" if beside else ""
            return (
                f"The tree has its package, {place}. A file that is in no repository is laid in by the stack file"
                f"{like}: `files: {{ {place}/{name}.py: FILE }}`. Where it is not meant, name another (`settings`)."
            )
    return ""
