"""Reading the logs of a release."""

from __future__ import annotations

import os
import re
from itertools import takewhile


def lines_of(text: str) -> list[str]:
    """Return the lines of a text. Only a line feed ends one.

    str.splitlines() also splits at characters that anyone can put in a name.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def tail(path: str, count: int = 20, offset: int = 0) -> list[str]:
    """Return the last lines of a text file, of what stands behind an offset; none where there is no such file."""
    try:
        with open(path, "rb") as file:
            file.seek(max(offset, os.fstat(file.fileno()).st_size - 1000 * count))
            return lines_of(file.read().decode(errors="replace"))[-count:]
    except FileNotFoundError:
        return []


def shortened(line: str, width: int = 200) -> str:
    """Return a line cut to a length that a person reads. pip's list of versions has thousands of characters."""
    return line if len(line) <= width else f"{line[: width - 4]} ..."


def size_of(path: str) -> int:
    """Return the size of a log in bytes, 0 where there is none."""
    return os.path.getsize(path) if os.path.exists(path) else 0


def text_from(path: str, offset: int) -> str:
    """Return a log's text from an offset on."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            file.seek(offset)
            return file.read(200_000)
    except FileNotFoundError:
        return ""


CAUSE_LINES = 20
# The most frames of a traceback to show, from its end; fewer if none is the application's own.
OWN_FRAMES, OTHER_FRAMES = 10, 2
CHAINED = re.compile(r"During handling of the above exception, |The above exception was the direct cause ")
# What may follow the message of an error: another traceback, or gunicorn's own log.
AFTER_ERROR = re.compile(rf"Traceback |{CHAINED.pattern}|\[\d{{4}}-\d\d-\d\d ")


class Traceback:
    """A traceback in the lines of a log: its frames, the error's message, the line after it."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.frames: list[list[str]] = []
        end = at + 1
        while end < len(lines) and (not lines[end] or lines[end][0] in " \t"):
            if lines[end].startswith('  File "'):
                self.frames.append([])
            if self.frames:
                self.frames[-1].append(lines[end])
            end += 1
        message = list(takewhile(lambda line: not AFTER_ERROR.match(line), lines[end:]))
        self.message, self.end = [line for line in message if line][:CAUSE_LINES], end + len(message)
        self.own = [frame for frame in self.frames if is_own(frame[0])]

    def shown(self) -> list[str]:
        """Return the lines of the application's own frames, or of the last frames if there are none."""
        others = [frame for frame in self.frames if '"<frozen ' not in frame[0] and "/engine/guest/" not in frame[0]]
        frames = self.own[-OWN_FRAMES:] or others[-OTHER_FRAMES:]
        return [line for frame in frames for line in frame]

    def said(self) -> str:
        """Return the message without the kind of the error."""
        return self.message[0].partition(": ")[2] if self.message else ""


def is_own(line: str) -> bool:
    """Tell whether a frame is in the application's own code, and not in what is installed there."""
    return bool(re.search(r"/codebase/", line)) and not re.search(r"/(?:site|dist)-packages/|/releases/\d+/lib/", line)


def traceback_in(text: str) -> tuple[list[str], list[str]] | None:
    """Return the frames and the message of the first error, None without a traceback.

    Later errors follow from the first. An error may have another one as its cause. Of such a chain this is the last one
    that has frames in the application's own code, with a line that names the first cause.
    """
    lines = lines_of(text)
    at = next((at for at, line in enumerate(lines) if line.startswith("Traceback ")), None)
    if at is None:
        return None
    chain = [Traceback(lines, at)]
    while (at := next_of_chain(lines, chain[-1].end)) is not None:
        chain.append(Traceback(lines, at))
    error = next((each for each in reversed(chain) if each.own), chain[-1])
    origin = chain[0]
    message = list(error.message)
    if origin is not error and origin.message and origin.said() not in " ".join(message):
        message.append(f"which came of {origin.message[0]}")
    return error.shown(), message


def next_of_chain(lines: list[str], end: int) -> int | None:
    """Return where the traceback begins that an error led to, None if it led to none."""
    if end < len(lines) and CHAINED.match(lines[end]):
        return next((at for at in range(end + 1, min(end + 4, len(lines))) if lines[at].startswith("Traceback ")), None)
    return None


def without_frames(lines: list[str]) -> list[str]:
    """Return the lines without the frames of tracebacks."""
    kept: list[str] = []
    within = False
    for line in lines:
        goes_on = within and (not line or line[0] in " \t")
        within = goes_on or line.startswith("Traceback ") or bool(CHAINED.match(line))
        if not within:
            kept.append(line)
    return kept


def cause_in(text: str) -> list[str]:
    """Return the lines that tell the reason: those of the first error, else the last ones."""
    frames, message = traceback_in(text) or ([], lines_of(text)[-CAUSE_LINES:])
    return [*frames, *message]
