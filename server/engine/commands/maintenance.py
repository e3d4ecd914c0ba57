"""The command maintenance: close the site for visitors, or open it again.

It takes no lock, because it touches no release: a push that runs for an hour must not keep the site open.
"""

from __future__ import annotations

import os
import time

from ..config import deploy_config
from ..console.output import say
from ..errors import Refused
from ..host.files import write_json
from ..release.history import append_history, who
from ..release.maintenance import FILE, KEPT, maintenance, told
from ..release.release import live_release


def command_maintenance(wanted: str) -> None:
    """Close the site (`on`), or open it again (`off`); say what it is."""
    site, closed = deploy_config().site, maintenance()
    if (closed is not None) == (wanted == "on"):
        say(f"{site} is {told(closed) if closed else 'not in maintenance'}: nothing was changed.")
        return
    if wanted == "on":
        if os.path.isdir(FILE):
            raise Refused("maintenance", f"{FILE} is a folder", advice="Move it away, then run this again.")
        write_json(FILE, {"since": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "by": who()})
        time.sleep(KEPT)
        say(f"{site} is in maintenance: visitors get a page that says so, until `deploy maintenance off`.")
    else:
        os.unlink(FILE)
        time.sleep(KEPT)
        say(f"{site} is open again.")
    live = live_release()
    append_history(
        {
            "release": live.number,
            "kind": "maintenance",
            "revision": live.revision,
            "by": who(),
            "ended": wanted,
        }
    )
