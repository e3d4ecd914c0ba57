"""The commands that only look: status, releases, log."""

from __future__ import annotations

import json
import sys

from ..checks.certificate import certificate_of_site
from ..config import deploy_config
from ..console.logs import shortened, tail
from ..console.output import tell
from ..database.migrations import read_left, sentences_of_left
from ..release.history import read_history
from ..release.maintenance import maintenance, told
from ..release.release import Release, live_release, releases
from ..release.slots import slot_of
from ..runtime.managers import manager_of
from ..venv.kept import outlived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..host.files import Json

# The most deploys, and lines of a log, to print.
DEPLOYS, LINES = 30, 1000


def tell_json(value: Any) -> None:
    """Print a value as one line of JSON, for another program."""
    tell(json.dumps(value, sort_keys=True))


def command_status(as_json: bool) -> None:
    """Print what is live, and whether it runs. End with exit status 1 if it does not."""
    status = status_of_site()
    if as_json:
        tell_json(status)
    else:
        tell_status(status)
    if status["release"] and (not status["running"] or status["outlived"]):
        sys.exit(1)


def status_of_site() -> Json:
    """Return what is live. `outlived`: why its virtualenv does not run, "" if it does. `left`: sentences.

    `maintenance`: since when the site is closed and by whom, None where it is open.
    """
    config, live = deploy_config(), live_release()
    slot = slot_of(live)
    return {
        "site": config.site,
        "branch": config.branch,
        "url": config.url,
        "certificate": certificate_of_site(),
        "release": live.number or None,
        "revision": live.revision,
        "subject": live.subject,
        "since": live.since,
        "by": live.by,
        "slot": slot.name if slot else None,
        "running": slot is not None and manager_of(config, live).running(slot),
        "left": sentences_of_left(read_left()),
        "maintenance": maintenance(),
        "outlived": (outlived(live.venv) or "") if live else "",
    }


def tell_status(status: Json) -> None:
    """Print it for a person."""
    if status["release"]:
        tell(
            f"{status['site']}: release {status['release']}, {status['revision'][:7]} {shortened(status['subject'])!r}"
        )
        tell(f"  since    {status['since']}")
        tell(f"  by       {status['by']}")
        tell(f"  process  {status['slot'] or 'none'}, {'running' if status['running'] else 'not running'}")
        tell(f"  url      {status['url']}")
    else:
        tell(f"{status['site']}: no release yet. Push {status['branch']} to make the first.")
    if status["maintenance"]:
        tell(f"  closed   {told(status['maintenance'])}")
    certificate: Json | None = status["certificate"]
    if certificate and certificate["expires"]:
        names = ", ".join(certificate["names"])
        tell(f"  https    {names}, until {certificate['expires']} ({certificate['days']} days)")
    troubles: list[str] = certificate["troubles"] if certificate else []
    for sentence in troubles:
        tell(f"  https    {sentence}")
    for sentence in status["left"]:
        tell(f"  left     {sentence}")
    if status["outlived"]:
        tell(f"  its virtualenv does not run: {status['outlived']}. `www/deploy recover` makes it anew.")


def command_releases(as_json: bool) -> None:
    """Print the releases on disk, the newest first."""
    # One that is pruned meanwhile is nothing to go back to.
    found = [about_release(release) for release in reversed(releases()) if release and release.state]
    if as_json:
        tell_json(found)
    else:
        for each in found:
            tell_release(each)


def tell_release(about: Json) -> None:
    """Print a release for a person."""
    tell(
        f"{about['release']:>5}  {about['state']:<9} {about['revision'][:7]}  {about['when'][:19]}  "
        f"{about['seconds']:5.1f} s  {about['by']}  {shortened(about['author'])}: {shortened(about['subject'])}"
    )


def about_release(release: Release) -> Json:
    """Return a release's facts for a person or another program."""
    return {
        "release": release.number,
        "state": "given up" if release.given_up else release.state.value if release.state else "",
        "revision": release.revision,
        "when": release.when,
        "seconds": round(sum(step["seconds"] for step in release.steps), 3),
        "by": release.by,
        "author": release.author,
        "subject": release.subject,
    }


def command_log(number: int | None, as_json: bool) -> None:
    """Print the last deploys of the history, or the logs of one release."""
    if number is not None:
        tell_logs(Release(number), as_json)
    elif as_json:
        tell_json(read_history(DEPLOYS))
    else:
        for entry in read_history(DEPLOYS):
            tell_entry(entry)


def tell_logs(release: Release, as_json: bool) -> None:
    """Print the last lines of a release's logs."""
    logs = {"deploy": tail(release.deploy_log, LINES), "gunicorn": tail(release.gunicorn_log, LINES)}
    if as_json:
        tell_json(logs)
        return
    for kind, lines in logs.items():
        for line in lines:
            tell(f"{kind}: {line}")


def tell_entry(entry: Json) -> None:
    """Print a deploy: when, what, how long, by whom, how it ended, its steps."""
    revision = (entry.get("revision") or "")[:7]
    tell(
        f"{entry['at'][:19]}  {entry.get('kind', ''):<9} {entry.get('release') or '-':>4}  {revision:<7} "
        f"{entry.get('seconds', 0):6.2f} s  {entry.get('by', '')}  {entry['ended']}  "
        f"{entry.get('reason', '')}".rstrip()
    )
    if entry.get("steps"):
        tell("    " + ", ".join(f"{step['step']} {step['seconds']:.2f} s" for step in entry["steps"]))
    for sentence in entry.get("left", []):
        tell(f"    {sentence}")
