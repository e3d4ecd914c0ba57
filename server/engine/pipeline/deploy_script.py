"""The step deploy.sh: the application's own script, where the tree has one."""

from __future__ import annotations

import os

from ..console.output import Step
from ..errors import Refused
from ..host.pushed_file import interpreter
from .commands import check_record, run_shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..release.job import Job
    from ..release.release import Release


def deploy_command(release: Release) -> list[str]:
    """Return the words that run deploy.sh, none where the tree has none. Raise Refused where it can't be run."""
    script = os.path.join(release.codebase, "deploy.sh")
    if not os.path.lexists(script):
        return []
    if not os.path.exists(script):
        raise Refused("deploy.sh", "deploy.sh is a link to nothing", advice="Commit the file itself, or no deploy.sh.")
    return interpreter(script)


def run_deploy_script(job: Job) -> None:
    """Run the application's deploy.sh, if it has one, as a step. Raise Refused where it fails."""
    release = job.release
    command = deploy_command(release)
    if not command:
        return
    with Step(job, "deploy.sh"):
        run_shown(job, "deploy.sh", command, job.config.limits.deploy, job.environment, release.codebase)
    check_record(job, "deploy.sh")
