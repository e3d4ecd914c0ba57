"""uv, which makes virtualenvs and installs into them."""

from __future__ import annotations

import os

from ..errors import Refused
from ..host.run import run
from ..paths import CACHE
from .pip_settings import uv_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..release.job import Job

# With pip's meaning: the best version of all indexes, and not that of the first which knows the package.
LIKE_PIP = ("--index-strategy", "unsafe-best-match")
# Variables that would change what Greenpush installs itself.
OF_THE_APPLICATION = (
    "UV_CONSTRAINT",
    "UV_BUILD_CONSTRAINT",
    "UV_FIND_LINKS",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
)


class Uv:
    """uv for a job: its own cache for the site, and pip's settings of the server and the stack.

    `fresh`: without the cache. Variables carry what may hold a password, because everybody may read an argument list.
    """

    __slots__ = ("job", "fresh", "environment", "flags")

    def __init__(self, job: Job, fresh: bool = False) -> None:
        self.job, self.fresh = job, fresh
        variables, self.flags = uv_settings(job.environment)
        self.environment = {
            **job.environment,
            **variables,
            "UV_CACHE_DIR": os.path.join(CACHE, "uv"),
            # Root installs Pythons: see python.py.
            "UV_PYTHON_DOWNLOADS": "never",
            # The certificates that the server trusts, as all else there goes by.
            "UV_SYSTEM_CERTS": "1",
            "UV_NO_PROGRESS": "1",
            "NO_COLOR": "1",
        }
        # The release's bin, which is not the virtualenv that uv is to change.
        del self.environment["VIRTUAL_ENV"]

    def run(self, words: Sequence[str], folder: str, without: Sequence[str] = ()) -> None:
        """Run uv in a folder, `without` some of its variables. Raise Refused where it fails."""
        job = self.job
        environment = {name: value for name, value in self.environment.items() if name not in without}
        cached = ["--no-cache"] if self.fresh else []
        command = [self.program(), *words, *cached]
        run("virtualenv", command, job.log, job.config.limits.virtualenv, environment, folder)

    def program(self) -> str:
        """Return the path of uv. Raise Refused where it is not there: nothing of the pushed tree is to blame."""
        path = os.path.join(self.job.config.tools, "uv")
        if not os.access(path, os.X_OK):
            advice = (
                "Run `npx pulumi up`, which brings it back; `npx pulumi preview` shows what else was changed by hand."
            )
            raise Refused("virtualenv", f"{path}, which makes virtualenvs, is missing or can't be run", advice=advice)
        return path

    def install(self, venv: str, words: Sequence[str], folder: str) -> None:
        """Install into a virtualenv, from indexes. Raise Refused where that fails."""
        python = os.path.join(venv, "bin", "python")
        self.run(["pip", "install", "--python", python, *LIKE_PIP, *self.flags, *words], folder)

    def install_own(self, venv: str, *packages: str) -> None:
        """Install what Greenpush brings itself, without an index."""
        wheels = os.path.join(self.job.config.tools, "wheels")
        python = os.path.join(venv, "bin", "python")
        own = ["--offline", "--no-config", "--no-index", "--find-links", wheels]
        # What the application's indexes and constraints say is of the application's packages.
        self.run(["pip", "install", "--python", python, *own, *packages], venv, without=OF_THE_APPLICATION)
