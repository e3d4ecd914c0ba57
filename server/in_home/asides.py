"""Set aside what is in the place of ours, and put it back."""

from __future__ import annotations

import contextlib
import os
import stat
import time

from in_home.folders import exists, remove, unused
from in_home.home import Home
from in_home.report import tell

SET_ASIDE = ".before-greenpush"


def is_ours(home: Home, path: str, *kinds: str) -> bool:
    """Return whether an apply made what is at the path, as something new or in place of something kept."""
    return home.journal.applied(*(f"{kind}\t{path}" for kind in kinds)) or (
        # If nothing is kept yet, the apply was interrupted between the note and the change.
        home.journal.applied(f"replaced\t{path}")
        and (is_beside(home, path) or os.path.lexists(home.journal.kept(path)))
    )


def is_beside(home: Home, path: str) -> bool:
    with home.account.folder_of(path) as (folder, name):
        return exists(folder, f"{name}{SET_ASIDE}")


def set_aside(home: Home, path: str) -> None:
    """Move what is in the place of ours aside. `undo` puts back what was there before the first apply."""
    ours = is_ours(home, path, "file", "directory", "link")
    with home.account.folder_of(path) as (folder, name):
        if ours:
            to = unused(folder, f"{name}.aside-{time.strftime('%Y%m%d-%H%M%S')}")
            tell("note", f"moves what stands at {path} to {os.path.join(os.path.dirname(path), to)}")
        else:
            to = f"{name}{SET_ASIDE}"
            home.journal.own(f"replaced\t{path}", new=True)
        with home.account.as_user():
            if ours or not exists(folder, to):
                os.rename(name, to, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                remove(folder, name)


def put_back(home: Home, path: str) -> None:
    with home.account.folder_of(path) as (folder, name):
        kept = f"{name}{SET_ASIDE}"
        if exists(folder, kept):
            with contextlib.suppress(FileNotFoundError):
                remove(folder, name, {0, home.account.user.pw_uid})
            with home.account.as_user():
                os.rename(kept, name, src_dir_fd=folder, dst_dir_fd=folder)
            return
    kept = home.journal.kept(path)
    if os.path.isfile(kept) and not os.path.islink(kept):
        about = os.stat(kept)
        with open(kept, "rb") as file:
            home.account.write(path, file.read(), stat.S_IMODE(about.st_mode))
