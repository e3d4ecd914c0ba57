"""What a release has written where it would be lost: into its own tree, of which the next release has another, and into
the site's own /tmp, which ends with gunicorn's unit.
"""

from __future__ import annotations

import os
import re
import shutil

from ..console.output import say
from ..errors import Refused
from ..host.files import read_json
from ..paths import VAR, WWW
from ..release.release import live_release
from .sandbox import files_of_tmp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..release.release import Release

SKIPPED = {"__pycache__", "node_modules", ".git"}
# A committed database, set aside: see guest/greenpush_django/data.py.
IN_TREE = ".in-tree"
# Files that a push names.
NAMED = 5
DATABASE = b"SQLite format 3\0"
# What Python says where gunicorn's sandbox lets nothing be written, and its calls that make a folder.
READ_ONLY = re.compile(r"Read-only file system: '(/[^']+)'")
MADE = re.compile(r"\b(?:mkdir|makedirs)\(")

# django-compressor does it for a template, at the first request for it, into STATIC_ROOT.
COMPRESSED = (
    "Have it made at the push: `build: [python manage.py collectstatic --noinput, python manage.py compress]` in the "
    "stack file, with COMPRESS_OFFLINE = True, or the variable for it that the settings read."
)


def mark_complete(release: Release) -> None:
    """Note that the tree is as build commands and deploy.sh have made it: what changes from here on is written by the
    application.
    """
    with open(release.path("complete"), "w", encoding="ascii"):
        pass


def check_written(release: Release) -> None:
    """Say what the application has written into the tree, of this release or of the live one.

    Raise Refused where it looks like a secret or a database. What of it is this release's is put where `shared` takes
    it from, so that the line that the refusal asks for is enough.
    """
    here, before = written(release), written(live_release())
    found = sorted({*here, *before})
    if not found:
        return
    lost = [name for name in found if is_kept(release if name in here else live_release(), name)]
    if not lost:
        say(f"    Written into the tree, which the next release does not have: {listed(found)}. `shared` keeps a path.")
        return
    for name in lost:
        if name not in before:
            keep_place(release, name)
    raise Refused(
        "data",
        f"the application writes {lost[0]} into its tree, where the next release does not have it",
        [f"shared: [{', '.join(lost)}]"],
        "Write this line into the stack file, run up, then push again: the path is kept in ~/www/var/shared. "
        "Or have the settings put it below VAR_DIR (os.environ).",
    )


def check_tmp(release: Release) -> None:
    """Say what the site's /tmp has that it did not have at the live release's start.

    Raise Refused where it looks like a secret or a database, unless its path says that it is a cache.
    """
    found = files_of_tmp(release)
    lost = sorted(
        name
        for name, database in found.items()
        if (database or has_name_of_secret(name)) and "cache" not in name.lower()
    )
    if lost:
        raise Refused(
            "data",
            f"the application writes /tmp/{lost[0]}, and /tmp is empty after a restart of the server",
            advice="Have the settings put it below VAR_DIR (os.environ), which stays. If they can't, make a "
            f"folder there, and let it be /tmp: `gunicorn: {{ unit: [PrivateTmp=false, BindPaths={VAR}/tmp:/tmp] }}`.",
        )
    known = files_of_tmp(live_release())
    new = sorted({name.partition("/")[0] for name in found.keys() - known.keys()})
    if new:
        say(f"    Written into /tmp, which is empty after a restart of the server: {listed(new)}. VAR_DIR stays.")


def listed(names: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def help_with_read_only(release: Release, text: str) -> str:
    """Return what to write where the application was to write into its tree or its home and the sandbox let it not, by
    an error in a text; "" where there is none. A file that is there is put where `shared` takes it from.
    """
    tree, home = os.path.realpath(release.codebase), os.path.dirname(os.path.realpath(WWW))
    for path in map(os.path.realpath, READ_ONLY.findall(text)):
        name = os.path.relpath(path, tree)
        if not name.startswith(".."):
            place = place_to_share(tree, path, bool(MADE.search(text)))
            line = "Have the settings put it below VAR_DIR (os.environ)."
            if "/compressor/" in text:
                line = COMPRESSED
            elif place:
                places = [place]
                if os.path.isfile(path) and place == name:
                    # Django's commands have written others too by now, which would each refuse one more push.
                    others = [each for each in written(release) if each != name]
                    places += others if len(others) < NAMED else []
                    for each in places:
                        keep_place(release, each)
                line = (
                    f"Write `shared: [{', '.join(places)}]` into the stack file: then it is kept in ~/www/var/shared."
                )
            return f"gunicorn's sandbox lets the application write {name} not into its tree. {line}"
        if path.startswith(f"{home}/"):
            return (
                f"gunicorn's sandbox lets the application write nothing into its home, as {path}. Give it another: "
                "`environment: { HOME: ${VAR_DIR} }` in the stack file."
            )
    return ""


def place_to_share(tree: str, path: str, is_folder: bool) -> str:
    """Return what of a tree has to be shared, so that a path can be written to: what is there, the folder that it is
    to be in, or itself, if it is a new folder (`is_folder`). "" for a new file beside code, which each release has.
    """

    def has_code(folder: str) -> bool:
        return folder == tree or any(name.endswith(".py") for name in os.listdir(folder))

    above = os.path.dirname(path)
    if os.path.lexists(path):
        shared = "" if os.path.isdir(path) and has_code(path) else path
    elif os.path.isdir(above) and not has_code(above):
        shared = above
    else:
        shared = path if is_folder else ""
    return shared and os.path.relpath(shared, tree)


def written(release: Release) -> list[str]:
    """Return the files of a tree, by their paths in it, that are new or changed since it was complete."""
    try:
        since = os.stat(release.path("complete")).st_mtime_ns
    except FileNotFoundError:
        # Made by an earlier version of the engine.
        return []
    static = os.path.realpath(release.path("static"))
    top = len(release.codebase) + 1
    found = {path[top:] for path in changed_files(release.codebase, static, since)}
    # A release that was gone back to may have got today's.
    return sorted(found - read_json(release.path("files.json"), {}).keys())


def changed_files(folder: str, static: str, since: int) -> Iterator[str]:
    """Return the files below a folder that changed after a time; links, bytecode and static files are left out.

    By the time of their content: a hard link that another release gets to a file changes the other times too.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and entry.path != static:
                    yield from changed_files(entry.path, static, since)
            elif (
                entry.is_file(follow_symlinks=False)
                and not entry.name.endswith(IN_TREE)
                and entry.stat(follow_symlinks=False).st_mtime_ns > since
            ):
                yield entry.path


def is_kept(release: Release, name: str) -> bool:
    """Tell whether a file looks like one that has to outlive its release: a secret or a database."""
    return has_name_of_secret(name) or is_database(os.path.join(release.codebase, name))


def has_name_of_secret(name: str) -> bool:
    """Tell whether a file is named as files with a secret are."""
    base = os.path.basename(name).lower()
    return base.endswith((".pem", ".key")) or "secret" in base


def is_database(path: str) -> bool:
    """Tell whether a file is a SQLite database."""
    try:
        with open(path, "rb") as file:
            return file.read(len(DATABASE)) == DATABASE
    except OSError:
        return False


def keep_place(release: Release, name: str) -> None:
    """Put a file where `shared` takes it from; of a database an empty one, for it may be written to right now."""
    path, home = os.path.join(release.codebase, name), os.path.join(VAR, "shared", name)
    if os.path.lexists(home):
        return
    os.makedirs(os.path.dirname(home), exist_ok=True)
    if is_database(path):
        os.close(os.open(home, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640))
    else:
        shutil.copy2(path, home)
