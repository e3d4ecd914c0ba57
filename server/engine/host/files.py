"""Files and links, replaced so that a reader or a crash sees the old or the new."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # What a file of JSON has.
    Json = dict[str, Any]


def at_once(path: str, flags: int) -> int:
    """Open a file, as an opener of open() that does not wait for who writes to a pipe, should one stand there."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_json(path: str, default: Any = None) -> Any:
    """Read a file of JSON; `default` where there is none. Raise ValueError where it is not JSON."""
    try:
        with open(path, encoding="utf-8", opener=at_once) as file:
            return json.load(file)
    except FileNotFoundError:
        return default


def own(path: str, flags: int, mode: int = 0o600) -> int:
    """Open a file of the engine's own in var/, as an opener of open(); the application can write there too.

    It may have put a link there, to have something overwritten that it can't write itself, or a pipe, which would keep
    the engine waiting. Such a thing goes.
    """
    for _ in range(3):
        try:
            descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, mode)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return descriptor
            os.close(descriptor)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise
        remove_tree(path)
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)


def write_file(path: str, text: str, mode: int = 0o644, durable: bool = True) -> None:
    """Replace a file whole: a reader, or a crash, sees the old text or the new.

    A power failure may leave one that is not durable empty, which is for what a release in the making has.
    """
    aside = f"{path}.new"
    descriptor = own(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    os.rename(aside, path)


def write_json(path: str, value: Any, durable: bool = True) -> None:
    """Replace a file by a value as JSON; see write_file()."""
    write_file(path, json.dumps(value, indent=1, sort_keys=True) + "\n", durable=durable)


def relink(path: str, target: str) -> None:
    """Point a symbolic link elsewhere in one rename."""
    aside = f"{path}.new"
    if os.path.lexists(aside):
        os.unlink(aside)
    os.symlink(target, aside)
    os.rename(aside, path)


def remove_tree(path: str) -> None:
    """Remove a tree, also one whose folders are read-only as a finished virtualenv's are."""
    while os.path.lexists(path):
        # A process of the release that ends meanwhile takes its own files away, as gunicorn does with its pid file.
        with contextlib.suppress(FileNotFoundError):
            if os.path.islink(path) or not os.path.isdir(path):
                os.unlink(path)
                return
            for folder, _, _ in os.walk(path):
                os.chmod(folder, 0o700)
            shutil.rmtree(path)


def write_whole(path: str, text: str) -> None:
    """Write to a file of the kernel, which can't be replaced."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
