"""A job on a release: what its steps need, and what the history keeps of it."""

from __future__ import annotations

import os
import shlex
import time

from ..console.output import Steps
from ..host.files import at_once
from ..host.git import clean_environment
from .release import Release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config

# Marks every process of a release, so that recover finds what a killed deploy left running.
MARK = "GREENPUSH_RELEASE"


class Job(Steps):
    """A job on a release: its kind (push, rollback ...), revision, who began it and when."""

    def __init__(self, config: Config, release: Release, kind: str, revision: str, by: str) -> None:
        super().__init__()
        self.config, self.release, self.kind, self.revision, self.by = config, release, kind, revision, by
        self.begun = time.monotonic()
        # {path: status} of the live release, asked before migrations can break it too.
        self.before_migrating: dict[str, int | None] = {}
        self._environment: dict[str, str] | None = None

    @property
    def log(self) -> str:
        """Return the log of its steps."""
        return self.release.deploy_log

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of its programs: see release_environment()."""
        if self._environment is None:
            self._environment = release_environment(self.release)
        return self._environment

    def renew_environment(self) -> None:
        """Have the environment made again, because the release has other variables or more tools now."""
        self._environment = None


def variables_in(text: str) -> dict[str, str]:
    """Return the variables of a release's file `env`."""
    return dict(word.split("=", 1) for word in shlex.split(text))


def release_environment(release: Release) -> dict[str, str]:
    """Return the environment of a release's programs: its variables; its virtualenv and its tools first on PATH."""
    with open(release.path("env"), encoding="utf-8", opener=at_once) as file:
        variables = variables_in(file.read())
    return {
        **clean_environment(),
        **variables,
        "PATH": ":".join([release.path("bin"), *release.tools, os.environ.get("PATH", os.defpath)]),
        "VIRTUAL_ENV": release.path(),
        # So temporary files of a killed pip go with the release.
        "TMPDIR": release.path("tmp"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
    }
