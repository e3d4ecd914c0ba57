"""The command restore: put the copy of a database back."""

from __future__ import annotations

import os
import time

from ..config import deploy_config
from ..console.output import say, tell
from ..database.copies import alias_of, copies, copy_name
from ..errors import Refused
from ..paths import COPIES
from ..pipeline.recovery import recover
from ..release.history import append_history, who
from ..release.lock import acquire_lock
from ..release.project import project_at_rest
from ..release.release import live_release


def command_restore(name: str | None) -> None:
    """Put the copy of a database back; without a name, list the copies."""
    if name is None:
        for each in copies():
            about = os.stat(os.path.join(COPIES, each))
            made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(about.st_mtime))
            tell(f"{each:<30} {made}  {about.st_size / 1_000_000:8.1f} MB")
        return
    if name not in copies():
        raise Refused("restore", f"there is no copy {name}", advice="`www/deploy restore` lists those that there are.")
    config = deploy_config()
    acquire_lock(config, f"a restore by {who()}")
    recover(config)
    live, alias = live_release(), alias_of(name)
    if not live:
        raise Refused("restore", "no release is live yet", advice=f"Push {config.branch} to make the first.")
    project = project_at_rest(config, live)
    before = copy_name(live, alias, time.strftime("%Y%m%d-%H%M%S"))
    project.ask("copy", alias, os.path.join(COPIES, before))
    say(f"What the database {alias} had is in the copy {before}.")
    project.ask("restore", alias, os.path.join(COPIES, name))
    append_history(
        {
            "release": live.number,
            "kind": "restore",
            "revision": live.revision,
            "by": who(),
            "ended": "restored",
            "reason": name,
        }
    )
    say(f"The database {alias} is what it was when {name} was copied.")
