"""The start of a release in a slot, and the end of one that is no longer live."""

from __future__ import annotations

import os
import re
import time

from ..checks.written import help_with_read_only
from ..console.logs import cause_in, size_of, text_from
from ..console.output import say
from ..errors import Refused
from ..host.files import write_whole
from ..host.headroom import check_headroom
from ..host.priority import has_spare_cpu
from ..release.project import BEHIND, MIGRATE_BEFORE
from ..release.release import State
from ..runtime.connections import pending_connections
from ..runtime.gunicorn import connections_to_workers
from ..runtime.managers import manager_of, stop_and_wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..release.job import Job
    from ..release.slots import Slot

# What the gate of a release says to its gunicorn (guest/gunicorn_app.py): load what you can at idle priority.
IDLE_PRIORITY = "idle\n"


class Boot:
    """The start of a release's gunicorn in a slot."""

    def __init__(self, job: Job, slot: Slot) -> None:
        self.job, self.release, self.slot, self.begun = job, job.release, slot, False
        self.manager = manager_of(job.config, job.release)
        self.log = job.release.gunicorn_log
        self.logged = size_of(self.log)

    def slot_is_free(self) -> bool:
        """Tell whether no process is finishing its requests there."""
        return not self.manager.running(self.slot)

    def begin(self) -> None:
        """Have the process manager start the release."""
        release = self.release
        self.slot.take(release)
        if release.state is State.BUILDING:
            release.save(state=State.BOOTING, durable=False)
            os.unlink(release.path("var", "pid"))
        write_whole(release.path("gate"), IDLE_PRIORITY if has_spare_cpu() else "")
        self.begun = True
        self.manager.start(self.slot)

    def finish(self) -> str:
        """Wait until every worker accepts connections, which means that it has loaded the application.

        Return the slot's name. Raise Refused where they don't within limits.boot seconds.
        """
        config = self.job.config
        if not self.begun:
            if not self.slot_is_free():
                say(f"  waiting for the process before in {self.slot.name} to finish its requests")
                stop_and_wait(config, self.release, self.slot)
            self.begin()
        limit = config.limits.boot
        deadline = time.monotonic() + limit
        checked = time.monotonic()
        with connections_to_workers(self.release) as connections:
            while not connections.taken():
                why = None
                # Asking for a unit's status costs some milliseconds on the machine that boots.
                if time.monotonic() - checked > 0.25:
                    why = failing_workers(self.log, self.logged) or self.manager.failed(self.slot)
                    checked = time.monotonic()
                if time.monotonic() > deadline:
                    why = f"gunicorn takes no connection after {limit} s"
                if why:
                    raise self._refused(why)
                check_headroom("boot")
                time.sleep(0.005)
        # When gunicorn is started again later, there is no version before it to give way to.
        write_whole(self.release.path("gate"), "")
        return self.slot.name

    def _refused(self, why: str) -> Refused:
        text = text_from(self.log, self.logged)
        advice = f"{help_with_read_only(self.release, text)} The whole log on the server: {self.log}".strip()
        if BEHIND.search(text) and self.job.config.migrate is True:
            advice = f"{MIGRATE_BEFORE} {advice}"
        if "out of memory" in text:
            advice = f"The server has too little memory for two versions at once. {advice}"
        return Refused("boot", why, cause_in(text), advice)


def failing_workers(log: str, offset: int) -> str | None:
    """Tell whether workers end at their start.

    gunicorn gives up if a worker can't load the application, and restarts a worker that ends in another way.
    """
    # 3 is the status of one that can't load it; whether that was the end, the manager tells, which may try again.
    ended = re.findall(r"Worker \(pid:\d+\) (?:exited with (?!code 3\b)|was sent) ?(SIGKILL)?", text_from(log, offset))
    # The kernel killed a worker for its memory, and would kill the next one. Each try endangers the live release.
    return "gunicorn's workers end at their start" if len(ended) > 2 or "SIGKILL" in ended else None


def drain(config: Config, slot: Slot) -> None:
    """Let the gunicorn of a slot that is no longer live finish its requests and end."""
    release = slot.release
    if release is None:
        return
    waiting = release.path("var", "socket")
    deadline = time.monotonic() + config.limits.stop
    time.sleep(0.05)
    while pending_connections(waiting) and time.monotonic() < deadline:
        time.sleep(0.02)
    manager_of(config, release).stop(slot)
