"""Putting the copy of a database back."""

import os
import time

from .config import deploy_config
from .copies import alias_of, copies, copy_name
from .lock import take_lock
from .management import run_django
from .migrations import asker
from .paths import COPIES
from .record import note_record, who
from .refused import Refused
from .releases import live_number, read_release
from .settling import settle
from .talk import say, tell


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
    take_lock(config, f"a restore by {who()}")
    settle(config)
    live, alias = live_number(), alias_of(name)
    if not live:
        raise Refused("restore", "no release is live yet", advice=f"Push {config['branch']} to make the first.")
    deploy = asker(config, live)
    before = copy_name(live, alias, time.strftime("%Y%m%d-%H%M%S"))
    run_django(deploy, "copy", alias, os.path.join(COPIES, before))
    say(f"What the database {alias} had is in the copy {before}.")
    run_django(deploy, "restore", alias, os.path.join(COPIES, name))
    note_record(
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
