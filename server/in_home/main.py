"""A description of a home, by a verb."""

from __future__ import annotations

import os
import sys

from in_home.account import Account
from in_home.environment import environment
from in_home.files import directory, file, gone, link
from in_home.home import Home
from in_home.journal import Journal
from in_home.keys import keys
from in_home.report import Failure, NotAFolder, tell
from in_home.repository import head, repository, setting, tree
from in_home.states import mode
from in_home.trees import owned, shared
from in_home.undo import undo

KINDS = {
    kind.__name__: kind
    for kind in (directory, file, link, mode, owned, shared, keys, setting, repository, head, tree, environment, gone)
}


def main(verb: str, user: str, path: str, record: str) -> int:
    os.umask(0o077)
    if verb == "undo" and not os.path.lexists(path):
        return 0
    home = Home(verb, Account(user, path.rstrip("/")), Journal(record))
    lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    told: set[str] = set()
    for line in filter(None, lines):
        kind, *words = line.split("\t")
        if any(words[0] == one or (one.endswith("/") and words[0].startswith(one)) for one in home.without):
            continue
        try:
            if verb == "undo":
                undo(home, kind, *words)
            else:
                KINDS[kind](home, *words)
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
            # Its own description has said so, where it has one.
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
