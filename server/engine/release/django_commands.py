"""The engine's Django commands, run by a release's own Python."""

import json
import os
import re
from functools import partial

from ..console.logs import cause_in, shortened, size_of, text_from, traceback_in
from ..errors import Refused
from ..host.files import remove_tree
from ..host.priority import at_idle_priority
from ..paths import ENGINE
from ..host.pushed_file import read_pushed
from .programs import run
from .releases import release_path

# Commands that only look: visitors wait for what the others have locked.
LOOKING = {"plan", "check", "uses", "ask", "forget"}
# The step of a deploy that a command belongs to.
STEPS = {"migrate": "migrate", "undo": "migrate", "copy": "copy", "restore": "restore"}


def run_django(deploy, verb, *words, inherits=()):
    """Run one of the engine's Django commands (guest/run_django.py) with a release's own Python; what it answers.

    `deploy`: its number, log, environment and config count. Raises Refused where the command fails.
    """
    answer = release_path(deploy.number, "django.json")
    program = [release_path(deploy.number, "bin", "python"), os.path.join(ENGINE, "guest", "run_django.py")]
    looks = verb in LOOKING
    logged = size_of(deploy.log)
    remove_tree(answer)
    try:
        (partial(at_idle_priority, run) if looks else run)(
            STEPS.get(verb, "django"),
            [*program, answer, verb, *words],
            deploy.log,
            deploy.config["limits"]["django" if looks else "migrate"],
            deploy.environment,
            release_path(deploy.number, "codebase"),
            inherits=inherits,
        )
    except Refused as refused:
        text = text_from(deploy.log, logged)
        refused.lines = cause_in(text)
        frames, message = traceback_in(text) or ([], [])
        if message and message[0].startswith("django.core.management.base."):
            # What Django's commands say stands for itself: SystemCheckError, CommandError.
            frames, message = [], [message[0].rpartition("Error: ")[2], *message[1:]]
        if message:
            refused.reason, refused.lines = shortened(message[0]), [*frames, *message[1:]]
        if BEHIND.search(text):
            refused.advice = f"{refused.advice} {MIGRATE_BEFORE}".strip()
        raise
    return None if verb == "ask" else answered(answer)


# What databases answer to whom asks for a table or a column that they don't have.
BEHIND = re.compile(r"no such (?:table|column)|relation \S+ does not exist|column \S+ does not exist|UndefinedColumn")
MIGRATE_BEFORE = (
    "Where a migration of this push makes it: `migrate: before` in the stack file applies migrations before the "
    "application is loaded."
)


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
