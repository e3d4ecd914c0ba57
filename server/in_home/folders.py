"""What is done in an open folder, by a name in it: no path is followed."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import time

# Entries of a tree that are looked at, and folders that are open one in another.
MOST_ENTRIES, DEEPEST = 2_000_000, 100
OPEN_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def unused(folder: int, name: str) -> str:
    """Return a name that nothing has yet in an open folder, as this one."""
    return next(
        each for each in itertools.chain([name], (f"{name}-{at}" for at in range(2, 1000))) if not exists(folder, each)
    )


def names_in(opened: int, most: int) -> list[str]:
    """Return the names in an open folder, at most so many, as somebody may have made any number."""
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
    """Remove what stands in an open folder under a name, with all below it, and follow nothing.

    `owners`: only folders of these are opened. What can't be removed is left, with the folders that lead there.
    Folders that lie deeper than DEEPEST are moved up to where this began, and their names noted in `lifted`.
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
            # More come while these go.
            for inner in moved if depth == 0 else ():
                with contextlib.suppress(OSError):
                    remove(opened, inner, owners, 1, (first, moved))
    finally:
        os.close(opened)
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=folder)


def hard_links_are_guarded() -> bool:
    """Whether the kernel lets nobody make a hard link of a file that they can't write."""
    with open("/proc/sys/fs/protected_hardlinks", encoding="ascii") as file:
        return file.read().strip() == "1"
