"""The record of deploys: a line of JSON for each."""

import json
import os
import time

from ..console.logs import tail
from ..console.output import say
from ..host.files import own, write_file
from ..paths import LOG

RECORD = os.path.join(LOG, "deploys.jsonl")
# The record is cut back to its last lines when it has grown to this many bytes.
RECORD_SIZE, RECORD_KEPT = 2_000_000, 1000


def last_number():
    """The highest number ever given: a refused release's number is not used again."""
    return max([entry.get("release") or 0 for entry in read_history(50)] or [0])


def append_history(entry):
    """Add a line to the record. A disk that is full must not keep a deploy from being undone."""
    entry = {"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), **entry}
    line = json.dumps(entry, sort_keys=True) + "\n"
    try:
        with open(RECORD, "a", encoding="utf-8", opener=own) as file:
            file.write(line)
            size = file.tell()
        if size > RECORD_SIZE:
            write_file(RECORD, "".join(f"{kept}\n" for kept in tail(RECORD, RECORD_KEPT)))
    except OSError as error:
        say(f"This deploy could not be put on record: {error.strerror}.")


def read_history(count):
    """The last entries of the record, the oldest first; a line that a crash tore is left out."""
    entries = []
    for line in tail(RECORD, count):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and "at" in entry:
            entries.append(entry)
    return entries


def append_deploy(deploy, ended, reason="", left=()):
    append_history(
        {
            **({"left": list(left)} if left else {}),
            "release": deploy.number,
            "kind": deploy.kind,
            "revision": deploy.revision,
            "by": deploy.by,
            "steps": deploy.steps,
            "seconds": round(time.monotonic() - deploy.begun, 3),
            "ended": ended,
            "reason": reason,
        }
    )


# Who is at the other end, by the key that they have: `deploy shell` sets it.
PERSON = "GREENPUSH_PERSON"


def who():
    """Who asks: the person, or the account where keys name none, and the address where it comes over SSH."""
    account = os.environ.get(PERSON) or os.environ.get("SUDO_USER") or os.environ.get("USER") or str(os.getuid())
    address = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return f"{account} from {address}" if address else account
