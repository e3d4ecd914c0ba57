"""What the application's environment is in each release."""

import os

from ..config import current_config, environment_of, environment_text
from ..host.files import write_file
from ..paths import VAR
from .programs import MARK
from .releases import live_number, read_release, release_numbers, release_path

# Variables that each release has of its own; two that differ in nothing else are the same to whoever configures.
OWN = ("VAR_DIR", "STATIC_ROOT", "MEDIA_ROOT", "GREENPUSH_REVISION", "GREENPUSH_RELEASE_NUMBER", MARK)


def environment_file(number):
    return release_path(number, "env")


def environment_for(number, site):
    """A release's variables as text: what the stack gives, and what is the release's own."""
    return environment_text(
        {
            **environment_of(site),
            "VAR_DIR": VAR,
            "STATIC_ROOT": release_path(number, "static"),
            "MEDIA_ROOT": os.path.join(VAR, "media"),
            "GREENPUSH_REVISION": read_release(number)["revision"],
            "GREENPUSH_RELEASE_NUMBER": str(number),
            MARK: release_path(number),
        }
    )


def write_environment(number, site, durable=True):
    write_file(environment_file(number), environment_for(number, site), 0o600, durable)


def environment_of_release(number):
    """What a release has as its environment, None where it has none."""
    try:
        with open(environment_file(number), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def renew_environments():
    """Give earlier releases today's environment: a rollback is one of code, and a secret that was replaced is gone."""
    site, live = current_config(), live_number()
    settings = site["settings"]
    # What the stack gives comes part by part: one that names secrets which are still to come is not whole.
    if not settings or set(settings.get("secrets", [])) - set(site["secrets"]):
        return
    for number in release_numbers():
        if number in (0, live) or read_release(number).get("state") != "previous":
            continue
        if environment_of_release(number) != environment_for(number, site):
            write_environment(number, site)
