"""Process managers, which start and stop gunicorn: systemd, supervisord, or the engine itself.

A manager starts a slot, tells why it failed and whether it runs, and begins to stop it. stop() returns a function that
tells whether that is done.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time

from ..paths import WWW
from ..release.job import MARK
from ..release.processes import processes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config import Config
    from ..release.release import Release
    from ..release.slots import Slot

    # A function that tells whether something begun is done.
    IsDone = Callable[[], bool]


def begin(*words: str) -> IsDone:
    """Start a program that may outlive the engine; return a function that tells whether it has ended."""
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    return lambda: child.poll() is not None


def stop_and_wait(config: Config, release: Release, slot: Slot, also: Callable[[], object] = lambda: None) -> None:
    """Stop a slot, and wait until its process has ended or the limit is over.

    `also` is called again and again meanwhile.
    """
    deadline = time.monotonic() + config.limits.stop
    stopped = manager_of(config, release).stop(slot)
    while not stopped() and time.monotonic() < deadline:
        also()
        time.sleep(0.03)


# As sudoers names them: no other program of that name on sudo's path, and no other configuration, such as a
# supervisord.conf in a folder that a site's account can write.
SYSTEMCTL = "/usr/bin/systemctl"
SUPERVISORCTL = ("/usr/bin/supervisorctl", "-c", "/etc/supervisor/supervisord.conf")


class Manager:
    """What a process manager does with the slots of a site."""

    def __init__(self, config: Config) -> None:
        self.unit = config.unit

    def start(self, slot: Slot) -> None:
        """Begin to start the release in a slot."""
        raise NotImplementedError

    def failed(self, slot: Slot) -> str | None:
        """Return why a started slot does not come up, None while it still may."""
        raise NotImplementedError

    def stop(self, slot: Slot) -> IsDone:
        """Begin to stop a slot; return a function that tells whether that is done."""
        raise NotImplementedError

    def running(self, slot: Slot) -> bool:
        """Tell whether a slot runs, or is about to."""
        raise NotImplementedError


class Systemd(Manager):
    """Units UNIT@blue and UNIT@green; sudoers lets the deploying user start and stop these two."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.starting: subprocess.Popen[str] | None = None
        self.ready: str | None = None

    def _name(self, slot: Slot) -> str:
        return f"{self.unit}@{slot.name}.service"

    def _show(self, slot: Slot) -> dict[str, str]:
        shown = subprocess.run(
            [SYSTEMCTL, "show", "-p", "ActiveState,MainPID,Job", self._name(slot)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ).stdout
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    def start(self, slot: Slot) -> None:
        self.starting = subprocess.Popen(
            ["sudo", "-n", SYSTEMCTL, "start", self._name(slot)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def failed(self, slot: Slot) -> str | None:
        status = self.starting.poll() if self.starting else None
        if self.starting is None or status is None:
            return None
        shown = self._show(slot)
        # After a restart it has another process than when it was first ready.
        self.ready = self.ready or shown.get("MainPID")
        if status or shown.get("MainPID") != self.ready or shown.get("ActiveState") in ("failed", "inactive"):
            said = self.starting.communicate()[1].strip() if status else ""
            return said if said.startswith("sudo:") else "gunicorn ended at its start"
        return None

    def stop(self, slot: Slot) -> IsDone:
        return begin("sudo", "-n", SYSTEMCTL, "stop", self._name(slot))

    def running(self, slot: Slot) -> bool:
        shown = self._show(slot)
        # After a boot it may be waiting for its turn.
        waits = shown.get("Job", "0") not in ("", "0")
        return waits or shown.get("ActiveState") in ("active", "activating", "deactivating", "reloading")


class Direct(Manager):
    """gunicorn started by the engine itself, as in the classic layout: nothing starts it again after a reboot."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.child: subprocess.Popen[bytes] | None = None

    def _pid(self, slot: Slot) -> int | None:
        release = slot.release
        if release is None:
            return None
        own = processes_of(release)
        try:
            with open(release.path("var", "pid"), encoding="ascii") as file:
                pid = int(file.read())
        except (OSError, ValueError):
            pid = None
        # One that is only starting has not written it yet: a killed deploy may have left it.
        programs = (self._start_script(slot), release.path("gunicorn"))
        return pid if pid in own else next((pid for pid in own if second_word(pid) in programs), None)

    @staticmethod
    def _start_script(slot: Slot) -> str:
        return os.path.join(slot.path, "start")

    def start(self, slot: Slot) -> None:
        self.child = subprocess.Popen(
            ["/bin/sh", self._start_script(slot)],
            cwd=WWW,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": os.path.expanduser("~"),
                "LANG": "C.UTF-8",
                MARK: slot.release.path() if slot.release else "",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def failed(self, slot: Slot) -> str | None:
        if self.child and self.child.poll() is not None:
            return "gunicorn ended at its start"
        return None

    def stop(self, slot: Slot) -> IsDone:
        pid = self._pid(slot)
        if pid:
            os.kill(pid, signal.SIGTERM)
        return lambda: not self.running(slot)

    def running(self, slot: Slot) -> bool:
        return self._pid(slot) is not None


def second_word(pid: int) -> str | None:
    """Return what a process's interpreter runs, None where the process has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().split("\0")[1]
    except (OSError, IndexError):
        return None


class Supervisor(Manager):
    """Programs UNIT-blue and UNIT-green of supervisord, through supervisorctl."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.started: IsDone = lambda: True

    def _state(self, slot: Slot) -> str:
        words = ["sudo", "-n", *SUPERVISORCTL, "status", f"{self.unit}-{slot.name}"]
        said = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout.split()
        return said[1] if len(said) > 1 else "UNKNOWN"

    def start(self, slot: Slot) -> None:
        # supervisord reads a changed program only for the idle slot, where that stops nothing.
        words = ["sudo", "-n", *SUPERVISORCTL, "update", f"{self.unit}-{slot.name}"]
        subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        # supervisorctl waits until the program has run for a second: nobody has to wait with it.
        self.started = begin("sudo", "-n", *SUPERVISORCTL, "start", f"{self.unit}-{slot.name}")

    def failed(self, slot: Slot) -> str | None:
        # Asked before the state, which may be that of the release before until supervisord has been told to start.
        started = self.started()
        state = self._state(slot)
        if state == "BACKOFF" or (started and state in ("EXITED", "FATAL", "UNKNOWN")):
            return "gunicorn ended at its start"
        return None

    def stop(self, slot: Slot) -> IsDone:
        return begin("sudo", "-n", *SUPERVISORCTL, "stop", f"{self.unit}-{slot.name}")

    def running(self, slot: Slot) -> bool:
        return self._state(slot) in ("STARTING", "RUNNING", "STOPPING")


def lower_priority(config: Config, release: Release) -> None:
    """Set nice 10 for this process. Not with `direct`, whose gunicorn would inherit it."""
    if not isinstance(manager_of(config, release), Direct):
        # An sshd that is nicer still is not made less so, which only root may do.
        os.setpriority(os.PRIO_PROCESS, 0, max(10, os.getpriority(os.PRIO_PROCESS, 0)))


def manager_of(config: Config, release: Release) -> Manager:
    """Return a release's manager. Each release keeps its own, so that a change of the manager is a new release."""
    kinds: dict[str, type[Manager]] = {"systemd": Systemd, "direct": Direct, "supervisor": Supervisor}
    return kinds[release.gunicorn.get("manager", "systemd")](config)
