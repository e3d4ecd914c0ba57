"""Compare and set owner, group and mode."""

from __future__ import annotations

import errno
import os
import stat

from in_home.home import Home
from in_home.report import group_name, owner_name, tell


def check_state(home: Home, path: str, mode: str, group: str | None = None) -> None:
    about = home.account.state_of(path)
    bits, gid = home.account.wanted_state(mode, group)
    if about is None:
        return
    if stat.S_IMODE(about.st_mode) != bits:
        home.shut.append(path)
        tell("differs", f"{path}: mode is {stat.S_IMODE(about.st_mode):o}, wanted {bits:o}")
    if (about.st_uid, about.st_gid) != (home.account.user.pw_uid, gid):
        home.shut.append(path)
        found = f"{owner_name(about.st_uid)}:{group_name(about.st_gid)}"
        tell("differs", f"{path}: belongs to {found}, wanted {home.account.user.pw_name}:{group_name(gid)}")


def apply_state(home: Home, path: str, mode: str, group: str | None = None) -> None:
    about = home.account.state_of(path)
    if about is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    bits, gid = home.account.wanted_state(mode, group)
    found = f"{stat.S_IMODE(about.st_mode):o} {owner_name(about.st_uid)}:{group_name(about.st_gid)}"
    wanted = f"{bits:o} {home.account.user.pw_name}:{group_name(gid)}"
    home.journal.inherit("mode", path)
    if found == wanted:
        return
    # What an apply made has no earlier mode to go back to. Of several earlier modes, the first is kept.
    made = home.journal.lines("made.new")
    ours = any(f"{kind}\t{path}" in made for kind in ("directory", "file", "replaced"))
    if not ours and not any(line.startswith(f"mode\t{path}\t") for line in made):
        home.journal.own(f"mode\t{path}\t{found}", new=True)
    tell("note", f"{path}: mode and owner were {found}, now {wanted}")
    home.account.set_state(path, bits, gid)


def mode(home: Home, path: str, mode: str, group: str | None = None) -> None:
    if home.verb == "probe":
        check_state(home, path, mode, group)
    else:
        apply_state(home, path, mode, group)
