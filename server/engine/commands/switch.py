"""switch, as post-receive calls it: git has accepted the push.

It needs little of the engine, for visitors wait for it: the new version is up and the old one still answers.
"""

import time
from types import SimpleNamespace

from ..config import deploy_config
from ..host.git import branch_revision
from ..pipeline.switch import say_live, switch
from ..release.history import append_deploy
from ..release.releases import read_release, release_numbers
from ..runtime.managers import lower_priority


def command_switch(_):
    """The ref has moved; the release that pre-receive prepared goes live."""
    config = deploy_config()
    head = branch_revision(config)
    for number in reversed(release_numbers()):
        about = read_release(number)
        if about.get("state") == "prepared" and about["revision"] == head:
            # Its steps were pre-receive's, before git came in between.
            begun = time.monotonic() - sum(step["seconds"] for step in about["steps"])
            lower_priority(config, number)
            switch(config, number)
            append_deploy(SimpleNamespace(**about, begun=begun), "live")
            say_live(config, number)
            return
