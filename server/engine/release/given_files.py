"""The files that the stack lays into a release's tree."""

from __future__ import annotations

import json
import os

from ..errors import Refused
from ..host.files import read_json, write_file
from .environments import values_for
from .references import filled_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Given
    from .release import Release

# As the rest of a tree, and what holds a secret.
OPEN, CLOSED = 0o640, 0o600


def files_for(release: Release, given: Given) -> dict[str, str]:
    """Return the files that a release is given, by their path in the tree, with values filled in."""
    texts = given.files()
    if not texts:
        return {}
    values = values_for(release, given)
    if not given.settings.get("references"):
        return texts
    return {place: filled_in(text, values.get) for place, text in texts.items()}


def laid_files(release: Release) -> dict[str, str]:
    """Return the files that were laid into a release, by their path in the tree."""
    return read_json(release.path("files.json"), {})


def lay_files(release: Release, given: Given) -> list[str]:
    """Lay into a release what it is given. Return those files that take the place of one of the tree.

    Raise Refused where one has no place there.
    """
    return lay(release, given, files_for(release, given))


def renew_files(release: Release, given: Given) -> None:
    """Make the files of an earlier release those of today, as far as they have a place in its tree.

    What is given no more goes, and what it had replaced comes back.
    """
    wanted = files_for(release, given)
    lay(release, given, {place: text for place, text in wanted.items() if has_place(release, place)})


def lay(release: Release, given: Given, wanted: dict[str, str]) -> list[str]:
    """Make these a release's files; see lay_files()."""
    laid = laid_files(release)
    if wanted == laid:
        return []
    # Who comes after a crash has to know what is not the tree's.
    keep_record(release, {**laid, **dict.fromkeys(wanted, "")})
    for place in laid.keys() - wanted.keys():
        if has_place(release, place):
            take_away(release, place)
    replaced: list[str] = []
    for place, text in wanted.items():
        path = place_of(release, place)
        if place not in laid and os.path.lexists(path):
            aside = aside_of(release, place)
            os.makedirs(os.path.dirname(aside), exist_ok=True)
            os.rename(path, aside)
            replaced.append(place)
        write_file(path, text, CLOSED if given.is_secret_file(place) else OPEN, durable=False)
        forget_bytecode(path)
    keep_record(release, wanted)
    return replaced


def keep_record(release: Release, files: dict[str, str]) -> None:
    """Write down what is laid into a release."""
    write_file(release.path("files.json"), json.dumps(files, indent=1) + "\n", 0o600, durable=False)


def take_away(release: Release, place: str) -> None:
    """Take a file that was laid in out of the tree, and put back the one that it had replaced."""
    path, aside = place_of(release, place), aside_of(release, place)
    if os.path.lexists(aside):
        os.rename(aside, path)
    elif os.path.lexists(path):
        os.unlink(path)
    forget_bytecode(path)


def aside_of(release: Release, place: str) -> str:
    """Return where a file of the tree is kept that another one replaces."""
    return release.path("replaced", place)


def place_of(release: Release, place: str) -> str:
    """Return the path of a file in the tree, in a folder that is there. Raise Refused where it can't be there."""
    folder = release.codebase
    *folders, name = place.split("/")
    for at, each in enumerate(folders, 1):
        folder = os.path.join(folder, each)
        here = "/".join(folders[:at])
        if os.path.islink(folder):
            raise no_place(place, f"{here} is a link in the pushed tree", "the folder that it leads to")
        if os.path.lexists(folder) and not os.path.isdir(folder):
            raise no_place(place, f"{here} is a file in the pushed tree", "another path")
        os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    if os.path.isdir(path) and not os.path.islink(path):
        raise no_place(place, f"{place} is a folder in the pushed tree", "a file in it")
    return path


def has_place(release: Release, place: str) -> bool:
    """Tell whether a file can be laid into the tree."""
    try:
        place_of(release, place)
    except Refused:
        return False
    return True


def no_place(place: str, why: str, instead: str) -> Refused:
    """Return the refusal for a file that can't be laid into the tree."""
    advice = f"Name {instead} in `files` of the stack file, in the place of {place}."
    return Refused("files", f"{place} can't be laid in: {why}", advice=advice)


def forget_bytecode(path: str) -> None:
    """Remove the bytecode of a module, which has its texts too."""
    folder, name = os.path.split(path)
    stem, ending = os.path.splitext(name)
    cache = os.path.join(folder, "__pycache__")
    if ending != ".py" or os.path.islink(cache) or not os.path.isdir(cache):
        return
    for each in os.listdir(cache):
        if each.startswith(f"{stem}."):
            os.unlink(os.path.join(cache, each))
