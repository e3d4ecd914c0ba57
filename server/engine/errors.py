"""Why a release can't go live, in words for the person who pushes."""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Refused(Exception):
    """A release that can't go live: the step, the reason, lines of the log, advice, and what is left of the release."""

    def __init__(self, step: str, reason: str, lines: Iterable[str] = (), advice: str = "") -> None:
        super().__init__(reason)
        self.step, self.reason, self.lines, self.advice = step, reason, list(lines), advice
        self.left: list[str] = []


class Unforeseen(Exception):
    """An unexpected error in the middle of a deploy: the deploy's log, and what is left of the release."""

    def __init__(self, log: str, left: list[str]) -> None:
        super().__init__()
        self.log, self.left = log, left


def refusal_of(error: BaseException, step: str) -> Refused | None:
    """Return an OSError of a step as a refusal, None if the error is of another kind."""
    if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
        return None
    advice = {
        errno.ENOSPC: "Make room on the server: `df -h` tells where.",
        errno.EDQUOT: "Make room on the server: the account's quota is used up.",
        errno.ENOMEM: "Stop something on the server, or give it more memory.",
    }.get(error.errno or 0, "")
    about = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror or error)
    return Refused(step or "deploy", about, advice=advice)
