"""The Django project of a release, asked by the release's own Python."""

from __future__ import annotations

import json
import os
import re

from ..console.logs import cause_in, shortened, size_of, text_from, traceback_in
from ..errors import Refused
from ..host.files import remove_tree, write_file
from ..host.priority import at_idle_priority
from ..host.pushed_file import read_pushed
from ..host.run import run
from ..paths import ENGINE
from .job import release_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ..config import Config
    from .job import Job
    from .release import Release

# Commands that only read. Visitors wait for what the others lock.
LOOKING = {"plan", "check", "uses", "ask", "forget", "setting", "explain"}
# The step of a deploy that a command belongs to.
STEPS = {"migrate": "migrate", "undo": "migrate", "copy": "copy", "restore": "restore"}
# What databases say of a table or a column that they don't have.
BEHIND = re.compile(r"no such (?:table|column)|relation \S+ does not exist|column \S+ does not exist|UndefinedColumn")
MIGRATE_BEFORE = (
    "Where a migration of this push makes it: `migrate: before` in the stack file applies migrations before the "
    "application is loaded."
)


class Project:
    """A release's Django project. guest/run_django.py runs its commands, and their output goes to a log."""

    __slots__ = ("config", "release", "log", "environment")

    def __init__(self, config: Config, release: Release, log: str, environment: Mapping[str, str]) -> None:
        self.config, self.release, self.log, self.environment = config, release, log, environment

    def ask(self, verb: str, *words: str, inherits: Sequence[int] = ()) -> Any:
        """Run a command; return what it answers. Raise Refused where it fails."""
        release = self.release
        answer = release.path("django.json")
        program = [release.path("bin", "python"), os.path.join(ENGINE, "guest", "run_django.py"), answer, verb, *words]
        looks = verb in LOOKING
        limit = self.config.limits.django if looks else self.config.limits.migrate
        logged = size_of(self.log)
        remove_tree(answer)
        arguments = STEPS.get(verb, "django"), program, self.log, limit, self.environment, release.project
        try:
            if looks:
                at_idle_priority(run, *arguments, inherits=inherits)
            else:
                run(*arguments, inherits=inherits)
        except Refused as refused:
            explain(refused, text_from(self.log, logged))
            if BEHIND.search(text_from(self.log, logged)) and verb != "ask":
                refused.advice = f"{refused.advice} {MIGRATE_BEFORE}".strip()
            refused.advice = f"{refused.advice} {help_in(answer, self.config.refuses)}".strip()
            raise
        return None if verb == "ask" else answered(answer)

    def help_with(self, text: str) -> str:
        """Return what the settings tell of the error in another program's output, "" where there is none."""
        _, message = traceback_in(text) or ([], [])
        if not message:
            return ""
        # It may hold a secret, which an argument would show to every account of the server.
        file = self.release.path("tmp", "error.txt")
        write_file(file, "\n".join(map(shortened, message)), durable=False)
        try:
            return self.ask("explain", file)["help"]
        except Refused as refused:
            # They can't be loaded, which is what the program has met.
            return refused.advice


def project_of(job: Job) -> Project:
    """Return the project of the release that a job is about."""
    return Project(job.config, job.release, job.log, job.environment)


def project_at_rest(config: Config, release: Release) -> Project:
    """Return the project of a release outside of a deploy."""
    return Project(config, release, release.deploy_log, release_environment(release))


def explain(refused: Refused, text: str) -> None:
    """Add to a command's refusal the cause that its output tells."""
    refused.lines = cause_in(text)
    frames, message = traceback_in(text) or ([], [])
    if message and message[0].startswith("django.core.management.base."):
        # What Django's commands say stands for itself: SystemCheckError, CommandError.
        frames, message = [], [message[0].rpartition("Error: ")[2], *message[1:]]
    if message:
        refused.reason, refused.lines = shortened(message[0]), [*frames, *message[1:]]


def help_in(path: str, refuses: Sequence[str]) -> str:
    """Return what a command that failed says of the settings, "" where it says nothing.

    Of what the stack refuses (`refuses`) too, so that not one more push is needed to be told that.
    """
    try:
        said: Any = json.loads(read_pushed("django", path))
    except (OSError, ValueError):
        return ""
    try:
        helps = shortened(str(said["help"]), 1000)
        next_ones = [
            f"{each['what']} ({each['where']}), write {' '.join(each['write'].split())}"
            for each in said["unsafe"]
            if each["kind"] in refuses and each["where"] not in helps
        ]
    except (KeyError, TypeError, AttributeError):
        return ""
    besides = f"What would be refused next: {'; '.join(next_ones)}." if next_ones else ""
    return f"{helps} {shortened(besides, 1000)}".strip()


def answered(path: str) -> Any:
    """Return a command's answer. Raise Refused if there is none, because the application ended the process."""
    try:
        return json.loads(read_pushed("django", path))
    except (FileNotFoundError, ValueError):
        raise Refused(
            "django",
            "it ended before it was done, and said nothing of it",
            advice="Look for what ends the program as it is loaded, as sys.exit() in the settings.",
        ) from None
