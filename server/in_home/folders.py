"""Work in an open folder, by a name in it, without following a path."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import time

# The most entries of a tree that are looked at, and the most nested folders that are open at once.
MOST_ENTRIES, DEEPEST = 2_000_000, 100
OPEN_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def unused(folder: int, name: str) -> str:
    """Return an unused name in an open folder: this one, or this one with a number."""
    return next(
        each for each in itertools.chain([name], (f"{name}-{at}" for at in range(2, 1000))) if not exists(folder, each)
    )


def names_in(opened: int, most: int) -> list[str]:
    """Return at most `most` names in an open folder, because somebody may have made any number of them."""
    with os.scandir(opened) as entries:
        return [entry.name for entry in itertools.islice(entries, most)]


def is_folder(folder: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def remove(
    folder: int,
    name: str,
    owners: set[int] | None = None,
    depth: int = 0,
    lifted: tuple[int, list[str]] | None = None,
) -> None:
    """Remove a name in an open folder, with everything below it, without following links.

    Enter only folders that belong to one of `owners`. Leave what can't be removed, with the folders that lead there.
    Move folders deeper than DEEPEST up to the first folder, and note their names in `lifted`.
    """
    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISDIR(about.st_mode):
        os.unlink(name, dir_fd=folder)
        return
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    opened = os.open(name, flags, dir_fd=folder)
    try:
        found = os.fstat(opened)
        if (owners is None or found.st_uid in owners) and found.st_dev == os.fstat(folder).st_dev:
            if os.geteuid() == found.st_uid and not found.st_mode & 0o200:
                os.fchmod(opened, 0o700)
            first, moved = lifted or (opened, [])
            for inner in names_in(opened, MOST_ENTRIES):
                with contextlib.suppress(OSError):
                    if depth < DEEPEST or not is_folder(opened, inner):
                        remove(opened, inner, owners, depth + 1, (first, moved))
                    else:
                        to = f".greenpush-{len(moved)}-{time.monotonic_ns()}"
                        os.rename(inner, to, src_dir_fd=opened, dst_dir_fd=first)
                        moved.append(to)
            # Removing these adds more to the list.
            for inner in moved if depth == 0 else ():
                with contextlib.suppress(OSError):
                    remove(opened, inner, owners, 1, (first, moved))
    finally:
        os.close(opened)
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=folder)


def hard_links_are_guarded() -> bool:
    """Return whether the kernel refuses hard links to files that their maker can't write."""
    with open("/proc/sys/fs/protected_hardlinks", encoding="ascii") as file:
        return file.read().strip() == "1"
