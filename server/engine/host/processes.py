"""The processes of the machine, as the kernel shows them."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def below(top: int) -> set[int]:
    """Return the processes that a process has started, and those that these have."""
    children: dict[int, list[tuple[int, bool]]] = {}
    for pid, about in processes():
        children.setdefault(int(about[1]), []).append((pid, about[0] != b"Z"))
    found: set[int] = set()
    asked = [top]
    while asked:
        for pid, runs in children.get(asked.pop(), ()):
            asked.append(pid)
            if runs:
                found.add(pid)
    return found


def processes() -> Iterator[tuple[int, list[bytes]]]:
    """Yield each process with what /proc/PID/stat says after its name: state, parent, ... (see proc_pid_stat(5))."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    yield int(name), file.read().rpartition(b")")[2].split()
            except OSError:
                continue


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to each process that is still there and may get it."""
    for pid in pids:
        try:
            os.kill(pid, number)
        # What sudo has started belongs to another.
        except (ProcessLookupError, PermissionError):
            continue


def owner_of(pid: int) -> int | None:
    """Return the account of a process, None where it has ended."""
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None


def environment_has(pid: int, variable: bytes) -> bool:
    """Tell whether a process was started with a variable (NAME=value in bytes), and has not written over it since."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return variable in file.read().split(b"\0")
    except OSError:
        return False


def prints_to(pid: int, path: str) -> bool:
    """Tell whether a process has a file as its standard output or its error output."""
    for stream in (1, 2):
        try:
            if os.readlink(f"/proc/{pid}/fd/{stream}") == path:
                return True
        except OSError:
            continue
    return False


def belongs_to(pid: int, unit: str) -> bool:
    """Tell whether systemd has started a process for a unit."""
    try:
        with open(f"/proc/{pid}/cgroup", "rb") as file:
            return f"/{unit}".encode() in file.read()
    except OSError:
        return False
