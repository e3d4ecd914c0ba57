"""Putting the copy of a database back."""

import os
import time

from ..config import deploy_config
from ..console.output import say, tell
from ..database.copies import alias_of, copies, copy_name
from ..database.migrations import asker
from ..errors import Refused
from ..paths import COPIES
from ..pipeline.recovery import recover
from ..release.django_commands import run_django
from ..release.history import append_history, who
from ..release.lock import acquire_lock
from ..release.releases import live_number, read_release


def command_restore(words):
    """Put the copy of a database back in its place; without a name, the copies that there are."""
    if not words:
        for name in copies():
            about = os.stat(os.path.join(COPIES, name))
            made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(about.st_mtime))
            tell(f"{name:<30} {made}  {about.st_size / 1_000_000:8.1f} MB")
        return
    (name, *_) = words
    if name not in copies():
        raise Refused("restore", f"there is no copy {name}", advice="`www/deploy restore` lists those that there are.")
    config = deploy_config()
    acquire_lock(config, f"a restore by {who()}")
    recover(config)
    live, alias = live_number(), alias_of(name)
    if not live:
        raise Refused("restore", "no release is live yet", advice=f"Push {config['branch']} to make the first.")
    deploy = asker(config, live)
    before = copy_name(live, alias, time.strftime("%Y%m%d-%H%M%S"))
    run_django(deploy, "copy", alias, os.path.join(COPIES, before))
    say(f"What the database {alias} had is in the copy {before}.")
    run_django(deploy, "restore", alias, os.path.join(COPIES, name))
    append_history(
        {
            "release": live,
            "kind": "restore",
            "revision": read_release(live)["revision"],
            "by": who(),
            "ended": "restored",
            "reason": name,
        }
    )
    say(f"The database {alias} is what it was when {name} was copied.")
