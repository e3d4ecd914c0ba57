"""Versions of Python as they are asked for: of a minor version such as 3.13, whichever patch it has."""

from __future__ import annotations

import re

# A clause of a version specifier, as in >=3.12. Source: the version specifiers specification of packaging.python.org.
CLAUSE = re.compile(r"(===|==|!=|~=|>=|<=|>|<|\^|~)?\s*(\d+(?:\.\d+)*)")


def minor_of(version: str) -> int | None:
    """Return the minor version in 3.13, 3.13.2 or python-3.13; None where there is none."""
    found = re.match(r"(?:c?python-?)?3\.(\d+)", version.strip().lower())
    return int(found.group(1)) if found else None


def allows(specifier: str, minor: int) -> bool:
    """Tell whether a specifier such as `>=3.12,<4`, or `^3.12` of Poetry, allows some patch of 3.MINOR."""
    return all(clause_allows(found.group(1), found.group(2), minor) for found in CLAUSE.finditer(specifier))


def clause_allows(compares: str | None, number: str, minor: int) -> bool:
    """Tell the same of one clause, as `>=` and `3.12`."""
    numbers = [int(part) for part in number.split(".")]
    here, there = (3, minor), tuple([*numbers, 0][:2])
    patch = len(numbers) > 2 and numbers[2] > 0
    # ~=3.12 and ^3.12 end before 4; ~=3.12.1 and ~3.12 before 3.13.
    if compares in ("^", "~=", "~"):
        narrow = len(numbers) > 2 if compares == "~=" else compares == "~" and len(numbers) > 1
        return here == there if narrow else here[0] == there[0] and here >= there
    if len(numbers) == 1:
        # >=3, ==3.*, <4
        here, there = (3,), (numbers[0],)
    return {
        None: here == there,
        "==": here == there,
        "===": here == there,
        # Another patch of it is allowed.
        "!=": here != there or len(numbers) > 2,
        ">=": here >= there,
        ">": here > there or (patch and here == there),
        "<=": here <= there,
        "<": here < there or (patch and here == there),
    }[compares]
