"""The repository."""

import os
import subprocess

from .paths import REPOSITORY
from .refused import Refused

NO_REVISION = "0" * 40


def clean_environment():
    """The environment of this process less what git set for the hook."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def git(*words, hook=False, index=None):
    """What git prints. hook: within pre-receive, where only git's own variables reach the objects."""
    environment = dict(os.environ) if hook else clean_environment()
    if index:
        environment["GIT_INDEX_FILE"] = index
    command = ["git"] if hook else ["git", "-C", REPOSITORY]
    done = subprocess.run([*command, *words], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Refused("git", f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def branch_revision(config):
    """The revision the deploy branch is at, None while it has none."""
    ref = f"refs/heads/{config['branch']}"
    found = subprocess.run(
        ["git", "-C", REPOSITORY, "rev-parse", "--verify", "--quiet", ref],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    return found.stdout.strip() or None
