"""Who may push: an authorized_keys file."""

from __future__ import annotations

import stat

from in_home.asides import set_aside
from in_home.files import described
from in_home.home import Home
from in_home.report import LARGEST, tell
from in_home.states import mode


def keys(home: Home, path: str, source: str) -> None:
    """Add keys to the file. Lines of others stay. Ours come first, because sshd uses the first line of a key."""
    with open(source, encoding="utf-8") as file:
        keys = [key for key in file.read().split("\n") if key]
    about = home.account.state_of(path)
    is_file = about is not None and stat.S_ISREG(about.st_mode)
    if home.verb == "probe" and about is not None and not is_file:
        tell("differs", f"{path}: is {described(home, path, about)}, wanted a file")
        return
    if is_file:
        # Before it is read, because the account may not be able to read it. It is noted first, so undo restores it
        # last.
        mode(home, path, "600")
    content = home.account.content_of(path) if is_file else b""
    if content is None:
        if home.verb == "probe":
            tell("differs", f"{path}: has more than {LARGEST} bytes")
            return
        set_aside(home, path)
        content = b""
    present = content.decode("utf-8", "surrogateescape").split("\n")
    new = [key for key in keys if key not in present]
    for key in new:
        name = key.split(" ")[-1]
        if home.verb == "probe":
            tell("differs", f"{path}: the key {name} is missing")
        else:
            tell("note", f"lets the key {name} push")
    if home.verb == "probe":
        return
    if about is not None and not is_file:
        set_aside(home, path)
    home.journal.own(f"file\t{path}", new=about is None)
    home.journal.own(f"replaced\t{path}")
    for key in keys:
        home.journal.own(f"key\t{path}\t{key}", new=key in new)
    if new or not is_file:
        others = [line for line in present if line and line not in keys]
        home.account.write(
            path, "".join(f"{line}\n" for line in [*keys, *others]).encode("utf-8", "surrogateescape"), 0o600
        )


def undo_key(home: Home, path: str, key: str) -> None:
    about = home.account.state_of(path)
    if about is None or not stat.S_ISREG(about.st_mode):
        return
    lines = (home.account.content_of(path) or b"").decode("utf-8", "surrogateescape").split("\n")
    if key in lines:
        others = "".join(f"{line}\n" for line in lines if line and line != key)
        home.account.write(path, others.encode("utf-8", "surrogateescape"), 0o600)
