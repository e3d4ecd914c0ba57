"""The switch to a release, and what follows it."""

from __future__ import annotations

import fcntl
import os
import time

from ..console.logs import shortened, text_from
from ..console.output import say
from ..host.files import at_once, own, relink, write_file, write_whole
from ..host.git import git
from ..paths import LIVE, VAR
from ..release.maintenance import maintenance, told
from ..release.processes import processes_of
from ..release.release import State, live_release, releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..release.release import Release


def switch(release: Release) -> None:
    """Make a prepared release the live one. A crash may follow each line, and all lines may run twice."""
    descriptor = own(os.path.join(VAR, "switch.lock"), os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        before = live_release()
        if before != release:
            relink(LIVE, os.path.join("releases", str(release.number)))
            if before:
                before.save(state=State.PREVIOUS)
        release.save(state=State.LIVE, since=time.strftime("%Y-%m-%dT%H:%M:%S%z"))
        copy_environment(release)
    finally:
        os.close(descriptor)


def copy_environment(release: Release) -> None:
    """Copy the live release's environment to var/env. An edit there has no effect, and is overwritten."""
    with open(release.path("env"), encoding="utf-8", opener=at_once) as file:
        text = file.read()
    copy = os.path.join(VAR, "env")
    if os.path.islink(copy) or not os.path.isfile(copy) or text_from(copy, 0) != text:
        write_file(copy, text, 0o600)


def move_branch(config: Config, release: Release) -> None:
    """Move the branch to the revision of a rollback, so that the next push starts from there.

    Later releases are given up: a rollback without a number passes them over.
    """
    git("update-ref", f"refs/heads/{config.branch}", release.revision)
    git("reset", "--quiet", "--hard", release.revision)
    for later in releases():
        if later.number > release.number:
            later.save(given_up=True)
    release.save(moves_branch=False, given_up=False)


def protect_from_oom(release: Release) -> None:
    """Give the live release the usual oom_score_adj: it is no longer the first to end when memory runs out."""
    for pid in processes_of(release):
        try:
            write_whole(f"/proc/{pid}/oom_score_adj", "0")
        except OSError:
            continue


def say_live(config: Config, release: Release) -> None:
    """Print what is live, and whether visitors are let in."""
    name = f"{release.revision[:7]} {shortened(release.subject)!r}"
    say(f"Live: release {release.number}, {name}, since {release.since[11:19]}. {config.url}")
    closed = maintenance()
    if closed:
        say(f"{config.site} is {told(closed)}: visitors see this release after `deploy maintenance off`.")
