"""What a build has made in a release's tree, so that another release of the same revision can take it over."""

from __future__ import annotations

import os
import shutil
import stat

from ..host.dedupe import same_content, share
from ..host.files import read_json, write_json
from ..release.release import live_release, releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..release.release import Release

    # The time of change and the size of each file and link; None of a folder.
    Found = dict[str, "list[int] | None"]

# Folders of packages. Their files are read-only, and releases share those that are the same.
PACKAGES = "node_modules"
# The file that says what a build has made.
NOTES = "build.json"


class Result:
    """A tree before its build; afterwards it tells what has changed."""

    def __init__(self, release: Release) -> None:
        self.release, self.before = release, dict(entries_of(release.codebase))

    def note_changes(self, key: str) -> None:
        """Note what the build of this key has made; packages that the live release has too become hard links.

        Without a key nobody takes it over.
        """
        tree = self.release.codebase
        # Before it is noted, because a file may take over another one's time.
        share_packages(tree, live_release().codebase)
        now = dict(entries_of(tree))
        made = {path: about for path, about in now.items() if path not in self.before or self.before[path] != about}
        removed = [path for path in self.before if path not in now]
        notes = {"key": key, "made": made, "removed": removed}
        write_json(self.release.path(NOTES), notes, durable=False)


def entries_of(tree: str) -> Iterator[tuple[str, list[int] | None]]:
    """Yield what a tree has, by its path in the tree, folders before what is in them. Bytecode is left out."""
    for folder, folders, names in os.walk(tree):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        for name in folders:
            path = os.path.join(folder, name)
            yield os.path.relpath(path, tree), state_of(path) if os.path.islink(path) else None
        for name in names:
            path = os.path.join(folder, name)
            yield os.path.relpath(path, tree), state_of(path)


def state_of(path: str) -> list[int] | None:
    """Return what changes when a file or link does; None where it is a folder or is gone."""
    try:
        about = os.lstat(path)
    except OSError:
        return None
    return None if stat.S_ISDIR(about.st_mode) else [about.st_mtime_ns, about.st_size]


def share_packages(tree: str, like: str) -> None:
    """Make the files of packages read-only, and hard links to those of another tree that are the same."""
    for folder, folders, names in os.walk(tree):
        parts = os.path.relpath(folder, tree).split(os.sep)
        if PACKAGES not in parts:
            continue
        if parts[-1] == PACKAGES:
            # Caches of tools, which write there again.
            folders[:] = [name for name in folders if not name.startswith(".")]
            names = []
        for name in names:
            path, other = os.path.join(folder, name), os.path.join(like, *parts, name)
            about = os.lstat(path)
            if not stat.S_ISREG(about.st_mode):
                continue
            if about.st_mode & 0o222:
                os.chmod(path, about.st_mode & 0o555)
            if same_content(path, other):
                share_instead(path, other)


def share_instead(own: str, other: str) -> None:
    """Replace a file by a hard link to another that has the same content, where nobody writes into that one."""
    here, there = os.stat(own), os.stat(other)
    if os.path.samestat(here, there) or there.st_mode & 0o222 or (here.st_mode ^ there.st_mode) & 0o111:
        return
    aside = os.path.join(os.path.dirname(own), ".shared")
    try:
        os.link(other, aside)
    except OSError:
        # A file has no more than so many links. It stays what it is, which is the same.
        return
    os.rename(aside, own)


def taken_from(release: Release, key: str) -> Release | None:
    """Give a release what a build of this key has made in another one; return that one, None where there is none."""
    for source in reversed(releases()):
        if source == release or source.revision != release.revision:
            continue
        notes = read_json(source.path(NOTES))
        if notes and notes["key"] == key and can_be_taken(source, notes["made"]):
            take(source, release, notes["made"], notes["removed"])
            write_json(release.path(NOTES), notes, durable=False)
            return source
    return None


def can_be_taken(source: Release, made: Found) -> bool:
    """Tell whether all that a build has made is still as it was, and knows nothing of where it was made."""
    place = source.path("").encode()
    for path, about in made.items():
        full = os.path.join(source.codebase, path)
        if state_of(full) != about:
            return False
        if about is None:
            if not os.path.isdir(full):
                return False
        elif os.path.islink(full):
            if os.readlink(full).startswith(source.path("")):
                return False
        elif PACKAGES not in path.split(os.sep) and names_place(full, place):
            return False
    return True


def names_place(path: str, place: bytes) -> bool:
    """Tell whether a file has the path of its release in it."""
    with open(path, "rb") as file:
        return place in file.read()


def take(source: Release, release: Release, made: Found, removed: list[str]) -> None:
    """Copy what a build has made from one release to another, and remove what it has removed."""
    for path in removed:
        full = os.path.join(release.codebase, path)
        if os.path.islink(full) or not os.path.isdir(full):
            if os.path.lexists(full):
                os.unlink(full)
        else:
            shutil.rmtree(full)
    for path, about in made.items():
        here, there = os.path.join(release.codebase, path), os.path.join(source.codebase, path)
        if os.path.lexists(here) and (about is not None or not os.path.isdir(here)):
            os.unlink(here)
        if about is None:
            os.makedirs(here, exist_ok=True)
        elif not os.path.islink(there) and PACKAGES in path.split(os.sep) and os.lstat(there).st_mode & 0o222 == 0:
            share(there, here)
        else:
            # With its time, because a release that is made after this one asks for it.
            shutil.copy2(there, here, follow_symlinks=False)
