"""var/env, the copy of the live release's environment."""

from __future__ import annotations

import stat

from in_home.home import Home
from in_home.report import tell
from in_home.states import mode


def environment(home: Home, www: str) -> None:
    """Report if var/env is not the environment of the live release. The engine repairs it."""
    live = home.account.target_of(f"{www}/live")
    folder, _, number = live.partition("/")
    if folder != "releases" or not (number.isascii() and number.isdigit()):
        return
    try:
        about = home.account.content_of(f"{www}/{live}/release.json") or b""
        wanted = home.account.content_of(f"{www}/{live}/env")
    except OSError:
        return
    # If `live` leads to a release that is not live, gunicorn-process reports that.
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
