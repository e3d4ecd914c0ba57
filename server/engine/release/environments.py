"""The application's environment in each release."""

from __future__ import annotations

import os

from ..config import Given, current_given, environment_text
from ..host.files import at_once, write_file
from ..paths import VAR
from .job import MARK, variables_in
from .references import all_filled_in
from .release import Release, State, live_release, releases

SETTINGS, CLASS = "DJANGO_SETTINGS_MODULE", "DJANGO_CONFIGURATION"
# Variables that differ between all releases. Two environments that differ in nothing else count as the same.
OWN = ("VAR_DIR", "STATIC_ROOT", "MEDIA_ROOT", "GREENPUSH_REVISION", "GREENPUSH_RELEASE_NUMBER", MARK)


def values_for(release: Release, given: Given) -> dict[str, str]:
    """Return a release's variables: what the stack gives, with values filled in, and what is the release's own."""
    own = {
        **given.chosen_secrets(),
        "VAR_DIR": VAR,
        "STATIC_ROOT": release.path("static"),
        "MEDIA_ROOT": os.path.join(VAR, "media"),
        "GREENPUSH_REVISION": release.revision,
        "GREENPUSH_RELEASE_NUMBER": str(release.number),
        MARK: release.path(),
    }
    if given.settings.get("references"):
        return all_filled_in(found_for(release, given), own)
    return {**found_for(release, given), **own}


def environment_for(release: Release, given: Given) -> str:
    """Return a release's variables as text."""
    return environment_text(values_for(release, given))


def found_for(release: Release, given: Given) -> dict[str, str]:
    """Return what the stack gives, with what was found in the release's tree."""
    variables = given.variables()
    if SETTINGS not in variables:
        # A release that was made while the stack named the settings has them in its environment only.
        settings = release.settings or variables_in(environment_of(release) or "").get(SETTINGS, "")
        variables.update({SETTINGS: settings} if settings else {})
    if release.settings_class:
        variables.setdefault(CLASS, release.settings_class)
    if release.python_path:
        folders = [os.path.normpath(os.path.join(release.codebase, folder)) for folder in release.python_path]
        variables["PYTHONPATH"] = ":".join([*folders, *filter(None, [variables.get("PYTHONPATH")])])
    return variables


def environment_differs(release: Release, given: Given) -> bool:
    """Tell whether a release runs with other variables than those that the stack gives it now."""
    if release.settings and not release.found_settings and SETTINGS not in given.variables():
        # The stack named them, and leaves them to the tree now.
        return True
    texts = environment_of(release) or "", environment_for(release, given)
    now, wanted = ([line for line in text.splitlines(True) if line.split("=", 1)[0] not in OWN] for text in texts)
    return now != wanted


def write_environment(release: Release, given: Given, durable: bool = True) -> None:
    """Write a release's variables to its file `env`."""
    write_file(release.path("env"), environment_for(release, given), 0o600, durable)


def environment_of(release: Release) -> str | None:
    """Return what a release has as its environment, None where it has none."""
    try:
        with open(release.path("env"), encoding="utf-8", opener=at_once) as file:
            return file.read()
    except FileNotFoundError:
        return None


def renew_environments() -> None:
    """Give earlier releases what is given today: a rollback changes the code only, and no replaced secret stays."""
    given, live = current_given(), live_release()
    # What the stack gives comes part by part: one that names secrets which are still to come is not whole.
    if not given.settings or given.missing_secrets():
        return
    for release in releases():
        if not release or release == live or release.state is not State.PREVIOUS:
            continue
        if environment_of(release) != environment_for(release, given):
            write_environment(release, given)
        if given.files() or os.path.exists(release.path("files.json")):
            # Most sites have none, and a push waits for each module.
            from .given_files import renew_files

            renew_files(release, given)
