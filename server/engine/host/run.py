"""Running the program of a step, within limits."""

from __future__ import annotations

import os
import select
import time

from ..console.logs import shortened, size_of, tail, without_frames
from ..console.output import say
from ..errors import Refused
from .files import own
from .headroom import check_headroom
from .supervised import Supervised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The most bytes that a step may print, and that a line may have before it is split.
OUTPUT, LINE = 50_000_000, 100_000
# The most processes that a step may leave to be ended. More mean a program that starts itself without end.
LEFT = 20


def run(
    step: str,
    command: Sequence[str],
    log: str,
    limit: float,
    environment: Mapping[str, str],
    cwd: str,
    shown: bool = False,
    inherits: Sequence[int] = (),
) -> None:
    """Run a program to its end. Its output goes to a log and, if shown, to the pusher.

    `inherits`: descriptors that the program gets, and that are closed here.

    Raise Refused if it fails or takes more than `limit` seconds. Nothing that it started outlives it.
    """
    begun = size_of(log)
    with open(log, "ab", buffering=0, opener=own) as file:

        def put(line: bytes) -> None:
            file.write(line + b"\n")
            if shown:
                say(f"    {shortened(line.decode(errors='replace').rstrip(chr(13)), 1000)}")

        def refused(reason: str, advice: str = "") -> Refused:
            # The pusher has just read a shown traceback: don't print it twice.
            lines = without_frames(tail(log, 200, begun))[-20:] if shown else tail(log, offset=begun)
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


def too_slow(step: str, limit: float) -> tuple[str, str]:
    """Return the reason and the advice of a refusal for what took too long."""
    # What an export waits for are submodules, which are as much of others as what pip fetches.
    setting = {"deploy.sh": "deploy", "export": "virtualenv", "copy": "migrate", "restore": "migrate"}.get(step, step)
    return f"not done after {limit} s", f"Make it quicker, or raise limits.{setting} in the stack file."
