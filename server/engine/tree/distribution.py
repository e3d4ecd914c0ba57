"""The name and version of a tree that is a package itself, as importlib.metadata has them of what is installed.

It is not installed. An application that asks for its own version, as in `version("shop")`, finds it all the same.
"""

from __future__ import annotations

import ast
import os
import re

from ..host.files import write_file
from ..host.pushed_file import text_if_any
from .folders import is_package
from .source import Modules, parse, text_of

# Where a release has it, from its tree.
FOLDER = os.path.join("..", "metadata")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]*")


def write_metadata(codebase: str, root: str, python_path: list[str]) -> list[str]:
    """Write the metadata of a tree's own package; return the folder that Python finds it in, none where it has none."""
    folders = list(dict.fromkeys([os.path.normpath(os.path.join(codebase, root)), codebase]))
    place = next(filter(is_package, folders), None)
    if place is None:
        return []
    found = [os.path.normpath(os.path.join(codebase, folder)) for folder in python_path]
    name, version = named_in(place, Modules(*folders, *found))
    if not NAME.fullmatch(name) or not VERSION.fullmatch(version):
        return []
    as_file = re.sub(r"[-_.]+", "_", name).lower()
    folder = os.path.normpath(os.path.join(codebase, FOLDER, f"{as_file}-{version}.dist-info"))
    os.makedirs(folder)
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    write_file(os.path.join(folder, "METADATA"), text, durable=False)
    return [FOLDER]


def named_in(folder: str, modules: Modules) -> tuple[str, str]:
    """Return the name and the version of the package in a folder, each "" where no file that is read says it."""
    text = text_in(folder, "pyproject.toml")
    for section in ("project", "tool.poetry"):
        about = section_of(text, section)
        name = value_in(about, "name")
        if name:
            return name, value_in(about, "version") or dynamic_version(text, folder, modules)
    about = section_of(text_in(folder, "setup.cfg"), "metadata")
    called = called_with(os.path.join(folder, "setup.py"), "setup")
    version = plain_in(about, "version")
    attribute = re.fullmatch(r"attr:\s*([\w.]+)", version)
    if attribute:
        version = assigned_at(attribute.group(1), modules)
    return plain_in(about, "name") or called.get("name", ""), version or called.get("version", "")


def dynamic_version(text: str, folder: str, modules: Modules) -> str:
    """Return the version that a build backend reads from a module, "" where it makes it otherwise, as of git's tags."""
    path = value_in(section_of(text, "tool.hatch.version"), "path")
    if path:
        found = re.search(r"^(?:__version__|VERSION)\b[^=\n]*=\s*[\"']([^\"'\n]+)", text_in(folder, path), re.MULTILINE)
        return found.group(1) if found else ""
    attribute = re.search(r"attr\s*=\s*[\"']([\w.]+)[\"']", section_of(text, "tool.setuptools.dynamic"))
    return assigned_at(attribute.group(1), modules) if attribute else ""


def assigned_at(attribute: str, modules: Modules) -> str:
    """Return the text that a module assigns to an attribute, as package.__version__."""
    module, _, name = attribute.rpartition(".")
    return (modules.assigned(module, name) or ("", ""))[0] if module else ""


def text_in(folder: str, name: str) -> str:
    """Return the text of a file in a folder, "" where there is none that can be read."""
    path = os.path.normpath(os.path.join(folder, name))
    return text_if_any(path) if path.startswith(f"{folder}/") else ""


def section_of(text: str, name: str) -> str:
    """Return what stands in a section of a TOML or INI file."""
    found = re.search(rf"^\[{re.escape(name)}\][^\n]*\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def value_in(section: str, name: str) -> str:
    """Return a text of a section of TOML."""
    found = re.search(rf"""^{name}\s*=\s*["']([^"'\n]+)["']""", section, re.MULTILINE)
    return found.group(1) if found else ""


def plain_in(section: str, name: str) -> str:
    """Return a value of a section of an INI file."""
    found = re.search(rf"^{name}[ \t]*[=:][ \t]*(\S[^\n]*)", section, re.MULTILINE)
    return found.group(1).strip() if found else ""


def called_with(path: str, function: str) -> dict[str, str]:
    """Return the texts that a file calls a function with, by keyword."""
    for node in ast.walk(parse(path) or ast.Module([], [])):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == function:
            return {word.arg: text_of(word.value) for word in node.keywords if word.arg}
    return {}
