"""The Procfile of a tree."""

from __future__ import annotations

import os
import re

from ..host.pushed_file import read_pushed

LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*?)\s*")


def procfile(tree: str) -> dict[str, str]:
    """Return the commands of the Procfile at a tree's top, by the names of their processes."""
    try:
        text = read_pushed("export", os.path.join(tree, "Procfile")).decode(errors="replace")
    except FileNotFoundError:
        return {}
    return {found[1]: found[2] for found in map(LINE.fullmatch, text.splitlines()) if found}
