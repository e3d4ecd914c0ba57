"""The words that the engine is called with, and what a person reads of one that is refused.

For a person: status, releases, log, rollback, recover, run.
For the hooks: prepare (pre-receive), switch (post-receive).
For Greenpush's own scripts: init, configure, look; pip for deploy.sh.
"""

from importlib import import_module

from .logs import shortened
from .refused import Refused
from .releases import live_number, read_release
from .talk import say

# The module of each command. Only what a command needs is loaded: visitors and the person who pushes wait for it.
MODULES = {
    "status": "people",
    "releases": "people",
    "log": "people",
    "rollback": "people",
    "recover": "people",
    "run": "people",
    "prepare": "pre_receive",
    "switch": "post_receive",
    "init": "setup",
    "configure": "setup",
    "look": "setup",
    "pip": "pip",
}


def command(word):
    return getattr(import_module(f".{MODULES[word]}", __package__), f"command_{word}")


def main(words):
    if not words or words[0] not in MODULES:
        print("usage: deploy status | releases | log [n] | rollback [n] [--force] | recover | run COMMAND...")
        return 2
    try:
        command(words[0])(words[1:])
    except Refused as refused:
        say()
        say(f"REFUSED at {refused.step}: {refused.reason}")
        for line in refused.lines:
            say(f"    {shortened(line)}")
        if refused.advice:
            say(refused.advice)
        live = live_number()
        if live:
            say(f"Release {live} ({read_release(live)['revision'][:7]}) goes on serving; nothing was changed.")
        else:
            say("No release is live yet.")
        return 1
    except BrokenPipeError:
        return 1
    return 0
