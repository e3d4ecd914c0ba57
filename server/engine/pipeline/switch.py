"""The one switch, and what follows it."""

import fcntl
import os
import time

from ..console.logs import shortened, text_from
from ..console.output import say
from ..host.files import at_once, own, relink, write_file, write_whole
from ..host.git import git
from ..paths import LIVE, VAR
from ..release.programs import processes_of
from ..release.releases import live_number, read_release, release_numbers, release_path, write_release


def switch(config, number):
    """Make a prepared release the live one. Each line may be the last before a crash; all may run twice."""
    descriptor = own(os.path.join(VAR, "switch.lock"), os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        before = live_number()
        if before != number:
            relink(LIVE, os.path.join("releases", str(number)))
            if before:
                write_release(before, state="previous")
        write_release(number, state="live", since=time.strftime("%Y-%m-%dT%H:%M:%S%z"))
        copy_environment(number)
    finally:
        os.close(descriptor)


def copy_environment(number):
    """The seed's var/env is the one of the live release; an edit of it, which changes nothing, is put back."""
    with open(release_path(number, "env"), encoding="utf-8", opener=at_once) as file:
        text = file.read()
    copy = os.path.join(VAR, "env")
    if os.path.islink(copy) or not os.path.isfile(copy) or text_from(copy, 0) != text:
        write_file(copy, text, 0o600)


def move_branch(config, number):
    """After a rollback the branch stands where the site does, so that the next push starts from there.

    What came after is given up: the next rollback does not go back to it unless told.
    """
    revision = read_release(number)["revision"]
    git("update-ref", f"refs/heads/{config['branch']}", revision)
    git("reset", "--quiet", "--hard", revision)
    for later in release_numbers():
        if later > number:
            write_release(later, given_up=True)
    write_release(number, moves_branch=False, given_up=False)


def protect_from_oom(number):
    """The live version is no longer the first to go when memory runs out."""
    for pid in processes_of(number):
        try:
            write_whole(f"/proc/{pid}/oom_score_adj", "0")
        except OSError:
            continue


def say_live(config, number):
    about = read_release(number)
    name = f"{about['revision'][:7]} {shortened(about['subject'])!r}"
    say(f"Live: release {number}, {name}, since {about['since'][11:19]}. {config['url']}")
