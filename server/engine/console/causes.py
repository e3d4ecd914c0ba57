"""Causes of failures, found in another program's output: tables of (pattern, reason, advice)."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    # (pattern, reason, advice)
    Cause = tuple[str, str, str]


def cause_of(table: Iterable[Cause], text: str) -> tuple[str, str] | None:
    """Return reason and advice of the first row whose pattern is in a text, None if none is.

    `{}` in both stands for what the pattern's group has found.
    """
    for pattern, why, helps in table:
        found = re.search(pattern, text)
        if found:
            part = next((group for group in found.groups() if group), "")
            return why.replace("{}", part), helps.replace("{}", part)
    return None
