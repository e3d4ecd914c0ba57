"""The releases on disk, and what is known of each."""

import os

from ..host.files import read_json, write_json
from ..paths import LIVE, RELEASES, SLOTS

BLUE_GREEN = ("blue", "green")


def release_path(number, *names):
    return os.path.join(RELEASES, str(number), *names)


def release_numbers():
    """All the releases on disk, oldest first; 0, the empty one, stands in before the first."""
    return sorted(int(name) for name in os.listdir(RELEASES) if name.isdigit())


def read_release(number):
    """What is known of a release; nothing where a power failure met it in the making."""
    try:
        return read_json(release_path(number, "release.json"), {})
    except ValueError:
        return {}


def write_release(number, durable=True, **changes):
    write_json(release_path(number, "release.json"), {**read_release(number), **changes}, durable)


def number_of(link):
    """The release a link names, None where there is no such link."""
    try:
        return int(os.path.basename(os.readlink(link)))
    except (OSError, ValueError):
        return None


def live_number():
    return number_of(LIVE) or 0


def expected_live():
    """The release that `live` has to name where somebody moved or removed that link, None where it is right.

    A switch, also one that was cut off, leads to a release that is prepared, or that a rollback has marked.
    """
    live = live_number()
    about = read_release(live) if live else {}
    if about.get("state", "previous") != "previous" or about.get("moves_branch"):
        return None
    return next((number for number in reversed(release_numbers()) if number != live and is_live(number)), None)


def is_live(number):
    return read_release(number).get("state") == "live"


def slot_of(number):
    for slot in BLUE_GREEN:
        if number and number_of(os.path.join(SLOTS, slot)) == number:
            return slot
    return None


def idle_slot():
    live = slot_of(live_number())
    return "green" if live == "blue" else "blue"


def has_program(number):
    return os.path.exists(release_path(number, "bin", "gunicorn"))
