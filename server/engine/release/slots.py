"""The two slots that releases are started in by turns: blue and green."""

from __future__ import annotations

import os

from ..host.files import relink
from ..paths import SLOTS
from .release import Release, live_release, named_by


class Slot:
    """A slot: a link to the release in it, which the process manager starts."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def path(self) -> str:
        """Return the path of its link."""
        return os.path.join(SLOTS, self.name)

    @property
    def release(self) -> Release | None:
        """Return the release in it, None where it is empty."""
        return named_by(self.path)

    def take(self, release: Release) -> None:
        """Put a release in it."""
        relink(self.path, os.path.join("..", "releases", str(release.number)))

    def clear(self) -> None:
        """Take out what is in it."""
        if os.path.lexists(self.path):
            os.unlink(self.path)


BLUE, GREEN = Slot("blue"), Slot("green")
BLUE_GREEN = (BLUE, GREEN)


def slot_of(release: Release) -> Slot | None:
    """Return the slot that a release is in, None where it is in none."""
    return next((slot for slot in BLUE_GREEN if release and slot.release == release), None)


def idle_slot() -> Slot:
    """Return the slot that the live release is not in."""
    return GREEN if slot_of(live_release()) is BLUE else BLUE
