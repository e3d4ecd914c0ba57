"""Whether a site needs another release than the live one, though nobody pushes."""

from __future__ import annotations

from ..config import current_given
from ..host.git import branch_revision
from ..release.release import live_release
from ..venv.kept import outlived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config


def redeploy_wanted(config: Config) -> tuple[str, str] | None:
    """Return the revision that needs a new release, and why; None if the live release is right and runs.

    The branch may have been pushed before the stack named it. An upgrade can remove the Python of a virtualenv.
    """
    head, live = branch_revision(config.branch), live_release()
    if head and head != live.revision and current_given().is_whole():
        return head, f"{config.branch} is at {head[:7]}, which is not what is live"
    why = outlived(live.venv) if live else None
    return (live.revision, f"the virtualenv of release {live.number} does not run: {why}") if why else None
