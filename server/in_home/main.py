"""Run a verb on a description of a home."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from in_home.account import Account
from in_home.home import Home
from in_home.journal import Journal
from in_home.report import Failure, NotAFolder, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# The module of the function for each kind of line. Only what a description names is loaded: a preview waits for four of
# them a site.
MODULES = {
    "directory": "files",
    "file": "files",
    "link": "files",
    "gone": "files",
    "mode": "states",
    "owned": "trees",
    "shared": "trees",
    "keys": "keys",
    "setting": "repository",
    "repository": "repository",
    "head": "repository",
    "tree": "repository",
    "environment": "environment",
    "undo": "undo",
}


def function(name: str) -> Callable[..., None]:
    return getattr(import_module(f"in_home.{MODULES[name]}"), name)


def main(verb: str, user: str, path: str, record: str) -> int:
    os.umask(0o077)
    if verb == "undo" and not os.path.lexists(path):
        return 0
    home = Home(verb, Account(user, path.rstrip("/")), Journal(record))
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    lines = [line for line in text.split("\n") if line]
    # Before the first line is gone through: where a part of this is missing, nothing may have been done.
    names = {"undo"} if verb == "undo" else {line.split("\t")[0] for line in lines}
    does = {name: function(name) for name in names}
    told: set[str] = set()
    for line in lines:
        kind, *words = line.split("\t")
        if any(words[0] == one or (one.endswith("/") and words[0].startswith(one)) for one in home.without):
            continue
        try:
            if verb == "undo":
                does["undo"](home, kind, *words)
            else:
                does[kind](home, *words)
        except Failure as failure:
            if verb == "probe":
                if failure.what not in told:
                    tell("differs", failure.what)
                told.add(failure.what)
            else:
                tell("fail", failure.what, failure.next_step)
                return 1
        except NotAFolder as other:
            what = f"{other}: is a link or a file, wanted a directory"
            # A probe skips this: if the folder is described, its own line reports it.
            if verb == "apply":
                tell("fail", what, "Move it away, then run up again.")
                return 1
        except OSError as error:
            if verb == "probe":
                if not any(words[0].startswith(f"{shut}/") or words[0] == shut for shut in home.shut):
                    missing = isinstance(error, FileNotFoundError)
                    tell(
                        "differs",
                        f"{words[0]}: {'is missing' if missing else f'{user} can not read it ({error.strerror})'}",
                    )
            else:
                tell("fail", f"{words[0]}: {error.strerror}", "Look at it on the server, then run up again.")
                return 1
    return 0
