"""Which part of a tree's dependencies has a package that is not installed: an extra, a group, or another file."""

from __future__ import annotations

import os
import re

from ..host.pushed_file import text_if_any
from .absent import requirement_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Packages whose names say nothing of their modules.
PACKAGES = {
    "bs4": ("beautifulsoup4",),
    "cv2": ("opencv-python", "opencv-python-headless"),
    "dateutil": ("python-dateutil",),
    "decouple": ("python-decouple",),
    "dotenv": ("python-dotenv",),
    "MySQLdb": ("mysqlclient",),
    "PIL": ("pillow",),
    "psycopg2": ("psycopg2", "psycopg2-binary", "psycopg"),
    "rest_framework": ("djangorestframework",),
    "yaml": ("pyyaml",),
}
# Tables of pyproject.toml whose arrays have further dependencies, and the setting that names one.
TABLES = (
    ("project.optional-dependencies", "extras"),
    ("dependency-groups", "groups"),
    ("tool.poetry.extras", "extras"),
)
POETRY_GROUP = re.compile(
    r"^\[tool\.poetry\.group\.([\w-]+)\.dependencies\]\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL
)
IN_ARRAY = re.compile(r"""["']([A-Za-z0-9][\w.-]*)""")
AT_BEGIN = re.compile(r"^([A-Za-z0-9][\w.-]*)", re.MULTILINE)


def line_that_brings(codebase: str, installed: list[str], module: str) -> str:
    """Return what of a tree has the package of a module, and the line to write; "" where nothing has.

    `installed`: the files that the virtualenv was made of.
    """
    wanted = packages_of(module)
    for where, package, line in offers(codebase, installed):
        if normal(package) in wanted:
            return f"The tree has {package} in {where}: write `{line}` of the site into the stack file."
    return ""


def packages_of(module: str) -> set[str]:
    """Return the names of packages that may bring a module."""
    top = module.split(".", maxsplit=1)[0]
    return {normal(name) for name in (top, f"django-{top}", f"python-{top}", *PACKAGES.get(top, ()))}


def normal(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def offers(codebase: str, installed: list[str]) -> Iterator[tuple[str, str, str]]:
    """Find what a tree offers besides: where a package is named, its name, and the line that has it installed."""
    project = text_if_any(os.path.join(codebase, "pyproject.toml"))
    for table, setting in TABLES:
        for name, listed in arrays_in(project, table):
            for package in IN_ARRAY.findall(listed):
                yield f"{name} of [{table}] of pyproject.toml", package, f"{setting}: [{name}]"
    for name, listed in POETRY_GROUP.findall(project):
        for package in AT_BEGIN.findall(listed):
            yield f"the group {name} of pyproject.toml", package, f"groups: [{name}]"
    for file in requirement_files(codebase):
        if file.endswith((".txt", ".pip")) and file not in installed:
            for package in AT_BEGIN.findall(text_if_any(os.path.join(codebase, file))):
                yield file, package, f"requirements: {file}"


def arrays_in(text: str, table: str) -> list[tuple[str, str]]:
    """Return the arrays of a table of TOML: the name, and what stands in it as text."""
    found = re.search(rf"^\[{re.escape(table)}\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    lines = re.sub(r"\s#.*$", "", found.group(1) if found else "", flags=re.MULTILINE)
    return re.findall(r"^([\w.-]+)\s*=\s*\[(.*?)\]\s*$", lines, re.MULTILINE | re.DOTALL)
