"""The repository that people push to: its settings, its branch, its files."""

from __future__ import annotations

import errno
import stat

from in_home.asides import set_aside
from in_home.git import git, has_git
from in_home.home import Home
from in_home.report import LARGEST, Failure, has_control, shortened, tell


def repository(home: Home, path: str) -> None:
    """Report a missing repository, and skip everything else of it."""
    about = home.account.state_of(f"{path}/.git") if home.verb == "probe" else None
    if home.verb == "probe" and (about is None or not stat.S_ISDIR(about.st_mode)):
        home.without += [path, f"{path}/"]
        tell("differs", f"{path}: the repository is missing")


def setting(home: Home, repository: str, key: str, value: str) -> None:
    found = setting_of(home, repository, key)
    if found is None or found == value:
        if home.verb == "apply":
            home.journal.inherit("setting", f"{repository}\t{key}")
        return
    if home.verb == "probe":
        tell("differs", f'git setting {key} in {repository} is "{shortened(found)}", wanted "{value}"')
        return
    home.journal.inherit("setting", f"{repository}\t{key}")
    if not any(line.startswith(f"setting\t{repository}\t{key}\t") for line in home.journal.lines("made.new")):
        # A value that does not fit into one line of the journal is not restored.
        before = "" if has_control(found) or len(found) > 1000 else found
        home.journal.own(f"setting\t{repository}\t{key}\t{before}", new=True)
    tell("note", f"sets {key} to {value} in {repository}")
    if git(home, repository, "config", "--replace-all", key, value) is None:
        raise Failure(f"git can't set {key} in {repository}", "Look at its .git/config, then run up again.")


def setting_of(home: Home, repository: str, key: str) -> str | None:
    """Return the value in the repository's own configuration, "" if it has none; None if git is not installed."""
    try:
        text = home.account.content_of(f"{repository}/.git/config")
    except FileNotFoundError:
        text = b""
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        text = None
    if text is None:
        raise Failure(f"{repository}/.git/config is no regular file of at most {LARGEST} bytes", "Look at it.")
    if not has_git():
        return None
    # git lists all settings of a file at once.
    if home.settings is None or home.settings[0] != text:
        listed = git(home, repository, "config", "--file", "-", "--list", "-z", text=text) or b""
        lines = [line.partition("\n") for line in listed.decode("utf-8", "replace").split("\0")]
        home.settings = (text, {name.lower(): value for name, _, value in lines})
    return home.settings[1].get(key.lower(), "")


def undo_setting(home: Home, repository: str, key: str, value: str = "") -> None:
    if home.account.state_of(f"{repository}/.git") is None:
        return
    words = ("--replace-all", key, value) if value else ("--unset-all", key)
    git(home, repository, "config", *words)


def head(home: Home, repository: str, branch: str) -> None:
    path = f"{repository}/.git/HEAD"
    try:
        found = (home.account.content_of(path) or b"").decode("utf-8", "replace").strip()
    except OSError:
        found = ""
    if found == f"ref: refs/heads/{branch}":
        return
    if home.verb == "probe":
        shown = found[5:] if found.startswith("ref: ") else found
        tell("differs", f'HEAD of {repository} is "{shortened(shown)}", wanted refs/heads/{branch}')
        return
    tell("note", f"sets HEAD to {branch}")
    about = home.account.state_of(path)
    if about is not None and not stat.S_ISREG(about.st_mode):
        set_aside(home, path)
    # Written without git, to which a folder without a valid HEAD is not a repository.
    home.account.write(path, f"ref: refs/heads/{branch}\n".encode(), 0o644)


def tree(home: Home, repository: str, branch: str) -> None:
    """Reset the tree to HEAD, as after a push. Files that git does not know stay."""
    path = f"{repository}/.git/HEAD"
    try:
        if home.account.content_of(path) != f"ref: refs/heads/{branch}\n".encode():
            return
    except OSError:
        return
    words = ("diff", "--name-only", "--ignore-submodules", "--no-ext-diff", "HEAD")
    place = ("--no-optional-locks", f"--work-tree={repository}", "-C", repository)
    found = git(home, repository, *place, *words)
    if found is None:
        # Without a push the branch has no commit to compare with.
        if git(home, repository, "rev-parse", "--verify", "--quiet", "HEAD") and home.verb == "probe":
            tell("differs", f"{repository}: git can't compare it with {branch}")
        return
    changed = shortened(found.decode("utf-8", "replace").split("\n")[0])
    if not changed:
        return
    if home.verb == "probe":
        tell("differs", f"{repository}: {changed} is not as in {branch}")
        return
    tell("note", f"brings the tree of {repository} back to {branch}")
    git(home, repository, *place[1:], "reset", "--quiet", "--hard")
