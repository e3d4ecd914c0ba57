"""An earlier release, made fit to be booted again."""

import os
import signal

from ..console.output import Step
from ..guest.greenpush_django.data import keep_again
from ..host.files import remove_tree, write_file
from ..paths import LOG, VAR
from ..release.programs import release_environment
from ..release.releases import read_release, release_path
from ..venv.kept import complete_venv, keep_venv, outlived
from ..venv.preflight import requirements_of
from .deploy import make_public


def prepare_earlier(deploy, live):
    """Give an earlier release what it lacks by now. Raises Refused where it can't have it.

    That is what an earlier version of the engine did not give it, data that releases share since, and a virtualenv that
    runs where the distribution was upgraded.
    """
    number = deploy.number
    if not os.path.isdir(release_path(number, "public")):
        make_public(number)
    keep_again(release_path(number, "codebase"), VAR, read_release(live).get("homes", {}))
    if outlived(read_release(number)["venv"]):
        renew_venv(deploy)


def renew_venv(deploy):
    number = deploy.number
    deploy.log = os.path.join(LOG, f"deploy-{number}.log")
    deploy.environment = release_environment(number)
    os.makedirs(release_path(number, "tmp"), exist_ok=True)
    # What deploy.sh has installed besides is not in the new one.
    runs_script = read_release(number).get("own_venv")
    try:
        with Step(deploy, "virtualenv") as step:
            step.note = deploy.provide_venv(requirements_of(deploy))
        if runs_script:
            # Its HUP goes to this process: see Deploy.make().
            signal.signal(signal.SIGHUP, lambda *_: None)
            write_file(release_path(number, "var", "pid"), f"{os.getpid()}\n", durable=False)
            with Step(deploy, "deploy.sh"):
                deploy.run_deploy_script()
        if deploy.made_venv:
            complete_venv(deploy.made_venv)
    except BaseException:
        if deploy.made_venv:
            keep_venv(deploy.made_venv)
        raise
    finally:
        remove_tree(release_path(number, "tmp"))
