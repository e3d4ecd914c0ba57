"""The words of a person's commands, each with its help."""

from __future__ import annotations

import argparse
import sys

from ..console.logs import shortened
from ..console.output import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

# Digits that the number of a release can have.
DIGITS = 9


class ArgumentParser(argparse.ArgumentParser):
    """One whose messages a terminal shows and doesn't obey, whatever the words are."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong; end with exit status 2."""
        say(self.format_usage().strip())
        say(f"{self.prog}: {shortened(message)}")
        sys.exit(2)


def release_number(word: str) -> int:
    """Return a release's number. Raise ArgumentTypeError for what is none."""
    if not (word.isascii() and word.isdecimal() and len(word) <= DIGITS):
        raise argparse.ArgumentTypeError(f"{shortened(word, 50)} is no number of a release: see `deploy releases`")
    return int(word)


def parser_of_commands() -> ArgumentParser:
    """Return the parser of a person's commands."""
    about = "Look at a site, and work on what is live."
    parser = ArgumentParser(prog="deploy", description=about, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, about: str) -> ArgumentParser:
        return commands.add_parser(name, help=about, description=about, allow_abbrev=False)

    def add_json(to: ArgumentParser) -> None:
        to.add_argument("--json", dest="as_json", action="store_true", help="one line of JSON, for another program")

    add_json(add("status", "what is live, and whether it runs (exit status 1 where it does not)"))
    add_json(add("releases", "the releases on disk, the newest first"))
    log = add("log", "the last deploys, how long each step took and how it ended; or the logs of one release")
    log.add_argument("number", nargs="?", type=release_number, metavar="RELEASE", help="its number")
    add_json(log)
    rollback = add("rollback", "go back to an earlier release: boot it, check it, switch to it, move the branch")
    rollback.add_argument(
        "number",
        nargs="?",
        type=release_number,
        metavar="RELEASE",
        help="its number; else the last of another revision",
    )
    rollback.add_argument(
        "--force", action="store_true", help="also where the database has migrations that it doesn't know"
    )
    add("recover", "finish or undo what an interruption left, and make anew what does not run")
    add("restart", "start what is live anew, checked and switched to like a push")
    redeploy = add("redeploy", "deploy what the branch has, which may be live already")
    redeploy.add_argument("--fresh", action="store_true", help="with a virtualenv and a build that are made anew")
    redeploy.add_argument("--first", action="store_true", help="with the commands of `first`, which have run before")
    restore = add("restore", "put the copy of a database back in its place; without a name, list the copies")
    restore.add_argument("name", nargs="?", metavar="COPY", help="its name")
    maintenance = add("maintenance", "close the site for visitors, who get a page that says so; or open it again")
    maintenance.add_argument("wanted", choices=("on", "off"), help="on closes the site, off opens it")
    run = add("run", "run a command in the live release with its environment, as `run python manage.py shell`")
    run.add_argument("command_line", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    return parser


def parsed(words: list[str]) -> dict[str, Any]:
    """Return the arguments of a command by name. End with exit status 2 and a message where the words are wrong."""
    parser = parser_of_commands()
    # What `run` runs has options of its own.
    if words[:1] == ["run"] and words[1:2] not in (["-h"], ["--help"]):
        if not words[1:]:
            parser.error("run wants a command, as `deploy run python manage.py shell`")
        return {"command_line": words[1:]}
    arguments = vars(parser.parse_args(words))
    del arguments["command"]
    return arguments
