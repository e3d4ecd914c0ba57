"""`${NAME}` in what the stack gives: the value of another variable. The program has checked which names there are."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# `$${` stands for `${`.
REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def filled_in(text: str, value_of: Callable[[str], str | None]) -> str:
    """Return a text with the values of the variables that it names; a name without a value stays as it is."""

    def value(found: re.Match[str]) -> str:
        if found.group() == "$${":
            return "${"
        known = value_of(found.group(1))
        return found.group() if known is None else known

    return REFERENCE.sub(value, text)


def all_filled_in(texts: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return variables with what they name of each other and of `values`, which are taken as they are and win."""
    found = dict(values)
    under_way = set[str]()

    def value_of(name: str) -> str | None:
        if name not in found:
            if name not in texts or name in under_way:
                return None
            under_way.add(name)
            found[name] = filled_in(texts[name], value_of)
        return found[name]

    for name in texts:
        value_of(name)
    return found
