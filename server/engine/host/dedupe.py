"""Reuse the bytecode of files that two trees have in common."""

from __future__ import annotations

import os
import shutil
import stat
from importlib.util import source_from_cache


def share(source: str, target: str) -> None:
    """Make a hard link. Only for files that are replaced and never written into, as pip and Python do it."""
    try:
        os.link(source, target)
    except OSError:
        # Of another's files, as root's when root has run this Python, the kernel allows no links.
        shutil.copy2(source, target)


def reuse_bytecode(path: str, like: str) -> None:
    """Give the modules of a tree the bytecode of the same modules in another tree of the same Python.

    Modules are the same if they have the same name and content. Bytecode is valid for its module's time of change, so
    the module takes over that time too.
    """
    like = os.path.realpath(like)
    for folder, folders, names in os.walk(path):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        before = os.path.normpath(os.path.join(like, os.path.relpath(folder, path)))
        # Where the other tree has no such folder, it has none of those below. A link of a tree may lead anywhere.
        if os.path.islink(before) or not os.path.isdir(before):
            folders.clear()
            continue
        compiled = bytecode_in(before)
        for name in compiled.keys() & set(names):
            own, other = os.path.join(folder, name), os.path.join(before, name)
            if same_content(own, other):
                for bytecode in compiled[name]:
                    adopt_bytecode(own, other, bytecode)


def has_bytecode(path: str) -> bool:
    """Tell whether something below a folder is in the place of bytecode."""
    return any("__pycache__" in folders + names for _, folders, names in os.walk(path))


def bytecode_in(folder: str) -> dict[str, list[str]]:
    """Return names of files below __pycache__, by those of their modules, of which each level of optimization has its
    own.
    """
    compiled: dict[str, list[str]] = {}
    cache = os.path.join(folder, "__pycache__")
    for name in os.listdir(cache) if os.path.isdir(cache) else ():
        try:
            module = os.path.basename(source_from_cache(os.path.join(cache, name)))
        except ValueError:
            # What somebody put there.
            continue
        compiled.setdefault(module, []).append(name)
    return compiled


def adopt_bytecode(own: str, other: str, name: str) -> None:
    """Give a module the bytecode of another that is the same."""
    adopted = os.path.join(os.path.dirname(own), "__pycache__", name)
    if os.path.exists(adopted):
        return
    if not os.path.samefile(own, other):
        about = os.stat(other)
        os.utime(own, ns=(about.st_atime_ns, about.st_mtime_ns))
    os.makedirs(os.path.dirname(adopted), exist_ok=True)
    share(os.path.join(os.path.dirname(other), "__pycache__", name), adopted)


def same_content(one: str, other: str) -> bool:
    """Tell whether both are files with the same content, or one file. A link or a missing one is none."""
    try:
        here, there = os.lstat(one), os.lstat(other)
    except OSError:
        return False
    if os.path.samestat(here, there):
        return True
    if not (stat.S_ISREG(here.st_mode) and stat.S_ISREG(there.st_mode) and here.st_size == there.st_size):
        return False
    with open(one, "rb", 0) as one_file, open(other, "rb", 0) as other_file:
        return one_file.read() == other_file.read()
