"""git, run as the account and within limits."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time

from in_home.home import Home
from in_home.report import LARGEST, Failure

# Seconds that a git command may take; fewer in a probe, because a person waits for that.
GIT_LIMIT, PROBE_GIT_LIMIT = 60, 20


def has_git() -> bool:
    return any(os.access(os.path.join(folder, "git"), os.X_OK) for folder in os.environ["PATH"].split(":"))


def git(home: Home, repository: str, *words: str, text: bytes = b"") -> bytes | None:
    """Return what git prints, run as the account and within limits of time and length; None if it fails.

    The account's own settings may make git run other programs. After git once took too long, it is not run again.
    """
    if home.git_failed:
        raise home.git_failed
    limit = PROBE_GIT_LIMIT if home.verb == "probe" else GIT_LIMIT
    # A file and not a pipe: if git did not read, writing to a pipe would block.
    with os.fdopen(os.memfd_create("greenpush"), "w+b") as given:
        given.write(text)
        given.seek(0)
        try:
            child = subprocess.Popen(
                ["git", *words],
                cwd="/",
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": home.account.home,
                    "LC_ALL": "C",
                    "GIT_DIR": f"{repository}/.git",
                },
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                user=home.account.user.pw_uid,
                group=home.account.user.pw_gid,
                extra_groups=home.account.groups,
                umask=0o022,
            )
        except FileNotFoundError:
            return None
    assert child.stdout is not None
    with child.stdout:
        try:
            read = read_to_end(child, limit)
        except subprocess.TimeoutExpired:
            what = f"git {next(filter(str.isalpha, words))} in {repository} did not end in {limit} s"
            home.git_failed = Failure(what, "Look at that repository, and at the account's own settings of git.")
            raise home.git_failed from None
    return None if child.returncode and len(read) < LARGEST else read


def read_to_end(child: subprocess.Popen[bytes], limit: float) -> bytes:
    """Return the first LARGEST bytes that a program prints; it has a session of its own. Raise TimeoutExpired."""
    assert child.stdout is not None
    deadline = time.monotonic() + limit
    read = b""
    try:
        while len(read) < LARGEST:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
                raise subprocess.TimeoutExpired(child.args, limit)
            part = os.read(child.stdout.fileno(), 65536)
            if not part:
                child.wait(max(0, deadline - time.monotonic()))
                return read
            read += part
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return read
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
