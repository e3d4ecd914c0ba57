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


def have_packages(names: Iterable[str], instead: str = "") -> str:
    """Return the advice to install packages of Debian. `instead`: what else would do, with what parts it."""
    return (
        f"In the stack file, let the server have `packages: [{', '.join(names)}]`, run `npx pulumi up`, and push "
        f"again{instead}."
    )


def search_package(name: str) -> str:
    """Return the advice to look for the package of Debian that has a file, a library or a program."""
    return (
        f"Find the package of Debian with {name} (`apt-file search {name}`), add it to the server's `packages` "
        "in the stack file, run `npx pulumi up`, and push again."
    )
