"""The commands that work on the live release: restart, redeploy, recover, run."""

from __future__ import annotations

import os
import shlex
import time

from ..config import deploy_config
from ..console.output import say
from ..errors import Refused
from ..host.git import branch_revision
from ..pipeline.recovery import recover
from ..pipeline.redeploy import redeploy
from ..pipeline.wanted import redeploy_wanted
from ..release.history import who
from ..release.lock import acquire_lock
from ..release.release import live_release
from ..runtime.connections import connected_to
from .report import command_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config


def command_restart() -> None:
    """Start what is live anew, as a release of its own: checked and switched to like a push."""
    config = deploy_config()
    acquire_lock(config, f"a restart by {who()}")
    recover(config)
    live = live_release()
    if not live:
        raise Refused("restart", "no release is live yet", advice=f"Push {config.branch} to make the first.")
    redeploy(config, "restart", live.revision, f"release {live.number} anew")


def command_redeploy(fresh: bool, first: bool) -> None:
    """Deploy what the branch has, which may be live already.

    `fresh`: with a virtualenv and a build that are made anew. `first`: with the commands of `first`, once more.
    """
    config = deploy_config()
    acquire_lock(config, f"a redeploy by {who()}")
    recover(config)
    head = branch_revision(config.branch)
    if not head:
        raise Refused("redeploy", f"{config.branch} was never pushed", advice=f"Push {config.branch}.")
    redeploy(config, "redeploy", head, "with a fresh virtualenv" if fresh else "", fresh=fresh, first=first)


def command_recover() -> None:
    """Finish or undo what an interruption left, and make anew what does not run; a site at rest is not changed."""
    config = deploy_config()
    acquire_lock(config, f"a recovery by {who()}")
    recover(config)
    wanted = redeploy_wanted(config)
    if wanted:
        say(f"{config.site}: {wanted[1]}")
        redeploy(config, "redeploy", *wanted)
    await_live(config)
    command_status(as_json=False)


def await_live(config: Config) -> None:
    """Wait until the live release accepts connections, at most limits.boot seconds."""
    live = live_release()
    deadline = time.monotonic() + config.limits.boot
    while live and time.monotonic() < deadline:
        connection = connected_to(live.path("var", "socket"))
        if connection:
            connection.close()
            return
        time.sleep(0.05)


def command_run(command_line: list[str]) -> None:
    """Run a command in the live release with its environment, as `run python manage.py shell`."""
    live = live_release()
    if not live:
        raise Refused("run", "no release is live yet", advice="Push to make the first.")
    env, programs = (shlex.quote(live.path(name)) for name in ("env", "bin"))
    os.chdir(live.project)
    line = f'set -a; . {env}; set +a; PATH={programs}:"$PATH" exec {" ".join(map(shlex.quote, command_line))}'
    os.execv("/bin/sh", ["/bin/sh", "-c", line])
