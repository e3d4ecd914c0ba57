"""Prepare an earlier release to be booted again."""

from __future__ import annotations

import os
import signal

from ..checks.written import mark_complete
from ..console.output import Step
from ..guest.greenpush_django.data import keep_again
from ..host.files import remove_tree, write_file
from ..paths import VAR
from ..venv.dependencies import dependencies_of
from ..venv.kept import complete_venv, keep_venv, outlived
from .deploy import be_told, make_public, provide_venv_of
from .deploy_script import run_deploy_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Given
    from ..release.job import Job
    from ..release.release import Release


def prepare_earlier(job: Job, live: Release, given: Given) -> None:
    """Give an earlier release what it lacks today. Raise Refused if that is impossible.

    It may lack what an earlier version of the engine did not make, data that releases share since then, and a
    virtualenv that runs after an upgrade of the distribution.
    """
    release = job.release
    if not os.path.isdir(release.path("public")):
        make_public(release)
    keep_again(release.codebase, VAR, live.homes)
    if outlived(release.venv):
        renew_venv(job, given)


def renew_venv(job: Job, given: Given) -> None:
    """Give a release a virtualenv of the Python that the server has now."""
    release, made = job.release, ""
    os.makedirs(release.path("tmp"), exist_ok=True)
    # What deploy.sh has installed besides is not in the new one.
    runs_script = release.own_venv
    try:
        with Step(job, "virtualenv") as step:
            made, step.note = provide_venv_of(job, given, False, dependencies_of(job))
        if runs_script:
            # Its HUP goes to this process: see Deploy.make().
            signal.signal(signal.SIGHUP, be_told)
            write_file(release.path("var", "pid"), f"{os.getpid()}\n", durable=False)
            run_deploy_script(job)
            mark_complete(release)
        if made:
            complete_venv(made)
    except BaseException:
        if made:
            keep_venv(made)
        raise
    finally:
        remove_tree(release.path("tmp"))
