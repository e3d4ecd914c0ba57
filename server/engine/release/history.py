"""The history of deploys: a line of JSON for each, in var/log/deploys.jsonl."""

from __future__ import annotations

import json
import os
import time

from ..console.logs import tail
from ..console.output import say
from ..host.files import own, write_file
from ..paths import LOG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..host.files import Json
    from .job import Job

HISTORY = os.path.join(LOG, "deploys.jsonl")
# At this many bytes it is cut to its last lines.
SIZE, LINES_KEPT = 2_000_000, 1000


def last_number() -> int:
    """Return the highest number ever given: a refused release's number is not used again."""
    return max([entry.get("release") or 0 for entry in read_history(50)] or [0])


def append_history(entry: dict[str, Any]) -> None:
    """Add a line. A full disk must not keep a deploy from being undone."""
    entry = {"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), **entry}
    line = json.dumps(entry, sort_keys=True) + "\n"
    try:
        with open(HISTORY, "a", encoding="utf-8", opener=own) as file:
            file.write(line)
            size = file.tell()
        if size > SIZE:
            write_file(HISTORY, "".join(f"{kept}\n" for kept in tail(HISTORY, LINES_KEPT)))
    except OSError as error:
        say(f"This deploy could not be put on record: {error.strerror}.")


def read_history(count: int) -> list[Json]:
    """Return the last entries, the oldest first; a line that a crash tore is left out."""
    entries: list[Json] = []
    for line in tail(HISTORY, count):
        try:
            read: Any = json.loads(line)
        except ValueError:
            continue
        entry: object = read
        if isinstance(entry, dict) and "at" in entry:
            entries.append(read)
    return entries


def append_job(job: Job, ended: str, reason: str = "", left: Iterable[str] = ()) -> None:
    """Add how a job ended, and sentences about what could not be undone."""
    append_history(
        {
            **({"left": list(left)} if left else {}),
            "release": job.release.number,
            "kind": job.kind,
            "revision": job.revision,
            "by": job.by,
            "steps": job.steps,
            "seconds": round(time.monotonic() - job.begun, 3),
            "ended": ended,
            "reason": reason,
        }
    )


# The person, by their key: `deploy shell` sets it.
PERSON = "GREENPUSH_PERSON"


def who() -> str:
    """Return who calls: the person, or the account if the key names none, and the address of an SSH connection."""
    account = os.environ.get(PERSON) or os.environ.get("SUDO_USER") or os.environ.get("USER") or str(os.getuid())
    address = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return f"{account} from {address}" if address else account
