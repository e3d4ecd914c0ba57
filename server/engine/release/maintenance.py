"""Maintenance: while a file is there, nginx answers visitors with a page of its own (templates/nginx/maintenance.conf).

It stands beside the releases, so that no push, rollback, `up` or reboot ends it. nginx looks whether it is there and
reads nothing of it.
"""

from __future__ import annotations

import os

from ..console.logs import shortened
from ..host.files import read_json
from ..paths import WWW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..host.files import Json

FILE = os.path.join(WWW, "maintenance")
# Seconds for which nginx may go on as before (open_file_cache_valid, in whole seconds of its clock).
KEPT = 1.1


def maintenance() -> Json | None:
    """Return since when the site is closed and by whom, each "" where that is not known; None where it is open."""
    # As nginx's -f.
    if not os.path.isfile(FILE):
        return None
    about = read()
    return {name: str(about.get(name, "")) for name in ("since", "by")}


def read() -> Json:
    """Return what the file says; nothing where somebody has made it by hand."""
    try:
        about: Any = read_json(FILE, {})
    except (OSError, ValueError):
        return {}
    known: object = about
    return about if isinstance(known, dict) else {}


def told(closed: Json) -> str:
    """Return in words that the site is closed, since when and by whom."""
    known = [f"{word} {shortened(closed[name])}" for word, name in (("since", "since"), ("by", "by")) if closed[name]]
    return " ".join(["in maintenance", *known])
