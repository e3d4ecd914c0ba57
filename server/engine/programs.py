"""Running the programs of a release, within limits, and ending them."""

import os
import select
import shlex
import signal
import subprocess
import time

from .config import deploy_config
from .files import at_once, own
from .git import clean_environment
from .logs import tail
from .refused import Refused
from .releases import release_path, slot_of
from .room import check_room
from .talk import say

# Marks every process of a release, so that recover finds what a killed deploy left running.
MARK = "GREENPUSH_RELEASE"


def run(step, command, log, limit, environment, cwd, shown=False, inherits=()):
    """Run a program of a release to its end, its output in a log and, where shown, before the person.

    `inherits`: descriptors that the program gets, and that are closed here.

    Raises Refused when it fails or is not done within `limit` seconds; nothing of it lives on then.
    """
    with open(log, "a", encoding="utf-8", opener=own) as file:

        def put(line):
            text = line.decode(errors="replace")
            file.write(f"{text}\n")
            file.flush()
            if shown:
                say(f"    {text}")

        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=inherits,
        )
        for descriptor in inherits:
            os.close(descriptor)
        os.set_blocking(child.stdout.fileno(), False)
        deadline = time.monotonic() + limit
        pending = b""
        try:
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise too_slow(step, limit, log)
                check_room(step)
                if select.select([child.stdout], [], [], min(left, 0.1))[0]:
                    read = child.stdout.read()
                    if not read:
                        break
                    *lines, pending = (pending + read).split(b"\n")
                    for line in lines:
                        put(line)
                elif child.poll() is not None:
                    # Done, while something that it left in the background still holds its output.
                    break
            status = child.wait(max(0.1, deadline - time.monotonic()))
        except BaseException as error:
            kill_group(child)
            if isinstance(error, subprocess.TimeoutExpired):
                raise too_slow(step, limit, log) from None
            raise
        finally:
            if pending:
                put(pending)
    if status:
        how = f"exit status {status}" if status > 0 else f"killed by signal {-status}"
        raise Refused(step, how, tail(log))


def interpreter(script):
    """The words that run a script: by what its first line names, /bin/sh where it names nothing.

    A shell gets -e: a script that goes on after an error would hide it behind the status of its last line.
    """
    with open(script, "rb") as file:
        first = file.readline(200).decode(errors="replace")
    words = first[2:].split() if first.startswith("#!") else ["/bin/sh"]
    return [*words, *(["-e"] if words[-1].endswith("sh") else []), script]


def too_slow(step, limit, log):
    setting = {"deploy.sh": "deploy"}.get(step, step)
    advice = f"Make it quicker, or raise limits.{setting} in the stack file."
    return Refused(step, f"not done after {limit} s", tail(log), advice)


def kill_group(child):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def processes_of(number):
    """The processes that carry the mark of a release, this one left out."""
    mark = f"{MARK}={release_path(number)}".encode()
    # Into a unit's sandbox nobody can look from outside, but everybody sees which unit a process belongs to.
    slot = slot_of(number)
    unit = slot and f"/{deploy_config()['unit']}@{slot}.service".encode()
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                if (
                    unit
                    and unit in contents(f"/proc/{name}/cgroup")
                    or mark in contents(f"/proc/{name}/environ").split(b"\0")
                ):
                    found.append(int(name))
            except OSError:
                continue
    return found


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def release_environment(number):
    """What the programs of a release get: its variables, its virtualenv first on PATH."""
    with open(release_path(number, "env"), encoding="utf-8", opener=at_once) as file:
        words = shlex.split(file.read())
    return {
        **clean_environment(),
        **dict(word.split("=", 1) for word in words),
        "PATH": f"{release_path(number, 'bin')}:{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": release_path(number),
        # What a killed pip leaves goes with the release.
        "TMPDIR": release_path(number, "tmp"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
    }


def make_durable(path):
    """Back when all that was written to a path's disk is on it: what goes live has to outlast a power cut."""
    done = subprocess.run(["sync", "-f", path], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        advice = "Look at the server's disk: `dmesg` tells more."
        raise Refused("disk", f"what was written to {path} can't be stored", done.stderr.splitlines(), advice)


def kill_processes(number):
    """Kill what a release started; back when all have ended, for their files are removed next."""
    while pids := processes_of(number):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)
