"""Bringing a site to rest, from what the disk says."""

from __future__ import annotations

import os
import re
import time

from ..database.copies import prune_copies
from ..database.migrations import forget_asides, settle_left
from ..host.files import relink, remove_tree
from ..host.git import branch_revision, git
from ..host.headroom import has_ample_headroom
from ..host.priority import at_idle_priority
from ..paths import CACHE, LIVE, LOG, SUBMODULES, VENVS
from ..release.environments import renew_environments
from ..release.history import append_history
from ..release.release import State, expected_live, live_release, releases
from ..release.slots import BLUE, BLUE_GREEN, slot_of
from ..runtime.managers import manager_of
from ..venv.build import link_venv
from ..venv.kept import FOR_THE_NEXT, venv_complete, waits_for_next
from .boot import drain
from .deploy import discard_release
from .switch import copy_environment, move_branch, protect_from_oom, switch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..release.release import Release


def recover(config: Config) -> None:
    """Bring the site to rest, from what the disk says. The caller holds the lock.

    Switch to a pushed release that git accepted; remove a release that was not finished; empty the idle slot; prune
    what is old.
    """
    right = expected_live()
    if right is not None or not os.path.lexists(LIVE):
        relink(LIVE, os.path.join("releases", str(right.number if right else 0)))
    finish_releases(config)
    live = live_release()
    if live and live.state is not State.LIVE:
        switch(live)
    if live.moves_branch:
        move_branch(config, live)
    for slot in BLUE_GREEN:
        release = slot.release
        if release is not None and release != live:
            drain(config, slot)
            slot.clear()
    if live:
        keep_running(config, live)
    renew_environments()
    at_idle_priority(prune, config)


def finish_releases(config: Config) -> None:
    """Switch to a release that git has accepted, and take away those that were not finished."""
    head = branch_revision(config.branch)
    for release in releases():
        state = release.state or State.BUILDING
        if not release or release == live_release() or state is State.PREVIOUS:
            continue
        if state is State.LIVE:
            release.save(state=State.PREVIOUS)
            continue
        accepted = state is State.PREPARED and release.kind == "push" and release.revision == head
        about = {**release.about, "release": release.number}
        if accepted and release.number > live_release().number:
            git("reset", "--quiet", "--hard", release.revision)
            switch(release)
            append_history({**about, "ended": "live", "reason": "finished after an interruption"})
        else:
            left = discard_release(config, release)
            ended = {"ended": "interrupted", "reason": f"while {state.value}", **({"left": left} if left else {})}
            append_history({**about, **ended})


def keep_running(config: Config, live: Release) -> None:
    """Start the live release if it does not run, and restore what it needs."""
    protect_from_oom(live)
    manager = manager_of(config, live)
    slot = slot_of(live)
    if slot is None:
        # The slot's link was lost while its process runs.
        slot = next(filter(manager.running, BLUE_GREEN), BLUE)
        slot.take(live)
    if not live.has_program() and venv_complete(live.venv):
        link_venv(live, live.venv)
    copy_environment(live)
    if not manager.running(slot):
        manager.start(slot)
    settle_left(config)
    forget_asides(config, live)


def prune(config: Config) -> None:
    """Remove old releases, the virtualenvs and submodules none uses, the logs of what is gone."""
    found = [release for release in releases() if release]
    live = live_release()
    newest = {release.revision: release for release in found}

    def worth(release: Release) -> tuple[bool, bool, int]:
        # Given-up releases go first, then those whose revision a newer one has, so that some remain to roll back to.
        return not release.given_up, newest[release.revision] == release, release.number

    older = sorted((release for release in found if release != live), key=worth)
    for release in older[: max(0, len(older) - config.keep)]:
        remove_tree(release.path())
    kept = releases()
    used = {release.venv for release in kept}
    for name in os.listdir(VENVS):
        if name not in used and not waits_for_next(name):
            remove_tree(os.path.join(VENVS, name))
    if not has_ample_headroom():
        # Files that a virtualenv has too take no room.
        remove_tree(CACHE)
    prune_copies(config.keep)
    fetched = {commit for release in kept for commit in release.submodules}
    for name in os.listdir(SUBMODULES) if os.path.isdir(SUBMODULES) else ():
        path = os.path.join(SUBMODULES, name)
        if name not in fetched and time.time() - os.lstat(path).st_mtime > FOR_THE_NEXT:
            remove_tree(path)
    numbers = {release.number for release in kept}
    for name in os.listdir(LOG):
        log = re.fullmatch(r"(?:gunicorn|deploy)-(\d+)\.log", name)
        if log and int(log.group(1)) not in numbers and int(log.group(1)) < max(numbers) - config.keep:
            os.unlink(os.path.join(LOG, name))
