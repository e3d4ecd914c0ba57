"""What the words of another program mean: tables of (pattern, why it failed, what helps)."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    # (pattern, why it failed, what helps)
    Cause = tuple[str, str, str]


def cause_of(table: Iterable[Cause], text: str) -> tuple[str, str] | None:
    """Return why, and what helps, of the first row whose pattern is in a text; None where none is.

    `{}` in both stands for what the pattern's group has found.
    """
    for pattern, why, helps in table:
        found = re.search(pattern, text)
        if found:
            part = next((group for group in found.groups() if group), "")
            return why.replace("{}", part), helps.replace("{}", part)
    return None
