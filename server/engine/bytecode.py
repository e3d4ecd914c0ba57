"""Bytecode that need not be compiled again."""

import os
import shutil


def share(source, target):
    """A hard link: no time and no room; for files that are replaced and never written into, as pip and Python do."""
    try:
        os.link(source, target)
    except OSError:
        # Of another's files, as root's when root has run this Python, the kernel allows no links.
        shutil.copy2(source, target)


def adopt_bytecode(path, like):
    """Give the modules of a tree the bytecode that the same modules have in another tree of the same Python.

    The same is what has the same name and content. Bytecode holds for the time that its module has, which is taken
    over too.
    """
    for folder, folders, names in os.walk(path):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        before = os.path.join(like, os.path.relpath(folder, path))
        try:
            compiled = os.listdir(os.path.join(before, "__pycache__"))
        except OSError:
            continue
        here = set(names)
        for name in compiled:
            module = name.rsplit(".", 2)[0] + ".py"
            adopted = os.path.join(folder, "__pycache__", name)
            if module in here and not os.path.exists(adopted) and same_content(folder, before, module):
                time_of = os.stat(os.path.join(before, module))
                os.utime(os.path.join(folder, module), ns=(time_of.st_atime_ns, time_of.st_mtime_ns))
                os.makedirs(os.path.dirname(adopted), exist_ok=True)
                share(os.path.join(before, "__pycache__", name), adopted)


def same_content(one, other, name):
    try:
        with open(os.path.join(one, name), "rb") as here, open(os.path.join(other, name), "rb") as there:
            return os.fstat(here.fileno()).st_size == os.fstat(there.fileno()).st_size and here.read() == there.read()
    except FileNotFoundError:
        return False
