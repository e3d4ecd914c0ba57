"""Files of a release's tree, which may be absent or hold anything.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations


def text_of(path: str) -> str:
    """Return what a file says, "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
