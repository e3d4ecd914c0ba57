"""The processes of a release."""

from __future__ import annotations

import os
import signal
import time

from ..config import deploy_config
from ..host.processes import belongs_to, environment_has, prints_to, processes, send
from .job import MARK
from .release import Release
from .slots import slot_of


def processes_of(release: Release) -> list[int]:
    """Return the processes of a release, this one left out.

    An application can wipe its environment, and the mark in it, as setproctitle does. So a process also counts if it
    prints to the log of the release's gunicorn, by its parent, and by its session if that is a gunicorn's. Nobody can
    look into a unit's sandbox from outside, but everybody sees which unit a process belongs to.
    """
    mark = f"{MARK}={release.path()}".encode()
    log = release.gunicorn_log
    slot = slot_of(release)
    unit = f"{deploy_config().unit}@{slot.name}.service" if slot else None
    parent: dict[int, int] = {}
    session: dict[int, int] = {}
    found: set[int] = set()
    for pid, about in processes():
        if about[0] == b"Z":
            continue
        parent[pid], session[pid] = int(about[1]), int(about[3])
        if environment_has(pid, mark) or prints_to(pid, log) or (unit and belongs_to(pid, unit)):
            found.add(pid)
    found.discard(os.getpid())
    while more := {pid for pid in parent if parent[pid] in found or session[pid] in found} - found - {os.getpid()}:
        found |= more
    return sorted(found)


def kill_processes(release: Release) -> None:
    """Kill the processes of a release, and wait until all have ended, because their files are removed next."""
    while pids := processes_of(release):
        send(pids, signal.SIGKILL)
        time.sleep(0.01)
