"""Bringing a site to rest, from what the disk says."""

import os
import re
import time

from ..database.copies import prune_copies
from ..database.migrations import forget_asides, settle_left
from ..host.files import relink, remove_tree
from ..host.git import branch_revision, git
from ..host.priority import at_idle_priority
from ..paths import LIVE, LOG, SLOTS, SUBMODULES, VENVS
from ..release.environments import renew_environments
from ..release.history import append_history
from ..release.releases import (
    BLUE_GREEN,
    has_program,
    live_number,
    number_of,
    read_release,
    release_numbers,
    release_path,
    expected_live,
    slot_of,
    write_release,
)
from ..runtime.managers import manager_of
from ..venv.build import base_venv, link_venv
from ..venv.kept import FOR_THE_NEXT, venv_complete, waits_for_next
from .boot import drain
from .deploy import discard_release
from .switch import copy_environment, move_branch, protect_from_oom, switch


def recover(config):
    """Bring the site to rest, from what the disk says. The lock is held by the caller.

    A pushed release that git accepted is switched to; a release that was not finished is removed; the
    slot that is not live is emptied; what is old is pruned.
    """
    right = expected_live()
    if right is not None or not os.path.lexists(LIVE):
        relink(LIVE, os.path.join("releases", str(right or 0)))
    head = branch_revision(config)
    for number in release_numbers():
        about = read_release(number)
        state = about.get("state", "building")
        if number == 0 or number == live_number() or state == "previous":
            continue
        if state == "live":
            write_release(number, state="previous")
            continue
        accepted = state == "prepared" and about["kind"] == "push" and about["revision"] == head
        if accepted and number > live_number():
            git("reset", "--quiet", "--hard", head)
            switch(config, number)
            append_history({**about, "release": number, "ended": "live", "reason": "finished after an interruption"})
        else:
            left = discard_release(config, number)
            ended = {"ended": "interrupted", "reason": f"while {state}", **({"left": left} if left else {})}
            append_history({**about, "release": number, **ended})
    live = live_number()
    if live and read_release(live).get("state") != "live":
        switch(config, live)
    if read_release(live).get("moves_branch"):
        move_branch(config, live)
    for slot in BLUE_GREEN:
        number = number_of(os.path.join(SLOTS, slot))
        if number is not None and number != live:
            drain(config, slot)
            os.unlink(os.path.join(SLOTS, slot))
    if live:
        protect_from_oom(live)
        manager = manager_of(config, live)
        slot = slot_of(live)
        if slot is None:
            # A link that was lost while its process runs.
            slot = next(filter(manager.running, BLUE_GREEN), "blue")
            relink(os.path.join(SLOTS, slot), os.path.join("..", "releases", str(live)))
        if not has_program(live) and venv_complete(read_release(live)["venv"]):
            link_venv(live, read_release(live)["venv"])
        copy_environment(live)
        if not manager.running(slot):
            manager.start(slot)
        settle_left(config)
        forget_asides(config, live)
    renew_environments()
    at_idle_priority(prune, config)


def prune(config):
    """Remove old releases, the virtualenvs and submodules none uses, the logs of what is gone."""
    numbers = [number for number in release_numbers() if number]
    live = live_number()
    newest = {read_release(number).get("revision"): number for number in numbers}

    def worth(number):
        # What was rolled back from goes first, then what a newer one has too, so that some to roll back to stay.
        about = read_release(number)
        return not about.get("given_up"), newest[about.get("revision")] == number, number

    older = sorted((number for number in numbers if number != live), key=worth)
    for number in older[: max(0, len(older) - config["keep"])]:
        remove_tree(release_path(number))
    kept = set(release_numbers())
    used = {base_venv(config["python"]), *(read_release(number).get("venv") for number in kept)}
    for name in os.listdir(VENVS):
        if name not in used and not waits_for_next(name):
            remove_tree(os.path.join(VENVS, name))
    prune_copies(config["keep"])
    fetched = {commit for number in kept for commit in read_release(number).get("submodules", [])}
    for name in os.listdir(SUBMODULES) if os.path.isdir(SUBMODULES) else ():
        path = os.path.join(SUBMODULES, name)
        if name not in fetched and time.time() - os.lstat(path).st_mtime > FOR_THE_NEXT:
            remove_tree(path)
    for name in os.listdir(LOG):
        found = re.fullmatch(r"(?:gunicorn|deploy)-(\d+)\.log", name)
        if found and int(found.group(1)) not in kept and int(found.group(1)) < max(kept) - config["keep"]:
            os.unlink(os.path.join(LOG, name))
