"""What the person who pushes reads."""

import signal
import sys
import time


def say(text=""):
    """A line for the person who pushes; a person who has gone is noticed by the next step."""
    print(text, file=sys.stderr, flush=True)


class Step:
    """One step of a deploy: says its name when it begins to take long, its time when it ends."""

    LONG = 2.0

    def __init__(self, deploy, name):
        self.deploy, self.name, self.note = deploy, name, ""

    def __enter__(self):
        self.begun = time.monotonic()
        self.deploy.step = self.name
        # A signal and not a thread: the engine forks.
        signal.signal(signal.SIGALRM, lambda *_: say(f"  {self.name:<12}  ..."))
        signal.setitimer(signal.ITIMER_REAL, self.LONG)
        return self

    def __exit__(self, kind, error, trace):
        signal.setitimer(signal.ITIMER_REAL, 0)
        seconds = time.monotonic() - self.begun
        ended = "ok" if kind is None else "failed"
        self.deploy.steps.append({"step": self.name, "seconds": round(seconds, 3), "ended": ended})
        if kind is None:
            say(f"  {self.name:<12}{seconds:6.2f} s  {self.note}".rstrip())
