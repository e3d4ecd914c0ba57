"""What the stack file wants of a site's certificate."""

from __future__ import annotations

import os

from . import paths
from .files import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"


class Wanted:
    """What a site's wanted.json says.

    `source` is "acme", "files" or "self-signed"; `names` are those of the certificate. `directory` is the URL of the
    authority, `email` the address of the account there. `hook` and `cleanup` are the commands that make and remove
    records of DNS, "" for a proof over HTTP. `user` is the site's account.
    """

    __slots__ = ("site", "source", "names", "directory", "email", "hook", "cleanup", "user")

    def __init__(self, site: str, said: dict[str, Any]) -> None:
        self.site = site
        self.source: str = said["source"]
        self.names: list[str] = said["names"]
        self.user: str = said["user"]
        acme = said.get("acme", {})
        directory: str = acme.get("directory", LETS_ENCRYPT)
        self.directory = STAGING if directory == "staging" else directory
        self.email: str = acme.get("email", "")
        dns = acme.get("dns", {})
        self.hook: str = dns.get("hook", "")
        self.cleanup: str = dns.get("cleanup", "")

    @property
    def folder(self) -> str:
        """Return the site's folder."""
        return os.path.join(paths.FOLDER, self.site)

    def path(self, name: str) -> str:
        """Return the path of a file in the site's folder."""
        return os.path.join(self.folder, name)


def wanted_of(site: str) -> Wanted | None:
    """Return what a site wants; None where it has no folder."""
    said = read_json(os.path.join(paths.FOLDER, site, "wanted.json"))
    return Wanted(site, said) if said else None


def sites() -> list[str]:
    """Return the sites that have a folder."""
    try:
        return sorted(os.listdir(paths.FOLDER))
    except FileNotFoundError:
        return []
