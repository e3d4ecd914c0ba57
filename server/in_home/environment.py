"""The live release's environment."""

from __future__ import annotations

import stat

from in_home.home import Home
from in_home.report import tell
from in_home.states import mode


def environment(home: Home, www: str) -> None:
    """Tell where var/env is not what the live release runs with, which the engine mends."""
    live = home.account.target_of(f"{www}/live")
    folder, _, number = live.partition("/")
    if folder != "releases" or not (number.isascii() and number.isdigit()):
        return
    try:
        about = home.account.content_of(f"{www}/{live}/release.json") or b""
        wanted = home.account.content_of(f"{www}/{live}/env")
    except OSError:
        return
    # Where `live` leads to a release that is not, gunicorn's component says so.
    if b'"state": "live"' not in about or wanted is None:
        return
    path = f"{www}/var/env"
    state = home.account.state_of(path)
    if state is None or not stat.S_ISREG(state.st_mode):
        tell("differs", f"{path}: the file is missing")
    elif home.account.content_of(path) != wanted:
        tell("differs", f"{path}: the content was changed")
    else:
        mode(home, path, "600")
