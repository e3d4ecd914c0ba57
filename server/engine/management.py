"""The engine's Django commands, run by a release's own Python."""

import json
import os
from functools import partial

from .files import remove_tree
from .logs import cause_in, shortened, size_of, text_from, traceback_in
from .paths import ENGINE
from .processors import with_what_is_left
from .programs import run
from .pushed import read_pushed
from .refused import Refused
from .releases import release_path


def run_django(deploy, *words, inherits=()):
    """Run one of the engine's Django commands with a release's own Python; what it answers."""
    answer = release_path(deploy.number, "django.json")
    command = [release_path(deploy.number, "bin", "python"), os.path.join(ENGINE, "in_django.py"), answer, *words]
    checks = words[0] == "check"
    # Only checks: visitors wait for what a migration has locked.
    ask = partial(with_what_is_left, run) if checks else run
    logged = size_of(deploy.log)
    remove_tree(answer)
    try:
        ask(
            "django" if checks else "migrate",
            command,
            deploy.log,
            deploy.config["limits"]["django"],
            deploy.environment,
            release_path(deploy.number, "codebase"),
            inherits=inherits,
        )
    except Refused as refused:
        text = text_from(deploy.log, logged)
        refused.lines = cause_in(text)
        frames, message = traceback_in(text) or ([], [])
        if message:
            refused.reason, refused.lines = shortened(message[0]), [*frames, *message[1:]]
        raise
    return answered(answer) if words[0] in ("check", "undo") else {}


def answered(path):
    """What a command has answered. Raises Refused where it has not, for the application ended it."""
    try:
        return json.loads(read_pushed("django", path))
    except (FileNotFoundError, ValueError):
        raise Refused(
            "django",
            "it ended before it was done, and said nothing of it",
            advice="Look for what ends the program as it is loaded, as sys.exit() in the settings.",
        ) from None
