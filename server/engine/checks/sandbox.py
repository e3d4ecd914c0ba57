"""What a worker has seen in gunicorn's sandbox, into which the engine can't look: see guest/greenpush_sandbox.py."""

from __future__ import annotations

import os
import re

from ..errors import Refused
from ..host.files import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..release.release import Release


# The names that Python's tempfile gives.
PASSING = re.compile(r"(?:^|/)tmp[a-z0-9_]{8}")


def check_databases(release: Release) -> None:
    """Raise Refused where the application can't write to a SQLite database of its settings."""
    closed: list[str] = seen(release, "closed", [])
    databases: dict[str, str] = read_json(release.path("databases.json"), {})
    for path, told in databases.items():
        if path in closed:
            folder = os.path.dirname(path)
            raise Refused(
                "boot",
                f"the application can't write to its database {path}, which gunicorn's sandbox keeps closed",
                advice=f"{told} Or open its folder: `gunicorn: {{ unit: [ReadWritePaths={folder}] }}`.",
            )


def files_of_tmp(release: Release) -> dict[str, bool]:
    """Return the files of the site's own /tmp when the workers of a release started: {path in it: whether it is a
    database}. None where the site has no /tmp of its own. Left out are those that no program looks for again.
    """
    found: dict[str, bool] = seen(release, "tmp", {})
    return {name: database for name, database in found.items() if not PASSING.search(name)}


def seen(release: Release, name: str, default: Any) -> Any:
    """Return what a worker has seen; `default` where none has told it, as one of an earlier version of the engine, or
    where the application has written something else there.
    """
    try:
        found = read_json(release.path("var", "sandbox.json"), {}).get(name)
    except (OSError, ValueError, AttributeError):
        return default
    return found if isinstance(found, type(default)) else default
