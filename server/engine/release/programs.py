"""Running the programs of a release, within limits, and ending them."""

import os
import select
import shlex
import signal
import subprocess
import time

from ..config import deploy_config
from ..console.logs import shortened, tail, without_frames
from ..console.output import say
from ..errors import Refused
from ..host.files import at_once, own
from ..host.git import clean_environment
from ..host.headroom import check_headroom
from ..host.processes import belongs_to, environment_has, prints_to, processes, send
from ..host.supervised import Supervised
from ..paths import LOG
from ..host.pushed_file import read_pushed
from .releases import release_path, slot_of

# Marks every process of a release, so that recover finds what a killed deploy left running.
MARK = "GREENPUSH_RELEASE"

# Bytes that a step may print; and that one line may have before it is taken for two.
OUTPUT, LINE = 50_000_000, 100_000
# Processes that a step may leave, which are ended. More are of a program that starts itself without end.
LEFT = 20


def run(step, command, log, limit, environment, cwd, shown=False, inherits=()):
    """Run a program of a release to its end, its output in a log and, where shown, before the person.

    `inherits`: descriptors that the program gets, and that are closed here.

    Raises Refused when it fails or is not done within `limit` seconds. Nothing of it lives on, however it ends.
    """
    with open(log, "ab", buffering=0, opener=own) as file:

        def put(line):
            file.write(line + b"\n")
            if shown:
                say(f"    {shortened(line.decode(errors='replace').rstrip(chr(13)), 1000)}")

        def refused(reason, advice=""):
            # A traceback that the person has just read does not stand there twice.
            lines = without_frames(tail(log, 200))[-20:] if shown else tail(log)
            return Refused(step, reason, lines, advice)

        program = Supervised(command, cwd, environment, inherits)
        deadline = time.monotonic() + limit
        pending, printed = b"", 0
        try:
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise refused(*too_slow(step, limit))
                check_headroom(step)
                if not select.select([program.output], [], [], min(left, 0.1))[0]:
                    if program.is_lost():
                        raise refused("the process that watches over it was killed")
                    continue
                read = os.read(program.output, 1 << 16)
                if not read:
                    break
                printed += len(read)
                if printed > OUTPUT:
                    raise refused(f"it printed more than {OUTPUT // 1_000_000} MB")
                *lines, pending = (pending + read).split(b"\n")
                if len(pending) > LINE:
                    lines, pending = [*lines, pending], b""
                for line in lines:
                    put(line)
        except BaseException:
            program.end()
            raise
        finally:
            if pending:
                put(pending)
        status, left = program.result()
    if status:
        how = f"exit status {status}" if status > 0 else f"killed by signal {-status}"
        raise refused(how)
    if left > LEFT:
        raise refused(f"it left {left} processes, which were ended")
    if left:
        say(f"    {step} left {left} {'processes' if left > 1 else 'process'}, which nothing of a step may: ended.")


def interpreter(script):
    """The words that run a script: by what its first line names, /bin/sh where it names nothing.

    A shell gets -e: a script that goes on after an error would hide it behind the status of its last line.
    """
    first = read_pushed("deploy.sh", script).split(b"\n", 1)[0]
    if first.startswith(b"\xef\xbb\xbf") or first.endswith(b"\r"):
        raise Refused(
            "deploy.sh",
            "it is saved as Windows does, which no interpreter takes",
            advice="Save it as UTF-8 without a byte order mark, and with the line ends of Unix (LF).",
        )
    words = first[2:].decode(errors="surrogateescape").split() if first.startswith(b"#!") else []
    words = words or ["/bin/sh"]
    return [*words, *(["-e"] if words[-1].endswith("sh") else []), script]


def too_slow(step, limit):
    """The reason and the advice of a refusal for what took too long."""
    # What an export waits for are submodules, which are as much of others as what pip fetches.
    setting = {"deploy.sh": "deploy", "export": "virtualenv", "copy": "migrate", "restore": "migrate"}.get(step, step)
    return f"not done after {limit} s", f"Make it quicker, or raise limits.{setting} in the stack file."


def processes_of(number):
    """The processes of a release, this one left out.

    An application can wipe its environment, and its mark with it, as setproctitle does. So a process is also known by
    what it prints to, the log of the release's gunicorn; by its parent; and by its session, where that is a gunicorn's.
    Into a unit's sandbox nobody can look from outside, but everybody sees which unit a process belongs to.
    """
    mark = f"{MARK}={release_path(number)}".encode()
    log = os.path.join(LOG, f"gunicorn-{number}.log")
    slot = slot_of(number)
    unit = f"{deploy_config()['unit']}@{slot}.service" if slot else None
    parent, session, found = {}, {}, set()
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


def sync_to_disk(path):
    """Back when all that was written to a path's disk is on it: what goes live has to outlast a power cut."""
    done = subprocess.run(["sync", "-f", path], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        advice = "Look at the server's disk: `dmesg` tells more."
        raise Refused("disk", f"what was written to {path} can't be stored", done.stderr.splitlines(), advice)


def kill_processes(number):
    """Kill what a release started; back when all have ended, for their files are removed next."""
    while pids := processes_of(number):
        send(pids, signal.SIGKILL)
        time.sleep(0.01)
