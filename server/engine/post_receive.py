"""switch, as post-receive calls it: git has accepted the push.

It needs little of the engine, for visitors wait for it: the new version is up and the old one still answers.
"""

import time

from .config import deploy_config
from .git import branch_revision
from .record import note_record
from .releases import read_release, release_numbers
from .switching import say_live, switch


def command_switch(_):
    """The ref has moved; the release that pre-receive prepared goes live."""
    config = deploy_config()
    head = branch_revision(config)
    for number in reversed(release_numbers()):
        about = read_release(number)
        if about.get("state") == "prepared" and about["revision"] == head:
            begun = time.monotonic()
            switch(config, number)
            steps = about["steps"]
            seconds = sum(step["seconds"] for step in steps) + time.monotonic() - begun
            shown = {name: about[name] for name in ("kind", "revision", "by")}
            note_record({**shown, "release": number, "steps": steps, "seconds": round(seconds, 3), "ended": "live"})
            say_live(config, number)
            return
