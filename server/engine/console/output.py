"""What a person reads."""

import os
import re
import signal
import time

# What a terminal obeys or doesn't show: control characters (C0 without the tab, C1), the separators of lines, what
# turns the order of letters around, what is invisible, and what no file of text has.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def printable(text):
    """Text of whatever origin as one line that a terminal shows and doesn't obey: an escape becomes `\\x1b`."""
    return text if text.isprintable() else UNPRINTABLE.sub(visible, text)


def visible(found):
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def say(text=""):
    """A line for the person who pushes; a person who has gone is noticed by the next step."""
    write_line(2, text)


def tell(text=""):
    """A line of what a command was asked for."""
    write_line(1, text)


def write_line(stream, text):
    """Written at once and past Python's own buffers, which a signal's handler must not use: see Step."""
    line = f"{printable(text)}\n".encode()
    while line:
        line = line[os.write(stream, line) :]


class Step:
    """One step of a deploy: says its name when it begins to take long, its time when it ends.

    `every`: seconds after which it says again how far it is; 0 is once.
    """

    LONG = 2.0

    def __init__(self, deploy, name, every=0):
        self.deploy, self.name, self.note, self.every = deploy, name, "", every

    def progress(self):
        return "..."

    def __enter__(self):
        self.begun = time.monotonic()
        self.deploy.step = self.name
        # A signal and not a thread: the engine forks.
        signal.signal(signal.SIGALRM, lambda *_: say(f"  {self.name:<12}  {self.progress()}"))
        signal.setitimer(signal.ITIMER_REAL, self.LONG, self.every)
        return self

    def __exit__(self, kind, error, trace):
        signal.setitimer(signal.ITIMER_REAL, 0)
        seconds = time.monotonic() - self.begun
        ended = "ok" if kind is None else "failed"
        self.deploy.steps.append({"step": self.name, "seconds": round(seconds, 3), "ended": ended})
        if kind is None:
            say(f"  {self.name:<12}{seconds:6.2f} s  {self.note}".rstrip())
