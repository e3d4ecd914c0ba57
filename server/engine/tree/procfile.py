"""The Procfile of a tree: how Heroku, Dokku and the like start the application."""

from __future__ import annotations

import os
import re
import shlex

from ..host.pushed_file import read_pushed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINE = re.compile(r"([A-Za-z0-9_-]+)[ \t]*:[ \t]*(\S.*)")
# The programs whose lines name a module, and whether that is one of ASGI; gunicorn's worker tells it.
SERVERS = {"gunicorn": False, "uvicorn": True, "daphne": True, "hypercorn": True}
# What ends a command of a shell.
ENDS = {"&&", "||", ";", "|", "&"}
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})")
# Options of these programs that take no value.
SWITCHES = {
    *("check-config", "print-config", "spew", "preload", "reload", "daemon", "no-sendfile", "sendfile"),
    *("enable-stdio-inheritance", "capture-output", "initgroups", "proxy-protocol", "reuse-port", "log-syslog"),
    *("disable-redirect-access-to-syslog", "do-handshake-on-connect", "suppress-ragged-eofs"),
    *("strip-header-spaces", "permit-obsolete-folding", "no-control-socket", "paste-reload", "factory"),
    *("proxy-headers", "no-proxy-headers", "no-access-log", "access-log", "no-server-header", "no-date-header"),
    *("use-colors", "no-use-colors", "help", "version"),
}
SHORT = {
    **{"b": "bind", "w": "workers", "k": "worker-class", "c": "config", "t": "timeout", "u": "user", "g": "group"},
    **{"m": "umask", "n": "name", "p": "pid", "e": "env", "D": "daemon", "R": "enable-stdio-inheritance"},
}
# Options by which a release is started, found and ended, and those of other ways to be reached than by nginx.
OWN = {
    *("bind", "chdir", "daemon", "pid", "reload", "reload-engine", "reload-extra-file", "user", "group", "initgroups"),
    *("control-socket", "no-control-socket", "certfile", "keyfile", "check-config", "print-config", "help", "version"),
    *("reuse-port", "proxy-protocol"),
}


def procfile(tree: str) -> dict[str, str]:
    """Return the commands of a folder's Procfile by their names; none where there is no Procfile."""
    try:
        text = read_pushed("layout", os.path.join(tree, "Procfile")).decode(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    found = [LINE.fullmatch(line.strip()) for line in text.splitlines()]
    return {each[1]: each[2] for each in found if each}


class Web:
    """What a web command says: the module with the application, whether it is one of ASGI, gunicorn's options."""

    __slots__ = ("module", "is_asgi", "options")

    def __init__(self, module: str, is_asgi: bool, options: Sequence[tuple[str, str | None]]) -> None:
        self.module, self.is_asgi, self.options = module, is_asgi, options

    def words(self) -> list[str]:
        """Return the options as words of gunicorn's command line."""
        return [f"--{name}" if value is None else f"--{name}={value}" for name, value in self.options]


def web_of(command: str, variables: Mapping[str, str]) -> Web | None:
    """Return what a web command says, None where it starts none of the known servers.

    Options of gunicorn that name an unknown variable, and those that Greenpush sets itself, are left out.
    """
    program, words = server_in(command)
    if not program:
        return None
    module, given = parsed(words)
    is_asgi = SERVERS[program]
    options: list[tuple[str, str | None]] = []
    for name, value in given:
        # Of the other programs' options only this one means the same to gunicorn.
        if name in OWN or (is_asgi and name != "workers"):
            continue
        known = None if value is None else expanded(value, variables)
        if value is None or known is not None:
            options.append((name, known))
    worker = next((value for name, value in options if name == "worker-class" and value), "")
    return Web(module, is_asgi or of_asgi(worker, module), options)


def of_asgi(worker: str, module: str = "") -> bool:
    """Tell whether an application is one of ASGI, by gunicorn's worker class or by the name of its module."""
    return "asgi" in worker or "uvicorn" in worker or module.partition(":")[0].endswith("asgi")


def server_in(command: str) -> tuple[str, Sequence[str]]:
    """Return the server that a command starts, and its words; "" for none. Whatever stands before it is passed over."""
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars="&|;")
        # So that ${NAME:-value}, * and the like stay in their words.
        lexer.whitespace_split, lexer.commenters = True, ""
        words = list(lexer)
    except ValueError:
        return "", []
    for at, word in enumerate(words):
        program = os.path.basename(word)
        if program in SERVERS:
            rest = words[at + 1 :]
            end = next((index for index, each in enumerate(rest) if each in ENDS), len(rest))
            return program, rest[:end]
    return "", []


def parsed(words: Sequence[str]) -> tuple[str, list[tuple[str, str | None]]]:
    """Return the module that a server's words name, "" for none, and its options: [(long name, value)]."""
    module, options, left = "", list[tuple[str, "str | None"]](), list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("-") or word == "-":
            module = module or word
            continue
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
        else:
            name, value = SHORT.get(word[1], word[1]), word[2:].lstrip("=")
            equals = value
        if name in SWITCHES:
            options.append((name, None))
        elif equals:
            options.append((name, value))
        elif left:
            options.append((name, left.pop(0)))
    return module, options


def expanded(value: str, variables: Mapping[str, str]) -> str | None:
    """Return a value with its variables filled in as a shell does, None where one is not known."""
    known = True

    def filled(match: re.Match[str]) -> str:
        nonlocal known
        otherwise: str | None = match[3]
        found = variables.get(match[1] or match[2], otherwise)
        known = known and found is not None
        return found or ""

    text = VARIABLE.sub(filled, value)
    return text if known and "$" not in text and "`" not in text else None
