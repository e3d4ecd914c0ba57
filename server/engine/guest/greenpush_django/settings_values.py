"""Paths in the values of settings.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# How deep values are looked into.
DEPTH = 4


def paths_in(value: Any, endings: tuple[str, ...], depth: int = DEPTH) -> Iterator[str]:
    """Find the whole paths in a setting that have one of these endings."""
    if isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        if isinstance(path, str) and os.path.isabs(path) and path.endswith(endings):
            yield path
    elif depth:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        for each in inner:
            yield from paths_in(each, endings, depth - 1)
