"""A release of a revision that is here already: made like that of a push, and switched to."""

from .config import current_config, is_whole
from .deploys import Deploy
from .git import branch_revision, git
from .kept_venvs import outlived
from .record import note_deploy, who
from .releases import live_number, read_release
from .settling import settle
from .switching import say_live, switch


def make_anew(config, kind, revision, reason="", site=None, fresh=False, stored=lambda: None):
    """Make a release of a revision and switch to it; the lock is the caller's. Raises Refused where it can't serve.

    `fresh`: with a virtualenv of its own making; `stored` is called when it is live.
    """
    deploy = Deploy(config, kind, revision, who(), site, fresh)
    number = deploy.make()
    switch(config, number)
    # The tree of the seed's repository follows its branch, where that has a revision.
    if branch_revision(config):
        git("reset", "--quiet", "--hard")
    note_deploy(deploy, "live", reason)
    stored()
    say_live(config, number)
    settle(config)


def wanted_anew(config):
    """The revision that has to be made a release again, and why; None where what is live is right and runs.

    The branch may have been pushed before the stack named it, and what a release is made of can go with an upgrade.
    """
    head, live = branch_revision(config), live_number()
    about = read_release(live)
    if head and head != about.get("revision") and is_whole(current_config()):
        return head, f"{config['branch']} is at {head[:7]}, which is not what is live"
    why = outlived(about.get("venv", "")) if live else None
    return (about["revision"], f"the virtualenv of release {live} does not run: {why}") if why else None
