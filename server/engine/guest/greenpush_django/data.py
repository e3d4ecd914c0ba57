"""What of a release outlives it: databases and uploads that the settings put into its tree, and what the stack names.

Run by a release's own Python, as part of run_django.py. Each such path becomes a link into the site's var: the next
release has another tree, and what an application wrote into this one would be lost with it.
"""

from __future__ import annotations

import errno
import os
import shutil
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    # Takes what is at a path to its home in var; with `committed`, what came with the tree.
    Take = Callable[..., None]

# Seconds to wait for the version that serves to end what it writes to its database.
PATIENCE = 30


class NotKept(Exception):
    """Data that would be lost: which and why, and where more is known than that it belongs below var, what to write."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.advice = advice


class Release:
    """A release's folder, the one that is live, and the site's var."""

    def __init__(self, codebase: str, var: str) -> None:
        self.codebase = os.path.realpath(codebase)
        self.path = os.path.dirname(self.codebase)
        self.var = var
        self.live = os.path.realpath(os.path.join(os.path.dirname(self.var), "live"))

    def inside(self, path: str | os.PathLike[str]) -> str:
        """Return a path's place in the release, "" where it lies elsewhere. Its last part may be a link."""
        path = os.path.join(self.codebase, os.fspath(path))
        whole = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(os.path.normpath(path)))
        return os.path.relpath(whole, self.path) if whole.startswith(f"{self.path}/") else ""

    def home_of(self, place: str) -> str:
        """Return where in var something of the release is kept."""
        first, _, rest = place.partition("/")
        if first == "var":
            return os.path.join(self.var, rest)
        return os.path.join(self.var, "shared", rest if first == "codebase" else place)


def databases_of(settings: Any) -> list[tuple[str, str]]:
    """Return the files of SQLite databases that the settings name: [(alias, path)]."""
    return [
        (alias, file_of(database["NAME"]))
        for alias, database in settings.DATABASES.items()
        if database.get("ENGINE", "").endswith(("sqlite3", "spatialite")) and not in_memory(database.get("NAME"))
    ]


def file_of(name: str | os.PathLike[str]) -> str:
    """Return the file of a SQLite database, whose name may be an address (file:...?mode=ro)."""
    name = os.fspath(name)
    return name[len("file:") :].partition("?")[0] if name.startswith("file:") else name


def in_memory(name: str | os.PathLike[str] | None) -> bool:
    """Tell whether a SQLite database of this name has no file."""
    name = os.fspath(name or "")
    return not name or ":memory:" in name or "mode=memory" in name


def keep_data(settings: Any, codebase: str, var: str, project: str) -> tuple[list[str], dict[str, str]]:
    """Take databases and uploads out of a release; what was done, a sentence each, and {place: its home in var}.

    `project`: the folder of manage.py, which relative paths of the settings are relative to.
    """
    release = Release(codebase, var)
    said, homes = [], {}

    def add(place: str, home: str, what: str, take: Take) -> None:
        homes[place] = home
        said.extend(keep(release, place, home, what, take))

    def place_of(path: str | os.PathLike[str]) -> str:
        return release.inside(os.path.join(project, path))

    databases = {place_of(path): alias for alias, path in databases_of(settings)}
    databases.pop("", None)
    media = settings.MEDIA_ROOT and place_of(settings.MEDIA_ROOT)
    if media:
        if "/" not in media or lies_in(release.inside(project), [media]):
            raise NotKept("MEDIA_ROOT is the tree itself: give uploads a folder of their own")
        # nginx gives out what is in var/media, and must not give out a database.
        holds_database = any(place.startswith(f"{media}/") for place in databases)
        home = release.home_of(media) if holds_database else os.path.join(var, "media")
        add(media, home, "MEDIA_ROOT", keep_folder)
    for place, alias in databases.items():
        # One in a folder that is kept is kept with it.
        if not lies_in(place, homes):
            add(place, release.home_of(place), f"the database {alias}", keep_database)
    return said, homes


