"""Folders, files and links that a description names."""

from __future__ import annotations

import contextlib
import os
import stat

from in_home.asides import is_ours, set_aside
from in_home.folders import remove
from in_home.home import Home
from in_home.report import first_difference, kind_of, tell
from in_home.states import apply_state, check_state


def directory(home: Home, path: str, mode: str, group: str | None = None) -> None:
    about = home.account.state_of(path)
    is_folder = about is not None and stat.S_ISDIR(about.st_mode)
    if home.verb == "probe":
        if not is_folder:
            home.without.append(f"{path}/")
        if about is None:
            tell("differs", f"{path}: the directory is missing")
        elif not is_folder:
            tell("differs", f"{path}: is {described(home, path, about)}, wanted a directory")
        else:
            check_state(home, path, mode, group)
        return
    if about is not None and not is_folder:
        set_aside(home, path)
    if is_folder:
        home.journal.own(f"directory\t{path}")
        apply_state(home, path, mode, group)
    else:
        home.journal.own(f"directory\t{path}", new=True)
        home.journal.inherit("mode", path)
        tell("note", f"makes {path}")
        with home.account.folder_of(path) as (folder, name), home.account.as_user():
            os.mkdir(name, 0o700, dir_fd=folder)
        home.account.set_state(path, *home.account.wanted_state(mode, group))
    home.journal.own(f"replaced\t{path}")


def file(home: Home, path: str, mode: str, source: str) -> None:
    about = home.account.state_of(path)
    is_file = about is not None and stat.S_ISREG(about.st_mode)
    with open(source, "rb") as file:
        wanted = file.read()
    if home.verb == "probe":
        if about is None:
            tell("differs", f"{path}: the file is missing")
        elif not is_file:
            tell("differs", f"{path}: is {described(home, path, about)}, wanted a file")
        else:
            check_state(home, path, mode)
            found = home.account.content_of(path)
            if found != wanted:
                tell("differs", f"{path}: {first_difference(found, wanted)}")
        return
    try:
        same = is_file and home.account.content_of(path) == wanted
    except PermissionError:
        # Somebody has given the file to root. A file of the account takes its place.
        same = False
    if about is None:
        if not home.journal.applied(f"replaced\t{path}") and not home.journal.made_now(f"replaced\t{path}"):
            home.journal.own(f"file\t{path}", new=True)
        home.journal.inherit("mode", path)
        tell("note", f"writes {path}")
    elif not same:
        if not is_file or not is_ours(home, path, "file"):
            set_aside(home, path)
        home.journal.inherit("mode", path)
        tell("note", f"changes {path}")
    home.journal.own(f"file\t{path}")
    if same:
        apply_state(home, path, mode)
    else:
        home.account.write(path, wanted, int(mode, 8))
    home.journal.own(f"replaced\t{path}")


def link(home: Home, path: str, target: str) -> None:
    about = home.account.state_of(path)
    found = home.account.target_of(path)
    is_link = about is not None and stat.S_ISLNK(about.st_mode)
    if home.verb == "probe":
        if about is None:
            tell("differs", f"{path}: the link to {target} is missing")
        elif not is_link:
            tell("differs", f"{path}: is {described(home, path, about)}, wanted a link to {target}")
        elif found != target:
            tell("differs", f"{path}: links to {found}, wanted {target}")
        return
    if about is not None and not is_link:
        set_aside(home, path)
    # Noted before the link: undo takes the last line first, so it deletes the link and then restores this.
    home.journal.own(f"replaced\t{path}")
    home.journal.own(f"link\t{path}", new=not is_link)
    if found != target:
        tell("note", f"links {path} to {target}")
        # In one rename, so that the link is never missing.
        with home.account.folder_of(path) as (folder, name), home.account.as_user():
            with contextlib.suppress(FileNotFoundError):
                remove(folder, f"{name}.greenpush")
            os.symlink(target, f"{name}.greenpush", dir_fd=folder)
            os.rename(f"{name}.greenpush", name, src_dir_fd=folder, dst_dir_fd=folder)


def described(home: Home, path: str, about: os.stat_result) -> str:
    return f"a link to {home.account.target_of(path)}" if stat.S_ISLNK(about.st_mode) else kind_of(about)


def gone(home: Home, path: str) -> None:
    if home.verb == "apply" and home.account.state_of(path) is not None:
        tell("note", f"removes {path}, which Greenpush does not need any more")
        home.account.remove_tree(path)
