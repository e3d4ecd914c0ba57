"""Undo the journal, a line at a time."""

from __future__ import annotations

import contextlib
import grp
import os

from in_home.asides import put_back
from in_home.home import Home
from in_home.keys import undo_key
from in_home.report import NotAFolder
from in_home.repository import undo_setting


def undo(home: Home, kind: str, path: str, *rest: str) -> None:
    """Undo a line of the journal."""
    with contextlib.suppress(FileNotFoundError, NotAFolder, NotADirectoryError):
        if kind == "tree":
            home.account.remove_tree(path)
        elif kind == "key":
            undo_key(home, path, rest[0])
        elif kind == "setting":
            undo_setting(home, path, *rest)
        elif kind == "mode":
            mode, owner = rest[0].split(" ")
            undo_mode(home, path, mode, owner)
        elif kind == "replaced":
            put_back(home, path)
        else:
            with home.account.folder_of(path) as (folder, name), home.account.as_user(), contextlib.suppress(OSError):
                (os.rmdir if kind == "directory" else os.unlink)(name, dir_fd=folder)


def undo_mode(home: Home, path: str, mode: str, owner: str) -> None:
    user, group = owner.split(":")
    # Only if it belonged to the account before: nobody else gets something of this account.
    if user == home.account.user.pw_name and home.account.state_of(path) is not None:
        try:
            gid = grp.getgrnam(group).gr_gid
        except KeyError:
            gid = home.account.user.pw_gid
        home.account.set_state(path, int(mode, 8), gid if gid in home.account.groups else home.account.user.pw_gid)
