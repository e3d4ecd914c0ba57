"""What a tree need not have of its own, for another has the same: files, and the bytecode of modules."""

import os
import shutil
import stat


def share(source, target):
    """A hard link: no time and no room; for files that are replaced and never written into, as pip and Python do."""
    try:
        os.link(source, target)
    except OSError:
        # Of another's files, as root's when root has run this Python, the kernel allows no links; nor more than so many
        # of one file.
        shutil.copy2(source, target)


def adopt_files(path, like):
    """Replace the files of a tree by those of another tree that are the same, before they are written to the disk.

    The same is what has the same name, content and leave to be executed, and is read-only there.
    """
    for folder, _, names in os.walk(path):
        before = os.path.join(like, os.path.relpath(folder, path))
        aside = os.path.join(folder, ".adopted")
        for name in names:
            own, other = os.path.join(folder, name), os.path.join(before, name)
            if same_content(own, other) and not os.path.samefile(own, other):
                mode, wanted = os.stat(other).st_mode, os.stat(own).st_mode
                if mode & 0o222 == 0 and mode & 0o111 == wanted & 0o111:
                    share(other, aside)
                    os.rename(aside, own)


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
            own, other = os.path.join(folder, module), os.path.join(before, module)
            adopted = os.path.join(folder, "__pycache__", name)
            if module in here and not os.path.exists(adopted) and same_content(own, other):
                if not os.path.samefile(own, other):
                    about = os.stat(other)
                    os.utime(own, ns=(about.st_atime_ns, about.st_mtime_ns))
                os.makedirs(os.path.dirname(adopted), exist_ok=True)
                share(os.path.join(before, "__pycache__", name), adopted)


def same_content(one, other):
    """Whether both are files with the same content, or one file. A link or a missing one is none."""
    try:
        here, there = os.lstat(one), os.lstat(other)
    except OSError:
        return False
    if os.path.samestat(here, there):
        return True
    if not (stat.S_ISREG(here.st_mode) and stat.S_ISREG(there.st_mode) and here.st_size == there.st_size):
        return False
    with open(one, "rb") as one_file, open(other, "rb") as other_file:
        return one_file.read() == other_file.read()
