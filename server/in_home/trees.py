"""Owner and group of whole trees."""

from __future__ import annotations

import stat

from in_home.home import Home
from in_home.report import owner_name, tell


def owned(home: Home, path: str) -> None:
    """Give what root's commands left in a tree to the account, which can't replace it. A probe reports the first."""
    for each, about in home.account.walk(path):
        # git can replace a link or the like, whoever owns it.
        if about.st_uid == home.account.user.pw_uid or not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
            continue
        if home.verb == "probe":
            tell("differs", f"{each}: belongs to {owner_name(about.st_uid)}, wanted {home.account.user.pw_name}")
            return
        tell("note", f"gives {each} to {home.account.user.pw_name}")
        home.account.set_state(each, stat.S_IMODE(about.st_mode) & 0o1777, home.account.user.pw_gid)


def shared(home: Home, path: str, group: str) -> None:
    """Give a tree the group that nginx reads it by, unless it has that already, and let folders pass it on."""
    _, gid = home.account.wanted_state("2750", group)
    about = home.account.state_of(path)
    if home.verb == "probe" or about is None or (about.st_gid == gid and about.st_mode & stat.S_ISGID):
        return
    for each, found in home.account.walk(path):
        if found.st_uid == home.account.user.pw_uid and (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
            if stat.S_ISREG(found.st_mode) and found.st_nlink != 1:
                continue
            own = stat.S_IMODE(found.st_mode) | (stat.S_ISGID if stat.S_ISDIR(found.st_mode) else 0)
            home.account.set_state(each, own, gid)
