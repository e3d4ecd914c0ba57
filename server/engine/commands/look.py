"""The command that a probe calls: look.

A preview waits for it once for each site, so this loads nothing that makes a release.
"""

from __future__ import annotations

from ..config import deploy_config
from ..paths import LIVE, SLOTS
from ..pipeline.wanted import redeploy_wanted
from ..release.release import State, expected_live, live_release, releases
from ..release.slots import slot_of
from ..runtime.managers import manager_of


def command_look(_: list[str]) -> None:
    """Print a sentence for each difference of the live release from what the engine left. Change nothing."""
    config = deploy_config()
    live, right = live_release(), expected_live()
    if right is not None:
        found = f"links to release {live.number}" if live else "is missing"
        print(f"{LIVE}: {found}, wanted release {right.number}")
        return
    wanted = redeploy_wanted(config)
    if wanted and not is_under_way(wanted[0]):
        print(wanted[1])
    if not live:
        return
    slot = slot_of(live)
    if slot is None:
        print(f"{SLOTS}: no link to release {live.number}, which is live")
    elif not manager_of(config, live).running(slot):
        print(f"gunicorn of release {live.number}, which is live, does not run")
    if not live.has_program():
        print(f"{live.path('bin', 'gunicorn')}: is missing")


def is_under_way(revision: str) -> bool:
    """Tell whether a push has prepared a release of a revision that is about to go live."""
    return any(release.state is State.PREPARED and release.revision == revision for release in releases())
