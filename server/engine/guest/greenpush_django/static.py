"""Static files of a release, wherever its settings put them: served by nginx at STATIC_URL.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import contextlib
import json
import os
from urllib.parse import urlsplit

from .served import apart, settle, share
from .settings_values import paths_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any


def collect(settings: Any, wanted: bool, release: str, brotli: bool = False) -> list[str]:
    """Collect static files where that is wanted, and have nginx find them; what there is to say of it, in sentences.

    `public` in the release is what nginx looks into before it asks the application: a link for each place that static
    files have an address below. Those at the top of a host name of their own have it in `.hosts`. `brotli` has those
    that are compressed by brotli, under the names of what they are compressed of.
    """
    static = os.path.join(release, "static")
    said: list[str] = []
    path = path_of(settings.STATIC_URL)
    if "django.contrib.staticfiles" not in settings.INSTALLED_APPS:
        return said
    if not settings.STATIC_ROOT:
        # The settings that `startproject` makes name no place: then nobody but nginx reads them.
        settings.STATIC_ROOT = static
    if wanted:
        from django.core.management import call_command

        committed = names_in_manifest()
        with readable_by_nginx(os.path.realpath(os.fspath(settings.STATIC_ROOT)), release):
            call_command("collectstatic", interactive=False, verbosity=0)
        said = [
            *said_of_absent(settings, os.path.join(release, "codebase")),
            *said_of_unbuilt(settings, os.path.join(release, "codebase")),
            *said_of_lost(committed - names_in_manifest()),
        ]
    root = os.path.realpath(os.path.join(os.getcwd(), os.fspath(settings.STATIC_ROOT)))
    if root != static and os.path.isdir(root):
        if os.path.isdir(static) and not os.path.islink(static) and not os.listdir(static):
            os.rmdir(static)
        if not os.path.lexists(static):
            os.symlink(os.path.relpath(root, release) if root.startswith(f"{release}/") else root, static)
    if root.startswith(f"{release}/"):
        carry_over(release, root)
        said += settle(root, root_of_live(release), brotli)
        if brotli and path:
            apart(root, ".br", os.path.join(release, "brotli", *path))
    publish(release, path)
    return said


@contextlib.contextmanager
def readable_by_nginx(root: str, release: str) -> Generator[None, None, None]:
    """Let everybody read the folders that are made, but for those of a release: they are nginx's by their group."""
    before = os.umask(0o022)
    if root.startswith(f"{release}/"):
        os.umask(before)
    try:
        yield
    finally:
        os.umask(before)


def address_of(settings: Any) -> str:
    """Return STATIC_URL, "" where the project has no static files."""
    return str(settings.STATIC_URL or "") if "django.contrib.staticfiles" in settings.INSTALLED_APPS else ""


def root_of_live(release: str) -> str:
    """Return the folder of the live release's static files, "" where it has none of its own."""
    releases = os.path.dirname(release)
    root = os.path.realpath(os.path.join(os.path.dirname(releases), "live", "static"))
    return root if root.startswith(f"{os.path.realpath(releases)}/") and os.path.isdir(root) else ""


def names_in_manifest() -> set[str]:
    """Return the files that the project's storage has hashed names of, by its manifest."""
    from django.contrib.staticfiles.storage import staticfiles_storage

    return set(getattr(staticfiles_storage, "hashed_files", None) or ())


def said_of_lost(names: set[str]) -> list[str]:
    """Say that a manifest which was committed with built files has lost some, in a list of one sentence."""
    if not names:
        return []
    first = ", ".join(sorted(names)[:3])
    return [
        f"collectstatic has written the committed manifest of static files anew, without {len(names)} of its files "
        f"({first}{', ...' if len(names) > 3 else ''}): `collectstatic: false` in the stack file keeps it"
    ]


def said_of_absent(settings: Any, tree: str) -> list[str]:
    """Say which folders of STATICFILES_DIRS the tree does not have; a sentence each.

    Django passes them over, and a page that needs what a build would have made there answers 500, or has no style.
    """
    paths = [each[1] if isinstance(each, (list, tuple)) else each for each in settings.STATICFILES_DIRS]
    absent = [path for path in map(os.path.realpath, paths) if not os.path.lexists(path)]
    if not absent:
        return []
    from .absent_paths import help_with_absent, inside
    from .settings_sources import sources_of_release

    where, *_ = sources_of_release().place_of("STATICFILES_DIRS")
    places = {path: inside(path, tree) for path in absent}
    return [f"{where}: {help_with_absent(path, place, tree)}" for path, place in places.items() if place]


def said_of_unbuilt(settings: Any, tree: str) -> list[str]:
    """Say which lists of built files, as of Vite or webpack, the settings name and the tree does not have; a sentence
    each.

    The application reads them for the pages that need them, which the front page may not be one of.
    """
    paths = {
        os.path.realpath(path): name
        for name in dir(settings)
        # Django raises an error for one that is empty.
        if name.isupper() and name != "SECRET_KEY"
        for path in paths_in(getattr(settings, name, None), (".json",))
        if not os.path.lexists(path)
    }
    if not paths:
        return []
    from .absent_paths import by_node, inside, lines_of_build
    from .settings_sources import sources_of_release

    lines = lines_of_build(tree)
    return [
        f"{sources_of_release().place_of(name)[0]}: {name} names {place}, which the tree does not have. What a build "
        f"makes, each release is to have built: `build: [{lines}]`{by_node(lines, tree)} in the stack file"
        for path, name in paths.items()
        for place in [inside(path, tree)]
        if place and lines
    ]


def path_of(url: str) -> list[str]:
    """Return where `public` has what is below an address, as names of folders; none where it names no place."""
    parts = urlsplit(url or "")
    names = [name for name in parts.path.split("/") if name]
    if not names and parts.hostname:
        return [".hosts", parts.hostname]
    return [] if any(name in (".", "..") for name in names) else names


def publish(release: str, names: list[str]) -> None:
    """Make a link below `public` for the path of an address."""
    if not names:
        return
    folder = os.path.join(release, "public", *names[:-1])
    os.makedirs(folder, exist_ok=True)
    link = os.path.join(folder, names[-1])
    if not os.path.lexists(link):
        os.symlink(os.path.relpath(os.path.join(release, "static"), folder), link)


def carry_over(release: str, root: str) -> None:
    """Hashed files of the releases that are kept: pages that are open, and caches, ask for them after the switch."""
    releases = os.path.dirname(release)
    for number in os.listdir(releases):
        before = os.path.join(releases, number, "static")
        if os.path.join(releases, number) == release or not os.path.isfile(os.path.join(before, "staticfiles.json")):
            continue
        for name in hashed_names(os.path.join(before, "staticfiles.json")):
            for ending in ("", ".gz", ".br"):
                source, target = (os.path.join(folder, name + ending) for folder in (before, root))
                if os.path.isfile(source) and not os.path.lexists(target):
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    share(source, target)


def hashed_names(manifest: str) -> list[str]:
    """Return the names that ManifestStaticFilesStorage gave to files; none where its manifest is no good."""
    try:
        with open(manifest, encoding="utf-8") as file:
            paths = json.load(file)["paths"]
        return [name for name in paths.values() if not os.path.isabs(name) and ".." not in name.split("/")]
    except (OSError, ValueError, KeyError, AttributeError):
        return []
