"""The start of a release in a slot, and the end of one that is no longer live."""

import os
import re
import time

from ..console.logs import cause_in, size_of, text_from
from ..console.output import say
from ..errors import Refused
from ..host.files import relink, write_whole
from ..host.headroom import check_headroom
from ..host.priority import has_spare_cpu
from ..paths import LOG, SLOTS
from ..release.django_commands import BEHIND, MIGRATE_BEFORE
from ..release.releases import number_of, read_release, release_path, write_release
from ..runtime.connections import pending_connections
from ..runtime.gunicorn import connections_to_workers
from ..runtime.managers import manager_of, stop_and_wait


class Boot:
    """The start of a release's gunicorn in a slot."""

    def __init__(self, deploy, slot):
        self.deploy, self.slot, self.begun = deploy, slot, False
        self.manager = manager_of(deploy.config, deploy.number)
        self.log = os.path.join(LOG, f"gunicorn-{deploy.number}.log")
        self.logged = size_of(self.log)

    def slot_is_free(self):
        """Whether no process is finishing its requests there."""
        return not self.manager.running(self.slot)

    def begin(self):
        number = self.deploy.number
        relink(os.path.join(SLOTS, self.slot), os.path.join("..", "releases", str(number)))
        if read_release(number)["state"] == "building":
            write_release(number, state="booting", durable=False)
            os.unlink(release_path(number, "var", "pid"))
        # The gate of its release tells gunicorn how to load what it can load before it opens.
        write_whole(release_path(number, "gate"), "with what is left\n" if has_spare_cpu() else "")
        self.begun = True
        self.manager.start(self.slot)

    def finish(self):
        """Back once all workers take connections, as they do with the application loaded; the slot's name.

        Raises Refused when they don't.
        """
        if not self.begun:
            if not self.slot_is_free():
                say(f"  waiting for the process before in {self.slot} to finish its requests")
                stop_and_wait(self.deploy.config, self.deploy.number, self.slot)
            self.begin()
        limit = self.deploy.config["limits"]["boot"]
        deadline = time.monotonic() + limit
        checked = time.monotonic()
        with connections_to_workers(self.deploy.number) as calls:
            while not calls.taken():
                why = None
                # Each look at a unit costs some milliseconds of the very machine that boots.
                if time.monotonic() - checked > 0.25:
                    why = failing_workers(self.log, self.logged) or self.manager.failed(self.slot)
                    checked = time.monotonic()
                if time.monotonic() > deadline:
                    why = f"gunicorn takes no connection after {limit} s"
                if why:
                    raise self._refused(why)
                check_headroom("boot")
                time.sleep(0.005)
        # Started again later, it has no version before it to give way to.
        write_whole(release_path(self.deploy.number, "gate"), "")
        return self.slot

    def _refused(self, why):
        text = text_from(self.log, self.logged)
        advice = f"The whole log on the server: {self.log}"
        if BEHIND.search(text) and self.deploy.config["migrate"] is True:
            advice = f"{MIGRATE_BEFORE} {advice}"
        if "out of memory" in text:
            advice = f"The server has too little memory for two versions at once. {advice}"
        return Refused("boot", why, cause_in(text), advice)


def failing_workers(log, offset):
    """gunicorn gives up when a worker can't load the application, but starts one that ends in another way anew."""
    # 3 is the status of one that can't load it; whether that was the end, the manager tells, which may try again.
    ended = re.findall(r"Worker \(pid:\d+\) (?:exited with (?!code 3\b)|was sent) ?(SIGKILL)?", text_from(log, offset))
    # The kernel kills a worker for its memory, and would kill the next one: each try is a danger to the live version.
    return "gunicorn's workers end at their start" if len(ended) > 2 or "SIGKILL" in ended else None


def drain(config, slot):
    """Let the gunicorn of a slot that is no longer live finish its requests and end."""
    number = number_of(os.path.join(SLOTS, slot))
    if number is None:
        return
    waiting = release_path(number, "var", "socket")
    deadline = time.monotonic() + config["limits"]["stop"]
    time.sleep(0.05)
    while pending_connections(waiting) and time.monotonic() < deadline:
        time.sleep(0.02)
    manager_of(config, number).stop(slot)
