"""The commands that Greenpush's scripts call as root's agent: init, configure."""

from __future__ import annotations

import json
import os
import sys
import time

from ..config import Given, current_given, deploy_config
from ..errors import Refused
from ..host.files import relink, write_file
from ..host.git import branch_revision
from ..paths import CONFIG, COPIES, LIVE, LOG, RELEASES, SLOTS, VAR, VENVS, WWW
from ..pipeline.recovery import recover
from ..pipeline.redeploy import redeploy
from ..release.environments import environment_differs, renew_environments, write_environment
from ..release.given_files import files_for, laid_files
from ..release.history import who
from ..release.job import Job
from ..release.lock import acquire_lock
from ..release.release import Release, State, expected_live, live_release
from ..venv.build import link_venv, provide_empty

# Seconds that root's script has to write a file.
STORED_WITHIN = 30


def command_init(_: list[str]) -> None:
    """Make release 0, which stands in before the first release: an empty virtualenv under www/bin and www/lib."""
    config = deploy_config()
    for path in (VAR, RELEASES, VENVS, SLOTS, COPIES, LOG, os.path.join(VAR, "media")):
        os.makedirs(path, exist_ok=True)
    acquire_lock(config, "the set-up")
    empty = Release(0)
    os.makedirs(empty.path("var"), exist_ok=True)
    write_environment(empty, Given({}, {}, {}))
    venv = provide_empty(Job(config, empty, "init", "", who()))
    empty.save(number=0, state=State.EMPTY, venv=venv)
    # While nginx finds this one, it answers with a page of its own.
    write_file(empty.path("nothing-pushed"), "")
    os.makedirs(empty.path("public"), exist_ok=True)
    link_venv(empty, venv)
    if not os.path.lexists(LIVE):
        relink(LIVE, os.path.join("releases", str((expected_live() or empty).number)))
    for name in ("bin", "lib", "pyvenv.cfg"):
        relink(os.path.join(WWW, name), os.path.join("live", name))
    for name in ("pid", "socket"):
        relink(os.path.join(VAR, name), os.path.join("..", "live", "var", name))


def command_configure(words: list[str]) -> None:
    """Read a new settings.json, secrets.json or gunicorn.json from stdin; make a release of it if one is live.

    Only root may write the file, and root's script does so when this prints `store`: when the new release serves. So a
    failed change changes nothing. The lock is held until then, so that no deploy sees one without the other.
    """
    (name,) = words
    text = sys.stdin.read()
    value = json.loads(text)
    config = deploy_config()
    acquire_lock(config, f"a change of {name} by {who()}")
    recover(config)
    wanted = current_given().but(name, value)
    live = live_release()
    head = branch_revision(config.branch)
    # Where the other parts are not there (yet, or any more), they are still to come.
    whole = all(os.path.exists(os.path.join(CONFIG, f"{part}.json")) for part in Given.PARTS if part != name)
    changed = live and whole and release_differs(live, wanted)
    if changed or (not live and head and name == "gunicorn"):
        # The branch's, where the stack names another one now.
        revision = head or live.revision
        redeploy(config, "configure", revision, given=wanted, stored=lambda: await_stored(name, text))
    else:
        await_stored(name, text)
        # Before, they may have been given what somebody had written there by hand.
        renew_environments()


def await_stored(name: str, text: str) -> None:
    """Have root store a part of the configuration; return when it is there."""
    print("store", flush=True)
    path = os.path.join(CONFIG, f"{name}.json")
    deadline = time.monotonic() + STORED_WITHIN
    while time.monotonic() < deadline:
        if stored_text(path) == text:
            return
        time.sleep(0.01)
    raise Refused("configure", f"{path} was not written", advice="Run `npx pulumi up` again.")


def stored_text(path: str) -> str | None:
    """Return what a file has, None where it is not there."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def release_differs(release: Release, wanted: Given) -> bool:
    """Tell whether a release runs with other variables, another gunicorn or other files than are wanted."""
    return (
        environment_differs(release, wanted)
        or release.gunicorn != wanted.gunicorn
        or files_for(release, wanted) != laid_files(release)
    )
