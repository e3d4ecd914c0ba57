"""A program of a step under a supervising process, which ends everything that the program leaves."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import time

from .processes import below, owner_of, processes, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NoReturn

# From linux/prctl.h.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# The most tasks that a step may add to the account's. More mean a program that starts itself without end.
TASKS = 1024
# Seconds that leftover processes have to end by themselves, and then to be killed.
GRACE, PATIENCE = 0.25, 10


class Supervised:
    """A running program. `output` is what it and its children print, and ends when all of them have ended.

    A supervisor is forked as its parent. The kernel makes the supervisor the parent of every orphan below it, whatever
    session, environment or descriptors that has. The supervisor kills them when the program has ended, when it is told
    to, and when the engine has died.
    """

    def __init__(
        self, command: Sequence[str], cwd: str, environment: Mapping[str, str], inherits: Sequence[int] = ()
    ) -> None:
        self.output, output = os.pipe()
        self.report, report = os.pipe()
        start: dict[str, Any] = {"cwd": cwd, "env": environment, "stdout": output, "pass_fds": inherits}
        # Loaded and counted here, once: each supervisor finds it done.
        about = prctl(), task_limit(), os.getpid()
        self.supervisor = os.fork()
        if self.supervisor == 0:
            # Whatever happens, the supervisor must not go on with the engine's own code.
            try:
                os.close(self.output)
                os.close(self.report)
                said = supervise(command, start, *about)
                os.write(report, json.dumps(said).encode())
            finally:
                os._exit(0)
        for descriptor in (output, report, *inherits):
            os.close(descriptor)

    def end(self) -> None:
        """Kill the program and all that it has started; return when they are gone."""
        if self.supervisor:
            os.kill(self.supervisor, signal.SIGTERM)
            # The program may have stopped it.
            os.kill(self.supervisor, signal.SIGCONT)
            self.result()

    def is_lost(self) -> bool:
        """Tell whether the supervisor was killed: otherwise it ends after all others."""
        over = os.waitid(os.P_PID, self.supervisor, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return over is not None and not select.select([self.output], [], [], 0)[0]

    def result(self) -> tuple[int, int]:
        """Return the exit status, negative for a signal, and how many processes were left when the program had ended.

        Raise OSError where it could not be started.
        """
        os.waitpid(self.supervisor, 0)
        self.supervisor = 0
        text = os.read(self.report, 10_000)
        os.close(self.report)
        os.close(self.output)
        said = json.loads(text or "{}")
        if "why" in said:
            raise OSError(*said["why"])
        # A supervisor that said nothing was killed.
        return said.get("status", -signal.SIGKILL), said.get("left", 0)


class Ended(BaseException):
    """End the program, because the engine has died or asks for it."""


def supervise(
    command: Sequence[str], start: dict[str, Any], call: Callable[[int, int], None], limit: int | None, engine: int
) -> dict[str, Any]:
    """Run a program to its end, and end what it leaves; return the outcome."""
    os.setsid()
    said: dict[str, Any] = {"status": -signal.SIGKILL}

    def stop(*_: object) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Ended

    grace = GRACE
    try:
        signal.signal(signal.SIGTERM, stop)
        call(PR_SET_CHILD_SUBREAPER, 1)
        call(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != engine:
            raise Ended
        said = run_program(command, start, limit)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except Ended:
        grace = 0
    said["left"] = end_all(grace)
    return said


def run_program(command: Sequence[str], start: dict[str, Any], limit: int | None) -> dict[str, Any]:
    """Start a program and wait for it, and for all others that have become this process's children."""
    try:
        if limit:
            resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
        child = subprocess.Popen(
            command, **start, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
        )
    except OSError as error:
        return {"why": [error.errno, error.strerror, error.filename]}
    except Exception as error:
        # For example a name that no file can have.
        return {"why": [None, str(error)]}
    for descriptor in start["pass_fds"]:
        os.close(descriptor)
    ended, status = 0, 0
    while ended != child.pid:
        ended, status = os.waitpid(-1, 0)
    return {"status": os.waitstatus_to_exitcode(status)}


def end_all(grace: float) -> int:
    """Kill all below this process; return how many there were after some time in which they may end by themselves."""
    begun = time.monotonic()
    left: set[int] = set()
    while time.monotonic() - begun < grace + PATIENCE:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            break
        if time.monotonic() - begun > grace:
            stopped: set[int] = set()
            # One that is stopped starts no other.
            while found := below(os.getpid()) - stopped:
                send(found, signal.SIGSTOP)
                stopped |= found
            send(stopped, signal.SIGKILL)
            left |= stopped
        time.sleep(0.005)
    return len(left)


KNOWN: dict[str, Any] = {}


def prctl() -> Callable[[int, int], None]:
    """Return what calls the system's prctl."""
    if "prctl" not in KNOWN:
        import ctypes

        library = ctypes.CDLL(None, use_errno=True)

        def call(option: int, value: int) -> None:
            if library.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")

        KNOWN["prctl"] = call
    return KNOWN["prctl"]


def task_limit() -> int | None:
    """Return how many tasks the account may have during a step; None for root, whom the kernel does not limit."""
    own = os.getuid()
    if own and "limit" not in KNOWN:
        count = sum(int(about[17]) for pid, about in processes() if owner_of(pid) == own)
        most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        KNOWN["limit"] = count + TASKS if most == resource.RLIM_INFINITY else min(count + TASKS, most)
    return KNOWN.get("limit")
