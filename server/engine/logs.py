"""What the logs of a release tell."""

import os
import re
from itertools import takewhile


def lines_of(text):
    """The lines of a text. Only a line feed ends one: what else str.splitlines() goes by, anyone can put in a name."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def tail(path, count=20):
    """The last lines of a text file, none where there is no such file."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 1000 * count))
            return lines_of(file.read().decode(errors="replace"))[-count:]
    except FileNotFoundError:
        return []


def shortened(line, width=200):
    """A line that a person reads; pip's list of all versions of a package has thousands of characters."""
    return line if len(line) <= width else f"{line[: width - 4]} ..."


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def text_from(path, offset):
    """A log's text from where it was when something began."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            file.seek(offset)
            return file.read(200_000)
    except FileNotFoundError:
        return ""


CAUSE_LINES = 20
# What may follow the message of an error: another traceback, or gunicorn's own log.
AFTER_ERROR = re.compile(r"Traceback |During handling of the above |The above exception was |\[\d{4}-\d\d-\d\d ")


def traceback_in(text):
    """The first traceback, for what follows comes of it; None without one.

    The frames in the application's own code (the last two where there are none), and the error's message, which may
    have several lines.
    """
    lines = lines_of(text)
    at = next((at for at, line in enumerate(lines) if line.startswith("Traceback ")), None)
    if at is None:
        return None
    frames, end = [], at + 1
    while end < len(lines) and (not lines[end] or lines[end][0] in " \t"):
        if lines[end].startswith('  File "'):
            frames.append([])
        if frames:
            frames[-1].append(lines[end])
        end += 1
    own = [frame for frame in frames if "/codebase/" in frame[0]] or frames[-2:]
    message = takewhile(lambda line: not AFTER_ERROR.match(line), lines[end:])
    return [line for frame in own for line in frame], [line for line in message if line][:CAUSE_LINES]


def cause_in(text):
    """The lines that tell why: of the first traceback, else the last ones."""
    frames, message = traceback_in(text) or ([], lines_of(text)[-CAUSE_LINES:])
    return [*frames, *message]
