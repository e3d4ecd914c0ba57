"""The command rollback: go back to an earlier release."""

from __future__ import annotations

from ..checks.health import check_health
from ..config import current_given, deploy_config
from ..console.output import Step
from ..database.migrations import shown
from ..errors import Refused
from ..pipeline.boot import Boot
from ..pipeline.earlier_release import prepare_earlier
from ..pipeline.recovery import recover
from ..pipeline.switch import move_branch, say_live, switch
from ..release.history import append_job, who
from ..release.job import Job
from ..release.lock import acquire_lock
from ..release.processes import kill_processes
from ..release.release import Release, live_release, releases
from ..release.slots import idle_slot
from ..runtime.managers import lower_priority, stop_and_wait


def command_rollback(number: int | None, force: bool) -> None:
    """Boot an earlier release again, check it, switch to it and move the branch."""
    config = deploy_config()
    acquire_lock(config, f"a rollback by {who()}")
    recover(config)
    live = live_release()
    release = release_to_go_back_to(live, number)
    unknown = sorted(set(live.migrations) - set(release.migrations))
    if unknown and not force:
        raise Refused(
            "rollback",
            f"the database has migrations that release {release.number} doesn't know: {shown(unknown)}",
            advice="Undo them first, or say --force where the release works with them all the same.",
        )
    job = Job(config, release, "rollback", release.revision, who())
    lower_priority(config, release)
    slot = idle_slot()
    try:
        prepare_earlier(job, live, current_given())
        with Step(job, "boot") as step:
            step.note = Boot(job, slot).finish()
        with Step(job, "health") as step:
            step.note = check_health(job)
    except BaseException as error:
        reason = error.reason if isinstance(error, Refused) else str(error)
        append_job(job, "refused", reason)
        stop_and_wait(config, release, slot, also=lambda: kill_processes(release))
        slot.clear()
        raise
    # On record before the first of the three: recover() does the other two.
    release.save(moves_branch=True)
    switch(release)
    move_branch(config, release)
    append_job(job, "live", f"rolled back from release {live.number}")
    say_live(config, release)
    recover(config)


def release_to_go_back_to(live: Release, number: int | None) -> Release:
    """Return the release of a number, or the one before. Raise Refused where there is none."""
    there = [release for release in releases() if release and release != live]
    if number is not None:
        if Release(number) not in there:
            why = f"there is no release {number} to go back to"
            raise Refused("rollback", why, advice="See `www/deploy releases`.")
        return Release(number)
    earlier = [release for release in there if release.number < live.number and leads_back(release, live)]
    if not earlier:
        raise Refused("rollback", "there is no earlier release", advice="See `www/deploy releases`.")
    return earlier[-1]


def leads_back(release: Release, live: Release) -> bool:
    """Tell whether a release is one to go back to where none is named: of another revision, and not given up."""
    return not release.given_up and release.revision != live.revision
