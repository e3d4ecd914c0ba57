"""Copies of databases: made before a migration that can't be undone, put back by `deploy restore`."""

from __future__ import annotations

import os
from urllib.parse import quote, unquote

from ..host.files import remove_tree
from ..paths import COPIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..release.release import Release


def copy_name(release: Release, alias: str, at: str = "") -> str:
    """Return the name of a copy: NUMBER-ALIAS, of the release that made it; with a time where a person had it made."""
    return f"{release.number}-{quote(alias, safe='')}{f'@{at}' if at else ''}"


def alias_of(name: str) -> str:
    """Return the alias of the database that a copy is of."""
    return unquote(name.partition("-")[2].partition("@")[0])


def copies() -> list[str]:
    """Return the names of all copies, the oldest first."""
    try:
        found = [name for name in os.listdir(COPIES) if name.partition("-")[0].isdigit() and not name.endswith(".new")]
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda name: os.path.getmtime(os.path.join(COPIES, name)))


def prune_copies(keep: int) -> None:
    """Remove what a copy that was cut off has left, and all copies but the last."""
    kept = copies()[-keep:]
    for name in os.listdir(COPIES) if os.path.isdir(COPIES) else ():
        if name not in kept:
            remove_tree(os.path.join(COPIES, name))
