"""Make a release of a revision that the server has already, and switch to it."""

from __future__ import annotations

from ..host.git import branch_revision, git
from ..release.history import append_job, who
from .deploy import Deploy
from .recovery import recover
from .switch import say_live, switch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config import Config, Given


def redeploy(
    config: Config,
    kind: str,
    revision: str,
    reason: str = "",
    given: Given | None = None,
    fresh: bool = False,
    first: bool = False,
    stored: Callable[[], object] = lambda: None,
) -> None:
    """Make a release of a revision and switch to it. The caller holds the lock. Raise Refused if it can't serve.

    `fresh`: make a new virtualenv and a new build. `first`: run the commands of `first` again. `stored` is called when
    it is live.
    """
    deploy = Deploy(config, kind, revision, who(), given, fresh, first=first)
    deploy.make()
    switch(deploy.release)
    # The work tree of the repository follows its branch, where that has a revision.
    if branch_revision(config.branch):
        git("reset", "--quiet", "--hard")
    append_job(deploy, "live", reason)
    stored()
    say_live(config, deploy.release)
    recover(config)
