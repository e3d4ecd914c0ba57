"""STATIC_ROOT, MEDIA_ROOT and databases where the settings put them outside of what a site has.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import os
import tempfile
from urllib.parse import urlsplit

from .data import NotKept, databases_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

# Settings that name a folder, which is also the variable that has one of the site, and what is the matter elsewhere.
FOLDERS = {
    "STATIC_ROOT": "which all releases share: a push changes the static files of the live one",
    "MEDIA_ROOT": "where gunicorn's sandbox lets it write no uploads, and from where nginx serves none",
}
# Where nginx serves uploads.
MEDIA = "/media/"
# A unit of gunicorn has both for itself, and they go with it.
TEMPORARY = ("/tmp", "/var/tmp")


def said_of_folders(settings: Any, release: str, var: str) -> list[str]:
    """Say which folders are neither the release's nor, for uploads, in the site's var; a sentence each."""
    release, var = os.path.realpath(release), os.path.realpath(var)
    own = {"STATIC_ROOT": (release,), "MEDIA_ROOT": (release, var)}
    return [
        told(name, f"{path}, {why}")
        for name, why in FOLDERS.items()
        for path in [folder_of(settings, name)]
        if path and not is_below(path, own[name])
    ]


def databases_elsewhere(settings: Any, release: str, var: str) -> dict[str, str]:
    """Return the SQLite databases outside of the release and the site's var, which can be written to as far as this
    process can tell: {path: where the settings name it, and what to write for one below var}.

    Raise NotKept for one that is not there and can't be made, and for one among temporary files.
    """
    own = [os.path.realpath(release), os.path.realpath(var)]
    # Of the release, where it is the engine that runs a command.
    passing = os.path.realpath(tempfile.gettempdir())
    found = {}
    for alias, name in databases_of(settings):
        path = os.path.realpath(name)
        mine = is_below(path, own)
        why = ""
        if is_below(path, [passing]) or (not mine and is_below(path, TEMPORARY)):
            why = "among temporary files, which are gone with gunicorn's unit or at a restart of the server"
        elif mine or (os.path.exists(path) and not os.access(path, os.W_OK)):
            continue
        elif not os.path.exists(path) and not os.access(os.path.dirname(path), os.W_OK):
            why = "where the site can't make it"
        where, line = told_of_database(path)
        if why:
            raise NotKept(f"{where}: the database {alias} is {path}, {why}", line)
        found[path] = f"{where}. {line}"
    return found


def told_of_database(path: str) -> tuple[str, str]:
    """Return where the settings name a SQLite database, and what to write for one below var."""
    from .settings_sources import sources_of_release

    sources = sources_of_release()
    where, value, _ = sources.place_of("DATABASES")
    variable = next(iter(sources.variables_of(value, ("NAME",)) or sources.parts_of("DATABASES")), "")
    if variable:
        return where, f"Write `environment: {{ {variable}: {value_below_var(variable, path)} }}` into the stack file."
    laid, _ = sources.laid_with("DATABASES")
    if laid:
        return where, f'Name another in {laid}, which `files` of the stack file lays in: "${{VAR_DIR}}/db.sqlite3".'
    own = sources.own_module('DATABASES["default"]["NAME"] = "${VAR_DIR}/db.sqlite3"')
    return where, f'Have the settings put it below os.environ["VAR_DIR"], which outlives a release; or {own}.'


def value_below_var(variable: str, path: str) -> str:
    """Return the value of a variable for a database below var, by what such a name usually has."""
    if variable.endswith("URL"):
        # As dj-database-url and django-environ read it.
        return f"sqlite:///${{VAR_DIR}}/{os.path.basename(path)}"
    is_folder = set(variable.split("_")) & {"DIR", "DIRECTORY", "FOLDER", "ROOT", "HOME"}
    return "${VAR_DIR}" if is_folder else f"${{VAR_DIR}}/{os.path.basename(path)}"


def is_below(path: str, folders: Sequence[str]) -> bool:
    """Tell whether a path lies in one of these folders."""
    return any(path.startswith(f"{folder}/") for folder in folders)


def said_of_media_url(settings: Any, var: str, locations: Sequence[str] = ()) -> list[str]:
    """Say that uploads are asked for where nobody serves them, in a list of one sentence.

    `locations`: what nginx's locations of the stack match, as `^~ /uploads/`.
    """
    url = urlsplit(str(settings.MEDIA_URL or ""))
    path = url.path
    kept = folder_of(settings, "MEDIA_ROOT") == os.path.realpath(os.path.join(var, "media"))
    if not kept or url.netloc or path in ("", "/", MEDIA) or is_answered(f"{path}x.jpg"):
        return []
    if any(path.rstrip("/") in each for each in locations):
        return []
    from .settings_sources import sources_of_release

    where, *_ = sources_of_release().place_of("MEDIA_URL")
    line = f'locations: {{ {path}: ["rewrite ^{path}(.*)$ {MEDIA}$1 last;"] }}'
    said = f"MEDIA_URL is {path}, and nginx serves uploads at {MEDIA}"
    return [f"{where}: {said}. Write `nginx: {{ {line} }}` into the stack file"]


def is_answered(path: str) -> bool:
    """Tell whether the project's URLs know an address."""
    from django.urls import Resolver404, resolve

    try:
        resolve(path)
    except Resolver404:
        return False
    except Exception:
        # What is wrong with its URLs, the check says.
        return True
    return True


def help_with_folder(error: OSError) -> str:
    """Return what to write where a folder of the settings can't be written to, "" for another path."""
    from django.conf import settings

    path = os.path.realpath(os.fspath(error.filename)) if isinstance(error.filename, (str, os.PathLike)) else ""
    # Where the settings have failed themselves, they name nothing.
    for name in FOLDERS if settings.configured else ():
        folder = folder_of(settings, name)
        # A folder above it may be what can't be made.
        if path and folder and (f"{path}/".startswith(f"{folder}/") or folder.startswith(f"{path}/")):
            return f"{told(name, f'{folder}, where the site has no right to write')}."
    return ""


def folder_of(settings: Any, name: str) -> str:
    """Return the real path of a folder of the settings, "" where they name none."""
    value = getattr(settings, name, None)
    return os.path.realpath(os.fspath(value)) if value else ""


def told(name: str, what: str) -> str:
    """Return where a setting gets its value, what it is, and the line to write that gives it the site's folder."""
    # A push waits for `ast` only where there is something to say.
    from .settings_sources import sources_of_release

    sources = sources_of_release()
    where, _, variable = sources.place_of(name)
    laid, called = ("", name) if variable else sources.laid_with(name)
    if variable:
        line = f"`environment: {{ {variable}: ${{{name}}} }}` in the stack file"
    elif laid:
        line = f'{called} = "${{{name}}}" in {laid}, which `files` of the stack file lays in'
    else:
        own = sources.own_module(f'{name} = "${{{name}}}"')
        line = f'{name} = os.environ["{name}"] in the settings; or, to commit nothing, {own}'
    return f"{where}: {name} is {what}. Write {line}"
