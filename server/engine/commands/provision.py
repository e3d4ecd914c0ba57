"""The commands of Greenpush's scripts."""

import json
import os
import sys
import time

from ..config import current_config, deploy_config, environment_of, environment_text
from ..errors import Refused
from ..host.files import at_once, read_json, relink, write_file, write_json
from ..host.git import branch_revision
from ..paths import CONFIG, COPIES, LIVE, LOG, RELEASES, SLOTS, VAR, VENVS, WWW
from ..pipeline.recovery import recover
from ..pipeline.redeploy import redeploy, redeploy_wanted
from ..release.environments import OWN, renew_environments
from ..release.history import who
from ..release.lock import acquire_lock
from ..release.releases import (
    has_program,
    live_number,
    read_release,
    release_numbers,
    release_path,
    expected_live,
    slot_of,
)
from ..runtime.managers import manager_of
from ..venv.build import link_venv, provide_base

# Seconds that root's script gets to write a file.
STORED_WITHIN = 30


def command_init(_):
    """Lay out what stands in before the first release: an empty virtualenv under www/bin and www/lib."""
    config = deploy_config()
    for path in (VAR, RELEASES, VENVS, SLOTS, COPIES, LOG, os.path.join(VAR, "media")):
        os.makedirs(path, exist_ok=True)
    acquire_lock(config, "the set-up")
    base = provide_base(config["python"], os.path.join(LOG, "init.log"), config["limits"]["virtualenv"], 0)
    os.makedirs(release_path(0, "var"), exist_ok=True)
    write_json(release_path(0, "release.json"), {"number": 0, "state": "empty", "venv": base})
    # While nginx finds this one, it answers with a page of its own.
    write_file(release_path(0, "nothing-pushed"), "")
    link_venv(0, base)
    if not os.path.lexists(LIVE):
        relink(LIVE, os.path.join("releases", str(expected_live() or 0)))
    for name in ("bin", "lib", "pyvenv.cfg"):
        relink(os.path.join(WWW, name), os.path.join("live", name))
    for name in ("pid", "socket"):
        relink(os.path.join(VAR, name), os.path.join("..", "live", "var", name))


def command_configure(words):
    """Take a new settings.json, secrets.json or gunicorn.json from stdin: a release where one is live.

    Only root may write the file. It does so when told `store`, which is when the release that the file makes serves, so
    that a failed change changes nothing. The lock is held until then: no other deploy sees the one without the other.
    """
    (name,) = words
    text = sys.stdin.read()
    value = json.loads(text)
    config = deploy_config()
    acquire_lock(config, f"a change of {name} by {who()}")
    recover(config)
    wanted = {**current_config(), name: value}
    live = live_number()
    head = branch_revision(config)
    # Where the other parts are not there (yet, or any more), they are still to come.
    whole = all(os.path.exists(os.path.join(CONFIG, f"{part}.json")) for part in wanted if part != name)
    changed = live and whole and release_differs(live, wanted)
    if changed or (not live and head and name == "gunicorn"):
        # The branch's, where the stack names another one now.
        revision = head or read_release(live)["revision"]
        redeploy(config, "configure", revision, site=wanted, stored=lambda: await_stored(name, text))
    else:
        await_stored(name, text)
        # Before, they may have been given what somebody had written there by hand.
        renew_environments()


def await_stored(name, text):
    """Have root store a part of the configuration; back when it is there."""
    print("store", flush=True)
    path = os.path.join(CONFIG, f"{name}.json")
    deadline = time.monotonic() + STORED_WITHIN
    while time.monotonic() < deadline:
        if stored_text(path) == text:
            return
        time.sleep(0.01)
    raise Refused("configure", f"{path} was not written", advice="Run `npx pulumi up` again.")


def stored_text(path):
    """What a file has, None where it is not there."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def command_look(_):
    """Print a sentence for each thing of the live release that is not as the engine has left it. Changes nothing."""
    config = deploy_config()
    live, right = live_number(), expected_live()
    if right is not None:
        found = f"links to release {live}" if live else "is missing"
        print(f"{LIVE}: {found}, wanted release {right}")
        return
    wanted = redeploy_wanted(config)
    if wanted and not is_under_way(wanted[0]):
        print(wanted[1])
    if not live:
        return
    slot = slot_of(live)
    if slot is None:
        print(f"{SLOTS}: no link to release {live}, which is live")
    elif not manager_of(config, live).running(slot):
        print(f"gunicorn of release {live}, which is live, does not run")
    if not has_program(live):
        print(f"{release_path(live, 'bin', 'gunicorn')}: is missing")


def is_under_way(revision):
    """Whether a push has prepared a release of a revision, which is to go live at once."""
    about = (read_release(number) for number in release_numbers())
    return any(each.get("state") == "prepared" and each.get("revision") == revision for each in about)


def release_differs(number, wanted):
    """Whether a release runs with other variables or another gunicorn than are wanted."""
    variables = environment_of(wanted)
    with open(release_path(number, "env"), encoding="utf-8", opener=at_once) as file:
        lines = [line for line in file.read().splitlines(True) if line.split("=", 1)[0] not in OWN]
    text = environment_text({name: value for name, value in variables.items() if name not in OWN})
    return "".join(lines) != text or read_json(release_path(number, "gunicorn.json")) != wanted["gunicorn"]
