"""The commands of the engine, and what a person reads when one fails.

For people: see commands/arguments.py.
For sshd, for a key that has a role: shell.
For the hooks: prepare (pre-receive), switch (post-receive).
For Greenpush's own scripts: init, configure, look; pip for deploy.sh.
"""

from __future__ import annotations

import os
from importlib import import_module

from .console.logs import shortened
from .console.output import say
from .errors import Refused, Unforeseen
from .paths import LOG
from .release.release import live_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Only the account and nginx, by the folder's group, may read a release, whatever the caller's umask is.
UMASK = 0o027

# The module of each command. Only what a command needs is loaded, because visitors and the pusher wait for it.
OF_PERSONS = {
    "status": "report",
    "releases": "report",
    "log": "report",
    "rollback": "rollback",
    "recover": "operator",
    "restart": "operator",
    "redeploy": "operator",
    "run": "operator",
    "restore": "restore",
    "maintenance": "maintenance",
}
OF_PROGRAMS = {
    "shell": "shell",
    "prepare": "prepare",
    "switch": "switch",
    "init": "provision",
    "configure": "provision",
    "look": "look",
    "pip": "pip",
}


def command(modules: dict[str, str], word: str) -> Callable[..., list[str] | None]:
    """Return the function of a command."""
    return getattr(import_module(f".commands.{modules[word]}", __package__), f"command_{word}")


def main(words: list[str]) -> int:
    """Run the command that the words name; return the exit status."""
    os.umask(UMASK)
    word = words[0] if words else ""
    try:
        if word in OF_PROGRAMS:
            # `shell` returns the words of the command that somebody asked for over SSH.
            asked = command(OF_PROGRAMS, word)(words[1:])
            return main(asked) if asked else 0
        # argparse takes some milliseconds to load, and no push should wait for that.
        from .commands.arguments import parsed

        arguments = parsed(words)
        command(OF_PERSONS, word)(**arguments)
    except Refused as refused:
        say_refused(refused)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        say_unforeseen(word, error)
        return 1
    return 0


def say_refused(refused: Refused) -> None:
    """Print the reason, the advice, and which release serves."""
    say()
    say(f"REFUSED at {refused.step}: {shortened(refused.reason, 500)}")
    for line in refused.lines:
        say(f"    {shortened(line)}")
    if refused.advice:
        say(refused.advice)
    for sentence in refused.left:
        say(sentence)
    say_what_serves("" if refused.left else "nothing was changed")


def say_unforeseen(word: str, error: Exception) -> None:
    """Print an unexpected error, and keep its traceback in a log."""
    cause = error.__cause__ if isinstance(error, Unforeseen) and error.__cause__ else error
    log = keep_traceback(cause, error.log if isinstance(error, Unforeseen) else os.path.join(LOG, "engine.log"))
    say(f"FAILED at {word}: {type(cause).__name__}: {shortened(str(cause))} (traceback on the server: {log})")
    for sentence in error.left if isinstance(error, Unforeseen) else ():
        say(sentence)
    say_what_serves("")


def say_what_serves(changed: str) -> None:
    """Print which release serves."""
    live = live_release()
    if live:
        about = f"Release {live.number} ({live.revision[:7]}) goes on serving"
        say(f"{about}; {changed}." if changed else f"{about}.")
    else:
        say("No release is live yet.")


def keep_traceback(error: BaseException, log: str) -> str:
    """Append an unexpected error to a log; return the log's path."""
    import traceback

    from .host.files import own

    try:
        with open(log, "a", encoding="utf-8", errors="backslashreplace", opener=own) as file:
            file.writelines(traceback.format_exception(type(error), error, error.__traceback__))
    except OSError as unwritten:
        return f"not kept, {unwritten.strerror}"
    return log
