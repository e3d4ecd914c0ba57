"""What is known of a site's certificate: for the next run, for a preview, and for the engine's `status`."""

from __future__ import annotations

import os
import pwd

from . import paths
from .files import read_json, write_bytes, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .pem import Certificate
    from .wanted import Wanted


class State:
    """What certbot was asked.

    `missing` has the reason by each name that has no certificate; `away` are those that did not lead here. `failure` is
    why the last run got none, else "".
    `asked` is when certbot was last asked, in Unix seconds; `directory` the authority that the certificate is from.
    """

    __slots__ = ("missing", "away", "failure", "asked", "directory")

    def __init__(self, said: dict[str, Any]) -> None:
        self.missing: dict[str, str] = said.get("missing", {})
        self.away: list[str] = said.get("away", [])
        self.failure: str = said.get("failure", "")
        self.asked: float = said.get("asked", 0)
        self.directory: str = said.get("directory", "")

    def save(self, wanted: Wanted, certificate: Certificate | None) -> None:
        """Write it for the next run, and for the site's account without what is none of its business."""
        about = {
            "source": wanted.source,
            "names": certificate.names if certificate else [],
            "expires": certificate.expires if certificate else None,
            "late": certificate.late if certificate else None,
            "missing": self.missing,
            "failure": self.failure,
        }
        write_bytes(wanted.path("told"), self.told(certificate).encode())
        own = {"away": self.away, "asked": self.asked, "directory": self.directory}
        write_json(wanted.path("state.json"), {**about, **own})
        folder = os.path.join(paths.CONFIGURATIONS, wanted.site)
        if os.path.isdir(folder):
            write_json(os.path.join(folder, "certificate.json"), about, 0o640, group_of(wanted.user))

    def sentences(self, certificate: Certificate | None) -> list[str]:
        """Return what a person has to know."""
        said = [f"{name} has no certificate yet: {why}" for name, why in sorted(self.missing.items())]
        if self.failure and certificate and not self.missing:
            said.append(f"the certificate was not renewed: {self.failure}")
        return said

    def told(self, certificate: Certificate | None) -> str:
        """Return what a probe reads, for which Python would take too long.

        When the certificate is late, when it expires (Unix seconds, 0 without one), and what a person has to know.
        """
        times = (certificate.late, certificate.expires) if certificate else (0, 0)
        return "".join(f"{line}\n" for line in [*(int(each) for each in times), *self.sentences(certificate)])


def state_of(wanted: Wanted) -> State:
    """Return what is known."""
    return State(read_json(wanted.path("state.json")))


def group_of(user: str) -> int:
    """Return the number of an account's group; root's where the account is gone."""
    try:
        return pwd.getpwnam(user).pw_gid
    except KeyError:
        return 0
