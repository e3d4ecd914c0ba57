"""Why a release can't go live, in words for the person who pushes."""

import errno


class Refused(Exception):
    """A release that can't go live: the step, why, the last lines of its log, what to do, what is left of it."""

    def __init__(self, step, reason, lines=(), advice=""):
        super().__init__(reason)
        self.step, self.reason, self.lines, self.advice, self.left = step, reason, list(lines), advice, []


def refusal_of(error, step):
    """What a person reads of an error of the system under a step, None where it is no such error."""
    if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
        return None
    advice = {
        errno.ENOSPC: "Make room on the server: `df -h` tells where.",
        errno.EDQUOT: "Make room on the server: the account's quota is used up.",
        errno.ENOMEM: "Stop something on the server, or give it more memory.",
    }.get(error.errno, "")
    about = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror or error)
    return Refused(step or "deploy", about, advice=advice)
