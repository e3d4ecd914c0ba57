"""The commands of the stack: `build`, `first` and `release`."""

from __future__ import annotations

import os

from ..console.logs import size_of, text_from
from ..console.output import say
from ..errors import Refused
from ..host.files import own
from ..host.run import run
from ..release.project import project_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Union

    from ..config import Config
    from ..host.files import Json
    from ..release.job import Job
    from ..release.release import Release

    # A command as deploy.json has it.
    Written = Union[str, Json]


class Command:
    """A command: the line that /bin/sh runs, the folder it runs in, and where it is written."""

    __slots__ = ("line", "folder", "origin")

    def __init__(self, line: str, folder: str, origin: str) -> None:
        self.line, self.folder, self.origin = line, folder, origin


def commands_of(config: Config, release: Release, setting: str) -> list[Command]:
    """Return the commands of a setting. Raise Refused where one is to run in a folder that the tree lacks."""
    written: Sequence[Written] | None = getattr(config, setting)
    if setting == "release" and written is None:
        return commands_of_procfile(release)
    # A build is about the whole tree, and the others are about Django.
    usual = release.codebase if setting == "build" else release.project
    return [one_command(release, setting, each, usual) for each in written or []]


def commands_of_procfile(release: Release) -> list[Command]:
    """Return the release command of the Procfile at the tree's top, or of the one beside manage.py."""
    from ..tree.procfile import procfile

    for folder in (release.codebase, release.project):
        lines = procfile(folder)
        if lines:
            line = lines.get("release")
            # Its author meant the folder of the Procfile.
            return [Command(line, folder, "`release:` in the Procfile")] if line else []
    return []


def one_command(release: Release, setting: str, written: Written, usual: str) -> Command:
    """Return a command of a setting."""
    origin = f"`{setting}` in the stack file"
    if isinstance(written, str):
        return Command(written, usual, origin)
    line, folder = written["run"], usual
    if written.get("in"):
        folder = os.path.join(release.codebase, written["in"])
        if not os.path.isdir(folder):
            raise Refused(
                setting,
                f"`{line}` ({origin}) is to run in {written['in']}, and the pushed tree has no such folder",
                advice=f"Let `in` of that command name a folder of the tree, or leave it out. {has(release)}",
            )
    return Command(line, folder, origin)


def has(release: Release) -> str:
    """Return the folders of the tree's top in words."""
    entries = (entry for entry in os.scandir(release.codebase) if entry.is_dir() and not entry.name.startswith("."))
    names = sorted(entry.name for entry in entries)
    return f"The tree's top has {', '.join(names[:20])}." if names else "The tree's top has no folders."


def run_command(job: Job, setting: str, command: Command, environment: Mapping[str, str]) -> None:
    """Run a command of a setting to its end. Raise Refused where it fails."""
    say(f"    $ {command.line}")
    with open(job.log, "a", encoding="utf-8", opener=own) as log:
        log.write(f"$ {command.line}\n")
    # -e: a command that goes on after an error would hide it behind the status of its last part.
    words, limit = ["/bin/sh", "-e", "-c", command.line], getattr(job.config.limits, setting)
    try:
        run_shown(job, setting, words, limit, environment, command.folder)
    except Refused as refused:
        refused.reason = f"`{command.line}` ({command.origin}): {refused.reason}"
        raise
    check_record(job, setting)


def run_shown(
    job: Job, step: str, words: Sequence[str], limit: float, environment: Mapping[str, str], folder: str
) -> None:
    """Run a program of the application or of the stack to its end. Raise Refused where it fails."""
    begun = size_of(job.log)
    try:
        run(step, words, job.log, limit, environment, folder, shown=True)
    except Refused as refused:
        # Most run the project's own manage.py, which meets what the project would be told of at `django`.
        refused.advice = refused.advice or project_of(job).help_with(text_from(job.log, begun))
        raise


def check_record(job: Job, step: str) -> None:
    """Raise Refused where the programs of a step have spoilt the release's record."""
    # If one has called pip, the release may have a virtualenv of its own now.
    if job.release.reload().revision != job.revision:
        raise Refused(step, f"it has spoilt {job.release.path('release.json')}, which is the engine's")


def counted(commands: Sequence[object]) -> str:
    """Return how many commands there are, in words."""
    return f"{len(commands)} command{'' if len(commands) == 1 else 's'}"
