"""A release of a revision that is here already: made like that of a push, and switched to."""

from ..config import current_config, is_whole
from ..host.git import branch_revision, git
from ..release.history import append_deploy, who
from ..release.releases import live_number, read_release
from ..venv.kept import outlived
from .deploy import Deploy
from .recovery import recover
from .switch import say_live, switch


def redeploy(config, kind, revision, reason="", site=None, fresh=False, stored=lambda: None):
    """Make a release of a revision and switch to it; the lock is the caller's. Raises Refused where it can't serve.

    `fresh`: with a virtualenv of its own making; `stored` is called when it is live.
    """
    deploy = Deploy(config, kind, revision, who(), site, fresh)
    number = deploy.make()
    switch(config, number)
    # The tree of the seed's repository follows its branch, where that has a revision.
    if branch_revision(config):
        git("reset", "--quiet", "--hard")
    append_deploy(deploy, "live", reason)
    stored()
    say_live(config, number)
    recover(config)


def redeploy_wanted(config):
    """The revision that has to be made a release again, and why; None where what is live is right and runs.

    The branch may have been pushed before the stack named it, and what a release is made of can go with an upgrade.
    """
    head, live = branch_revision(config), live_number()
    about = read_release(live)
    if head and head != about.get("revision") and is_whole(current_config()):
        return head, f"{config['branch']} is at {head[:7]}, which is not what is live"
    why = outlived(about.get("venv", "")) if live else None
    return (about["revision"], f"the virtualenv of release {live} does not run: {why}") if why else None
