"""The commands of a person."""

import os
import shlex
import sys
import time

from ..checks.health import check_health
from ..config import deploy_config
from ..console.logs import shortened, tail
from ..console.output import Step, say, tell
from ..database.migrations import read_left, sentences_of_left, shown
from ..errors import Refused
from ..host.files import remove_tree
from ..host.git import branch_revision
from ..paths import LOG, SLOTS
from ..pipeline.boot import Boot
from ..pipeline.deploy import Deploy
from ..pipeline.earlier_release import prepare_earlier
from ..pipeline.recovery import recover
from ..pipeline.redeploy import redeploy, redeploy_wanted
from ..pipeline.switch import move_branch, say_live, switch
from ..release.history import append_deploy, read_history, who
from ..release.lock import acquire_lock
from ..release.programs import kill_processes
from ..release.releases import (
    idle_slot,
    live_number,
    read_release,
    release_numbers,
    release_path,
    slot_of,
    write_release,
)
from ..runtime.connections import connected_to
from ..runtime.managers import lower_priority, manager_of, stop_and_wait
from ..venv.kept import outlived


def command_status(_):
    """What is live, and whether it runs."""
    config = deploy_config()
    live = live_number()
    if not live:
        tell(f"{config['site']}: no release yet. Push {config['branch']} to make the first.")
        tell_left()
        return
    about = read_release(live)
    slot = slot_of(live)
    running = bool(slot) and manager_of(config, live).running(slot)
    tell(f"{config['site']}: release {live}, {about['revision'][:7]} {shortened(about['subject'])!r}")
    tell(f"  since    {about['since']}")
    tell(f"  by       {about['by']}")
    tell(f"  process  {slot or 'none'}, {'running' if running else 'not running'}")
    tell(f"  url      {config['url']}")
    tell_left()
    why = outlived(about.get("venv", ""))
    if why:
        tell(f"  its virtualenv does not run: {why}. `www/deploy recover` makes it anew.")
    if not running or why:
        sys.exit(1)


def tell_left():
    """What a refused push has left in the databases."""
    for sentence in sentences_of_left(read_left()):
        tell(f"  left     {sentence}")


def command_releases(_):
    """The releases on disk, the newest first."""
    for number in reversed(release_numbers()):
        about = read_release(number)
        # One that is pruned meanwhile is nothing to go back to.
        if number and about:
            seconds = sum(step["seconds"] for step in about.get("steps", []))
            state = "given up" if about.get("given_up") else about["state"]
            tell(
                f"{number:>5}  {state:<9} {about['revision'][:7]}  {about['when'][:19]}  {seconds:5.1f} s  "
                f"{about['by']}  {shortened(about['author'])}: {shortened(about['subject'])}"
            )


def command_log(words):
    """The last deploys on record: when, what, how long, by whom, how it ended, its steps; with a number, its log."""
    if words:
        if not words[0].isdecimal():
            raise Refused("log", f"{words[0]} is no number of a release", advice="See `www/deploy releases`.")
        for kind in ("deploy", "gunicorn"):
            for line in tail(os.path.join(LOG, f"{kind}-{int(words[0])}.log"), 1000):
                tell(f"{kind}: {line}")
        return
    for entry in read_history(30):
        revision = (entry.get("revision") or "")[:7]
        tell(
            f"{entry['at'][:19]}  {entry.get('kind', ''):<9} {entry.get('release') or '-':>4}  {revision:<7} "
            f"{entry.get('seconds', 0):6.2f} s  {entry.get('by', '')}  {entry['ended']}  "
            f"{entry.get('reason', '')}".rstrip()
        )
        if entry.get("steps"):
            tell("    " + ", ".join(f"{step['step']} {step['seconds']:.2f} s" for step in entry["steps"]))
        for sentence in entry.get("left", []):
            tell(f"    {sentence}")


