"""The words that the engine is called with, and what a person reads of one that is refused.

For a person: status, releases, log, rollback, recover, restart, redeploy, restore, run.
For sshd, which calls it for a key that has a role: shell.
For the hooks: prepare (pre-receive), switch (post-receive).
For Greenpush's own scripts: init, configure, look; pip for deploy.sh.
"""

import os
from importlib import import_module

from .console.logs import shortened
from .console.output import say, tell
from .errors import Refused
from .paths import LOG
from .release.releases import live_number, read_release

# What a release has is for the account and for nginx, which is of the folder's group; whatever the caller's is.
UMASK = 0o027

USAGE = (
    "usage: deploy status | releases | log [n] | rollback [n] [--force] | recover | restart | "
    "redeploy [--fresh] | restore [COPY] | run COMMAND..."
)

# The module of each command. Only what a command needs is loaded: visitors and the person who pushes wait for it.
MODULES = {
    "status": "operator",
    "releases": "operator",
    "log": "operator",
    "rollback": "operator",
    "recover": "operator",
    "restart": "operator",
    "restore": "restore",
    "redeploy": "operator",
    "run": "operator",
    "shell": "shell",
    "prepare": "prepare",
    "switch": "switch",
    "init": "provision",
    "configure": "provision",
    "look": "provision",
    "pip": "pip",
}


def command(word):
    return getattr(import_module(f".commands.{MODULES[word]}", __package__), f"command_{word}")


def main(words):
    os.umask(UMASK)
    if not words or words[0] not in MODULES:
        tell(USAGE)
        return 2
    try:
        # Of what comes over SSH, the words of the command that it turned out to be.
        asked = command(words[0])(words[1:])
        if asked:
            return main(asked)
    except Refused as refused:
        say()
        say(f"REFUSED at {refused.step}: {shortened(refused.reason, 500)}")
        for line in refused.lines:
            say(f"    {shortened(line)}")
        if refused.advice:
            say(refused.advice)
        for sentence in refused.left:
            say(sentence)
        say_what_serves("" if refused.left else "nothing was changed")
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        log = keep_traceback(error)
        say(f"FAILED at {words[0]}: {type(error).__name__}: {shortened(str(error))} (traceback on the server: {log})")
        for sentence in getattr(error, "left", []):
            say(sentence)
        say_what_serves("")
        return 1
    return 0


def say_what_serves(changed):
    live = live_number()
    if live:
        about = f"Release {live} ({read_release(live).get('revision', '')[:7]}) goes on serving"
        say(f"{about}; {changed}." if changed else f"{about}.")
    else:
        say("No release is live yet.")


def keep_traceback(error):
    """Put what nobody has foreseen where whoever mends it finds it: the deploy's log, else the engine's own."""
    import traceback

    from .host.files import own

    log = getattr(error, "log", None) or os.path.join(LOG, "engine.log")
    try:
        with open(log, "a", encoding="utf-8", errors="backslashreplace", opener=own) as file:
            file.writelines(traceback.format_exception(type(error), error, error.__traceback__))
    except OSError as unwritten:
        return f"not kept, {unwritten.strerror}"
    return log
