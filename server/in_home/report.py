"""Report on a home: words for what was found, and the errors that end the work."""

from __future__ import annotations

import grp
import os
import pwd
import stat
import sys

# The most bytes of a file that are read.
LARGEST = 1_000_000


# Characters that a terminal acts on or does not show, each replaced by a space. Not a pattern: a preview loads this for
# four steps of each site, and loading re takes milliseconds.
CONTROL = dict.fromkeys(
    [
        *range(0x20),
        *range(0x7F, 0xA0),
        0x061C,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
    ],
    " ",
)


class Failure(Exception):
    """Why the work can't go on: what is wrong, and what to do next."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what)
        self.what, self.next_step = what, next_step


class NotAFolder(Exception):
    """A link, or something else, is where a folder has to be."""


def tell(kind: str, *words: str) -> None:
    line = "\t".join(shortened(word.translate(CONTROL), 2000) for word in words)
    sys.stdout.buffer.write(f"{kind}\t{line}\n".encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def has_control(text: str) -> bool:
    # A space is no such character, so one in its place is a difference.
    return text.translate(CONTROL) != text


def shortened(text: str, length: int = 160) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


def kind_of(about: os.stat_result) -> str:
    """Return the kind of an object in words."""
    if stat.S_ISLNK(about.st_mode):
        return "a link"
    if stat.S_ISDIR(about.st_mode):
        return "a directory"
    return "a file" if stat.S_ISREG(about.st_mode) else "neither a file nor a directory"


def owner_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def first_difference(found: bytes | None, wanted: bytes) -> str:
    """Return, in words, the first line that is not as wanted."""
    if found is None:
        return f"has more than {LARGEST} bytes"
    is_now, was = (text.decode("utf-8", "replace").split("\n") for text in (found, wanted))
    at = next((at for at, (one, other) in enumerate(zip(is_now, was)) if one != other), min(len(is_now), len(was)))

    def said(line: str) -> str:
        return f'"{shortened(line)}"'

    if at >= len(was) or is_now[at + 1 : at + 2] == was[at : at + 1] != [""]:
        return f"line {at + 1} {said(is_now[at])} was added"
    if at >= len(is_now) or is_now[at : at + 1] == was[at + 1 : at + 2]:
        return f"line {at + 1} {said(was[at])} is missing"
    return f"line {at + 1} is {said(is_now[at])}, wanted {said(was[at])}"