def keep_named(codebase: str, var: str, named: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the same for what the stack names, before anything of the release runs."""
    release = Release(codebase, var)
    said, homes = [], {}
    for name in named:
        place = release.inside(name.rstrip("/"))
        if not place.startswith("codebase/"):
            raise NotKept(f"`shared` names {name}, which is no path of the tree")
        if lies_in(place, homes):
            continue
        homes[place] = release.home_of(place)
        said += keep(release, place, homes[place], name, taking(release, place, homes[place]))
    return said, homes


def taking(release: Release, place: str, home: str) -> Take:
    """Return how a named path is taken: as the file, the database or the folder that it is, here or before."""
    for path in (home, os.path.join(release.live, place), os.path.join(release.path, place)):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return keep_database if file.read(16) == b"SQLite format 3\0" else keep_file
        if os.path.isdir(path):
            break
    return keep_folder


def lies_in(place: str, others: Iterable[str]) -> bool:
    """Tell whether a place is one of others, or below one."""
    return any(place == other or place.startswith(f"{other}/") for other in others)


def keep_again(codebase: str, var: str, homes: dict[str, str]) -> None:
    """Return the same for what another release of the site has kept, before anything of this one runs."""
    release = Release(codebase, var)
    for place, home in homes.items():
        if os.path.isdir(home):
            keep(release, place, home, "", keep_folder)
        elif os.path.exists(home):
            keep(release, place, home, "", keep_database)


def keep(release: Release, place: str, home: str, what: str, take: Take) -> list[str]:
    """Have a link at a place of the release that leads to its home in var."""
    path = os.path.join(release.path, place)
    # Also one that the application's authors lead out of the tree.
    if os.path.islink(path) and not os.path.realpath(path).startswith(f"{release.path}/"):
        return []
    os.makedirs(os.path.dirname(home), exist_ok=True)
    said = []
    before = os.path.join(release.live, place)
    if (
        release.live != release.path
        and not os.path.islink(before)
        and os.path.exists(before)
        and not os.path.exists(home)
    ):
        take(before, home)
        said.append(f"{what} of the live release was moved to {home}, which releases share")
    elif not os.path.exists(home):
        said.append(f"{what} is kept in {home}, which releases share")
    if os.path.islink(path) or os.path.exists(path):
        take(path, home, committed=True)
    elif take is keep_folder:
        os.makedirs(home, exist_ok=True)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    link(path, home)
    return said


def link(path: str, home: str) -> None:
    """In one rename, over a file that may be there."""
    aside = f"{path}.greenpush"
    if os.path.lexists(aside):
        os.unlink(aside)
    os.symlink(home, aside)
    os.rename(aside, path)


def keep_file(path: str, home: str, committed: bool = False) -> None:
    """Take a file: the one that is there already wins over what was committed."""
    if not os.path.exists(home):
        shutil.copy2(path, home)
    if not committed:
        link(path, home)


def keep_database(path: str, home: str, committed: bool = False) -> None:
    """Take a SQLite database, whole, also while the live version writes to it."""
    if committed:
        # A copy that came with the tree, or that loading the application has just made.
        if not os.path.exists(home) and os.path.getsize(path):
            copy_database(path, home)
        os.rename(path, f"{path}.in-tree")
        return
    if not os.path.getsize(path):
        return
    import sqlite3

    writer = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        (mode,) = writer.execute("PRAGMA journal_mode").fetchone()
        # Nobody writes from here until the old name leads to the new place.
        writer.execute("BEGIN IMMEDIATE")
        copy_database(path, f"{home}.before-{time.strftime('%Y%m%d-%H%M%S')}")
        if mode == "wal":
            copy_database(path, home)
        else:
            # The same file under both names: a connection that stays open goes on writing to it.
            try:
                os.link(path, home)
            except OSError as error:
                if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK):
                    raise
                copy_database(path, home)
        link(path, home)
        writer.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise NotKept(f"{path} can't be moved to {home} while it is written to ({error})") from None
    finally:
        writer.close()


def copy_database(path: str, to: str) -> None:
    """Copy a SQLite database to a file, which is there whole or not at all."""
    aside = f"{to}.new"
    if os.path.exists(aside):
        os.unlink(aside)
    back_up(path, aside)
    os.rename(aside, to)


def back_up(path: str, to: str) -> None:
    """Write all of a SQLite database over another, while others use both."""
    import sqlite3

    source, target = sqlite3.connect(path, timeout=PATIENCE), sqlite3.connect(to, timeout=PATIENCE)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def keep_folder(path: str, home: str, committed: bool = False) -> None:
    """Take a folder: what is there stays, and what the other has besides is added."""
    if os.path.isfile(path):
        raise NotKept(f"{path} is a file, and {home} is a folder")
    os.makedirs(home, exist_ok=True)
    if committed:
        add_missing(path, home)
        shutil.rmtree(path)
        return
    add_missing(path, home, os.link)
    # What is uploaded between these two lines meets no folder; what was, just before, is added again.
    moved = f"{path}.moved"
    os.rename(path, moved)
    os.symlink(home, path)
    add_missing(moved, home, os.link)
    shutil.rmtree(moved)


def add_missing(source: str, target: str, copy: Callable[[str, str], Any] = shutil.copy2) -> None:
    """Add to a folder what another has besides."""
    for folder, _, names in os.walk(source):
        to = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(to, exist_ok=True)
        for name in names:
            here, there = os.path.join(folder, name), os.path.join(to, name)
            if os.path.lexists(there):
                continue
            try:
                copy(here, there)
            except OSError:
                shutil.copy2(here, there, follow_symlinks=False)
