"""The commands of `first`, which run once in a site's life."""

from __future__ import annotations

import os

from ..console.output import Step
from ..host.files import read_json, remove_tree, write_json
from ..paths import VAR
from .commands import commands_of, counted, run_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.files import Json
    from ..release.job import Job
    from ..release.release import Release

# Which of them have ended well, whether all have, the release that they ran in, and whether that made all tables.
FIRST = os.path.join(VAR, "first.json")


def read_first() -> Json:
    """Return the record, an empty one where there is none."""
    try:
        return read_json(FIRST, {})
    except ValueError:
        return {}


def run_first(job: Job, again: bool) -> None:
    """Run the commands of `first` that have not ended well before; `again`: all of them. Raise Refused if one fails."""
    known = {} if again else read_first()
    commands = [] if known.get("complete") else commands_of(job.config, job.release, "first")
    if not commands:
        return
    done: list[str] = known.get("done", [])
    about = {"release": job.release.number, "anew": brings_all(job.release)}
    with Step(job, "first") as step:
        for command in commands:
            if command.line not in done:
                run_command(job, "first", command, job.environment)
                # What it did is there even if a later one fails, and twice it may not work.
                done = [*done, command.line]
                write_json(FIRST, {**about, "done": done, "complete": False})
        write_json(FIRST, {**about, "done": done, "complete": True})
        step.note = f"{counted(commands)}, once in the site's life"


def brings_all(release: Release) -> bool:
    """Tell whether a release has applied all migrations of its project: before it, a database had no tables."""
    return any(set(release.migrations) == set(names) for names in release.pending.values())


def forget_first(release: Release, left: list[str]) -> list[str]:
    """Forget that the commands have run, where what they did went with the tables of a release that was refused.

    `left` are sentences about what could not be undone. Return such a sentence where the commands count as done.
    """
    known = read_first()
    if known.get("release") != release.number or not known.get("anew"):
        return []
    if not left:
        remove_tree(FIRST)
        return []
    return [
        "The commands of `first` count as done. `www/deploy redeploy --first` runs them again with the next release."
    ]
