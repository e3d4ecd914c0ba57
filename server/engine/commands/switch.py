"""switch, as post-receive calls it: git has accepted the push.

It loads little of the engine, because the pusher waits for it. The new release is up, and the old one still answers.
"""

from __future__ import annotations

from ..config import deploy_config
from ..host.git import branch_revision
from ..pipeline.switch import say_live, switch
from ..release.history import append_job
from ..release.job import Job
from ..release.release import State, releases
from ..runtime.managers import lower_priority


def command_switch(_: list[str]) -> None:
    """Switch to the release that pre-receive prepared, now that git has moved the branch."""
    config = deploy_config()
    head = branch_revision(config.branch)
    for release in reversed(releases()):
        if release.state is State.PREPARED and release.revision == head:
            job = Job(config, release, release.kind, release.revision, release.by)
            # pre-receive, another process, did its steps.
            job.steps = release.steps
            job.begun -= sum(step["seconds"] for step in job.steps)
            lower_priority(config, release)
            switch(release)
            append_job(job, "live")
            say_live(config, release)
            return
