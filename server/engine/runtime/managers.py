"""What starts gunicorn and stops it: systemd, supervisord, or the engine itself.

A manager starts a slot, tells why it failed and whether it runs, and begins to stop it: what stop() returns says
whether that is done.
"""

import os
import signal
import subprocess
import time

from ..host.files import read_json
from ..paths import SLOTS, WWW
from ..release.programs import MARK, processes_of
from ..release.releases import number_of, release_path


def begin(*words):
    """Start a program that outlives the engine if it must; what is returned says whether it has ended."""
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    return lambda: child.poll() is not None


def stop_and_wait(config, number, slot, also=lambda: None):
    """Stop a slot; back when its process has ended or the limit is over. `also` is done meanwhile, again and again."""
    deadline = time.monotonic() + config["limits"]["stop"]
    stopped = manager_of(config, number).stop(slot)
    while not stopped() and time.monotonic() < deadline:
        also()
        time.sleep(0.03)


# As sudoers names them: another of that name that lies before them on sudo's path is not allowed, and no other
# configuration, such as the supervisord.conf of a folder that a site's account can write.
SYSTEMCTL = "/usr/bin/systemctl"
SUPERVISORCTL = ("/usr/bin/supervisorctl", "-c", "/etc/supervisor/supervisord.conf")


class Systemd:
    """Units UNIT@blue and UNIT@green; sudoers lets the deploying user start and stop these two."""

    def __init__(self, config):
        self.unit = config["unit"]
        self.starting = self.ready = None

    def _name(self, slot):
        return f"{self.unit}@{slot}.service"

    def _show(self, slot):
        shown = subprocess.run(
            [SYSTEMCTL, "show", "-p", "ActiveState,MainPID,Job", self._name(slot)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ).stdout
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    def start(self, slot):
        self.starting = subprocess.Popen(
            ["sudo", "-n", SYSTEMCTL, "start", self._name(slot)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def failed(self, slot):
        """Why a slot that was started does not come up, None while it may."""
        status = self.starting.poll()
        if status is None:
            return None
        shown = self._show(slot)
        # Started anew, it has another process than when it was ready first.
        self.ready = self.ready or shown.get("MainPID")
        if status or shown.get("MainPID") != self.ready or shown.get("ActiveState") in ("failed", "inactive"):
            said = self.starting.stderr.read().strip() if status else ""
            return said if said.startswith("sudo:") else "gunicorn ended at its start"
        return None

    def stop(self, slot):
        return begin("sudo", "-n", SYSTEMCTL, "stop", self._name(slot))

    def running(self, slot):
        shown = self._show(slot)
        # After a boot it may be waiting for its turn.
        waits = shown.get("Job", "0") not in ("", "0")
        return waits or shown.get("ActiveState") in ("active", "activating", "deactivating", "reloading")


class Direct:
    """gunicorn started by the engine itself, as in the seed: nothing starts it again after a reboot."""

    def __init__(self, _):
        self.child = None

    def _pid(self, slot):
        number = number_of(os.path.join(SLOTS, slot))
        if number is None:
            return None
        own = processes_of(number)
        try:
            with open(release_path(number, "var", "pid"), encoding="ascii") as file:
                pid = int(file.read())
        except (OSError, ValueError):
            pid = None
        # One that is only starting has not written it yet: a killed deploy may have left it.
        programs = (self._start_script(slot), release_path(number, "gunicorn"))
        return pid if pid in own else next((pid for pid in own if second_word(pid) in programs), None)

    @staticmethod
    def _start_script(slot):
        return os.path.join(SLOTS, slot, "start")

    def start(self, slot):
        self.child = subprocess.Popen(
            ["/bin/sh", self._start_script(slot)],
            cwd=WWW,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": os.path.expanduser("~"),
                "LANG": "C.UTF-8",
                MARK: release_path(number_of(os.path.join(SLOTS, slot))),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def failed(self, slot):
        if self.child and self.child.poll() is not None:
            return "gunicorn ended at its start"
        return None

    def stop(self, slot):
        pid = self._pid(slot)
        if pid:
            os.kill(pid, signal.SIGTERM)
        return lambda: not self.running(slot)

    def running(self, slot):
        return self._pid(slot) is not None


def second_word(pid):
    """What a process's interpreter runs, None where the process has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().split("\0")[1]
    except (OSError, IndexError):
        return None


class Supervisor:
    """Programs UNIT-blue and UNIT-green of supervisord, through supervisorctl."""

    def __init__(self, config):
        self.unit = config["unit"]

    def _state(self, slot):
        words = ["sudo", "-n", *SUPERVISORCTL, "status", f"{self.unit}-{slot}"]
        said = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout.split()
        return said[1] if len(said) > 1 else "UNKNOWN"

    def start(self, slot):
        # A changed program is taken over only where that stops nothing, in the slot that is not in use.
        words = ["sudo", "-n", *SUPERVISORCTL, "update", f"{self.unit}-{slot}"]
        subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        # supervisorctl waits until the program has run for a second: nobody has to wait with it.
        begin("sudo", "-n", *SUPERVISORCTL, "start", f"{self.unit}-{slot}")

    def failed(self, slot):
        if self._state(slot) in ("BACKOFF", "EXITED", "FATAL", "UNKNOWN"):
            return "gunicorn ended at its start"
        return None

    def stop(self, slot):
        return begin("sudo", "-n", *SUPERVISORCTL, "stop", f"{self.unit}-{slot}")

    def running(self, slot):
        return self._state(slot) in ("STARTING", "RUNNING", "STOPPING")


def lower_priority(config, number):
    """Let visitors come first from here on. Not where the engine itself starts gunicorn, which would inherit it."""
    if not isinstance(manager_of(config, number), Direct):
        os.setpriority(os.PRIO_PROCESS, 0, 10)


def manager_of(config, number):
    """What a release is started by. Each keeps its own, so that a change of it is a release like any other."""
    gunicorn = read_json(release_path(number, "gunicorn.json"), {})
    kinds = {"systemd": Systemd, "direct": Direct, "supervisor": Supervisor}
    return kinds[gunicorn.get("manager", "systemd")](config)
