"""Printing for a person, and the steps of a job."""

from __future__ import annotations

import os
import re
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

# What a terminal obeys or doesn't show: control characters (C0 without the tab, C1), the separators of lines, what
# turns the order of letters around, what is invisible, and what no file of text has.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    r"""Return text of whatever origin as one line that a terminal shows and doesn't obey: an escape becomes `\\x1b`."""
    return text if text.isprintable() else UNPRINTABLE.sub(visible, text)


def visible(found: re.Match[str]) -> str:
    """Return a visible text for a control character."""
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def say(text: str = "") -> None:
    """Write a line for the pusher. If the connection is gone, the next step notices."""
    write_line(2, text)


def tell(text: str = "") -> None:
    """Write a line of a command's result."""
    write_line(1, text)


def write_line(stream: int, text: str) -> None:
    """Write a line at once, without Python's buffers, which a signal handler must not use: see Step."""
    line = f"{printable(text)}\n".encode()
    while line:
        line = line[os.write(stream, line) :]


class Steps:
    """The steps of a job: those that have ended, and the name of the present or last one."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        self.step = ""


class Step:
    """One step. Prints its name once it takes long, and its time when it ends.

    `every`: seconds after which it prints its progress again; 0 prints it once.
    """

    LONG = 2.0

    def __init__(self, work: Steps, name: str, every: float = 0) -> None:
        self.work, self.name, self.note, self.every = work, name, "", every

    def progress(self) -> str:
        """Return how far it is."""
        return "..."

    def _say_progress(self, *_: object) -> None:
        say(f"  {self.name:<12}  {self.progress()}")

    def __enter__(self) -> Step:
        self.begun = time.monotonic()
        self.work.step = self.name
        # SIGALRM, not a thread: fork() in a step must not copy a second thread.
        signal.signal(signal.SIGALRM, self._say_progress)
        signal.setitimer(signal.ITIMER_REAL, self.LONG, self.every)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        seconds = time.monotonic() - self.begun
        ended = "ok" if kind is None else "failed"
        self.work.steps.append({"step": self.name, "seconds": round(seconds, 3), "ended": ended})
        if kind is None:
            say(f"  {self.name:<12}{seconds:6.2f} s  {self.note}".rstrip())
