"""Advice for common errors of applications."""

from __future__ import annotations

from ..errors import Refused
from .causes import cause_of

BUILT = (
    "collectstatic writes the manifest anew, from what the project's finders see. Where built files are committed with "
    "theirs (staticfiles.json in STATIC_ROOT), keep it: `collectstatic: false` in the stack file. Else put the file "
    "where a finder looks: STATICFILES_DIRS, or an application's static folder."
)
KNOWN = (
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