def command_rollback(words):
    """Boot an earlier release again, check it, switch to it and move the branch."""
    config = deploy_config()
    force = "--force" in words
    words = [word for word in words if word != "--force"]
    acquire_lock(config, f"a rollback by {who()}")
    recover(config)
    live = live_number()
    earlier = [number for number in release_numbers() if 0 < number < live and leads_back(number, live)]
    if words and not (words[0].isdecimal() and int(words[0]) in release_numbers() and int(words[0]) not in (0, live)):
        raise Refused("rollback", f"there is no release {words[0]} to go back to", advice="See `www/deploy releases`.")
    if not words and not earlier:
        raise Refused("rollback", "there is no earlier release", advice="See `www/deploy releases`.")
    number = int(words[0]) if words else earlier[-1]
    about = read_release(number)
    unknown = sorted(set(read_release(live).get("migrations", [])) - set(about.get("migrations", [])))
    if unknown and not force:
        raise Refused(
            "rollback",
            f"the database has migrations that release {number} doesn't know: {shown(unknown)}",
            advice="Undo them first, or say --force where the release works with them all the same.",
        )
    deploy = Deploy(config, "rollback", about["revision"], who())
    deploy.number = number
    lower_priority(config, number)
    slot = idle_slot()
    try:
        prepare_earlier(deploy, live)
        with Step(deploy, "boot") as step:
            step.note = Boot(deploy, slot).finish()
        with Step(deploy, "health") as step:
            step.note = check_health(deploy)
    except BaseException as error:
        reason = error.reason if isinstance(error, Refused) else str(error)
        append_deploy(deploy, "refused", reason)
        stop_and_wait(config, number, slot, also=lambda: kill_processes(number))
        remove_tree(os.path.join(SLOTS, slot))
        raise
    # On record before the first of the three: recover() does the other two.
    write_release(number, moves_branch=True)
    switch(config, number)
    move_branch(config, number)
    append_deploy(deploy, "live", f"rolled back from release {live}")
    say_live(config, number)
    recover(config)


def leads_back(number, live):
    """Whether a release is one to go back to where none is named: of another revision, and not given up."""
    about = read_release(number)
    return not about.get("given_up") and about.get("revision") != read_release(live).get("revision")


def command_restart(_):
    """Start what is live anew, as a release of its own: checked and switched to like a push."""
    config = deploy_config()
    acquire_lock(config, f"a restart by {who()}")
    recover(config)
    live = live_number()
    if not live:
        raise Refused("restart", "no release is live yet", advice=f"Push {config['branch']} to make the first.")
    redeploy(config, "restart", read_release(live)["revision"], f"release {live} anew")


def command_redeploy(words):
    """Deploy what the branch has, which may be live already; --fresh: with a virtualenv that pip makes anew."""
    fresh = words == ["--fresh"]
    if words and not fresh:
        raise Refused("redeploy", f"{' '.join(words)} means nothing", advice="Say `www/deploy redeploy [--fresh]`.")
    config = deploy_config()
    acquire_lock(config, f"a redeploy by {who()}")
    recover(config)
    head = branch_revision(config)
    if not head:
        raise Refused("redeploy", f"{config['branch']} was never pushed", advice=f"Push {config['branch']}.")
    redeploy(config, "redeploy", head, "with a fresh virtualenv" if fresh else "", fresh=fresh)


def command_recover(_):
    """Finish or undo what an interruption left, and make anew what does not run; a site at rest is not changed."""
    config = deploy_config()
    acquire_lock(config, f"a recovery by {who()}")
    recover(config)
    wanted = redeploy_wanted(config)
    if wanted:
        say(f"{config['site']}: {wanted[1]}")
        redeploy(config, "redeploy", *wanted)
    await_live(config)
    command_status(_)


def await_live(config):
    """Back when the live release takes connections, or its manager has none of it."""
    live = live_number()
    deadline = time.monotonic() + config["limits"]["boot"]
    while live and time.monotonic() < deadline:
        connection = connected_to(release_path(live, "var", "socket"))
        if connection:
            connection.close()
            return
        time.sleep(0.05)


def command_run(words):
    """Run a command in the live release with its environment, as `run python manage.py shell`."""
    live = live_number()
    if not words or not live:
        raise Refused("run", "no release is live yet" if words else "no command", advice="deploy run COMMAND...")
    os.chdir(release_path(live, "codebase"))
    line = f'set -a; . ../env; set +a; PATH="$PWD/../bin:$PATH" exec {" ".join(map(shlex.quote, words))}'
    os.execv("/bin/sh", ["/bin/sh", "-c", line])
