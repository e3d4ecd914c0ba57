"""Advice for common errors of applications."""

from __future__ import annotations

from ..errors import Refused
from .causes import cause_of

BUILT = (
    "collectstatic writes the manifest anew, from what the project's finders see. Where built files are committed with "
    "theirs (staticfiles.json in STATIC_ROOT), keep it: `collectstatic: false` in the stack file. Else put the file "
    "where a finder looks: STATICFILES_DIRS, or an application's static folder."
)
NOT_INSTALLED = (
    "Where a package brings it, have that installed: `extraRequirements: [PACKAGE]` of the site in the stack file, "
    "`groups` or `extras` of its lock file, or another file (`requirements`). For the project's own, look at `root`."
)
TOO_OLD = (
    "The versions that are locked are too old for it: lock newer ones, or set `python` in the stack file to "
    "one that they know."
)
# Modules that Python had, and what it has moved: of 3.10, 3.12 and 3.13.
GONE = r"No module named '(distutils|imp|asynchat|asyncore|smtpd|cgi|crypt|pipes|telnetlib)\b"
MOVED = r"cannot import name '(\w+)' from 'collections'|module 'collections' has no attribute '(\w+)'"
KNOWN = (
    (GONE, "This Python has no {} any more.", TOO_OLD),
    (MOVED, "This Python has moved {} of collections.", TOO_OLD),
    (
        r"No module named '([^']+)'",
        "Nothing that is installed, and no folder of the project, has the module {}.",
        NOT_INSTALLED,
    ),
    (r"Missing staticfiles manifest entry for '([^']+)'", "The manifest of static files has no {}.", BUILT),
    (r"The file '([^']+)' could not be found with <", "Static files name {}, and no finder sees it.", BUILT),
)


def with_help(error: BaseException) -> BaseException:
    """Return a refusal with advice if its text matches a known error, otherwise unchanged."""
    if isinstance(error, Refused):
        found = cause_of(KNOWN, "\n".join([error.reason, *error.lines]))
        if found:
            error.advice = " ".join([*found, error.advice]).strip()
    return error
