"""What only a worker can tell of gunicorn's sandbox, into which the deploy engine can't look: see checks/sandbox.py.

Copied into the release's folder, where its gunicorn calls it once the application is loaded (gunicorn_app.py).
"""

from __future__ import annotations

import json
import os
import stat
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASE = os.path.dirname(os.path.abspath(__file__))
TMP = "/tmp"
MOUNTS = "/proc/self/mountinfo"
# How systemd names them.
PRIVATE = "/systemd-private-"
# Files of /tmp that are looked at.
MOST = 1000
DATABASE = b"SQLite format 3\0"


def look() -> None:
    """Write what this worker finds: databases that it can't write to, and {file of the site's /tmp: whether it is a
    database}.

    databases.json names those to look at: guest/run_django.py writes it.
    """
    try:
        with open(os.path.join(RELEASE, "databases.json"), encoding="utf-8") as file:
            databases: dict[str, str] = json.load(file)
        found = {
            "closed": [path for path in databases if not can_be_written(path)],
            "tmp": dict(files_in(TMP)) if ends_with_unit(TMP) else {},
        }
        path = os.path.join(RELEASE, "var", "sandbox.json")
        aside = f"{path}.{os.getpid()}"
        with open(aside, "w", encoding="utf-8") as file:
            json.dump(found, file)
        os.rename(aside, path)
    except (OSError, ValueError):
        # An application that could not be looked at serves all the same.
        return


def tell_errors() -> None:
    """Print the error of each request to gunicorn's log, as long as the release is being checked.

    Django prints none unless DEBUG is on or the application's LOGGING says so. The engine asks for the page once more,
    but outside of the sandbox, where it may have no error.
    """
    try:
        from django.core.signals import got_request_exception
    except ImportError:
        return

    got_request_exception.connect(tell_error, weak=False)


def tell_error(**_: object) -> None:
    """Print the error that is being handled, as long as the release is being checked."""
    # The engine removes it at the end of the checks.
    if os.path.isdir(os.path.join(RELEASE, "tmp")):
        # In one go: another worker prints the same at the same time, and lines of both would mix.
        os.write(2, traceback.format_exc().encode(errors="replace"))


def can_be_written(path: str) -> bool:
    """Tell whether a database can be written to, or made."""
    return os.access(path if os.path.exists(path) else os.path.dirname(path), os.W_OK)


def ends_with_unit(folder: str) -> bool:
    """Tell whether a folder is one that systemd has made for the unit, and removes with it (PrivateTmp)."""
    with open(MOUNTS, encoding="utf-8", errors="replace") as file:
        # proc(5), mountinfo: the fourth field is what is mounted, of its file system, and the fifth where.
        fields = [line.split(" ") for line in file]
    return any(at == folder and PRIVATE in mounted for _, _, _, mounted, at, *_ in fields)


def files_in(folder: str) -> Iterator[tuple[str, bool]]:
    """Return the files below a folder that have a content: (path in it, whether it is a SQLite database)."""
    left = MOST
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in names:
            left -= 1
            if left < 0:
                return
            file = os.path.join(path, name)
            try:
                about = os.lstat(file)
                if stat.S_ISREG(about.st_mode) and about.st_size:
                    yield os.path.relpath(file, folder), is_database(file)
            except OSError:
                # Gone since.
                continue


def is_database(path: str) -> bool:
    """Tell whether a file is a SQLite database."""
    with open(path, "rb") as file:
        return file.read(len(DATABASE)) == DATABASE
