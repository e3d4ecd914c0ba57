"""A certificate, as openssl reads it."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime, timezone

from .files import read_bytes

FORM = "%b %d %H:%M:%S %Y GMT"


class Certificate:
    """The first certificate of a PEM file.

    Its names, its times (Unix seconds), whether it is signed by its own key, the address of its OCSP responder or "".
    """

    __slots__ = ("names", "begins", "expires", "self_signed", "ocsp")

    def __init__(self, names: list[str], begins: float, expires: float, self_signed: bool, ocsp: str) -> None:
        self.names, self.begins, self.expires = names, begins, expires
        self.self_signed, self.ocsp = self_signed, ocsp

    @property
    def late(self) -> float:
        """Return when it should long have been renewed: certbot does it when a third of its time is left."""
        return self.expires - (self.expires - self.begins) / 4.5

    def covers(self, name: str) -> bool:
        """Tell whether it is good for a name; of a wildcard, for that wildcard."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


def certificate_in(path: str) -> Certificate | None:
    """Return the certificate of a file; None where there is none that openssl can read."""
    if not read_bytes(path):
        return None
    asked = [
        "x509",
        "-in",
        path,
        "-noout",
        "-dates",
        "-subject_hash",
        "-issuer_hash",
        "-ocsp_uri",
        "-ext",
        "subjectAltName",
    ]
    done = subprocess.run(["openssl", *asked], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    said = done.stdout
    hashes = re.findall(r"^[0-9a-f]{8}$", said, re.MULTILINE)
    ocsp = re.search(r"^https?://\S+$", said, re.MULTILINE)
    return Certificate(
        re.findall(r"(?:DNS|IP Address):([^,\s]+)", said),
        time_of("notBefore", said),
        time_of("notAfter", said),
        len(hashes) == 2 and hashes[0] == hashes[1],
        ocsp.group() if ocsp else "",
    )


def time_of(name: str, said: str) -> float:
    """Return a time that openssl has printed."""
    found = re.search(rf"^{name}=(.*)$", said, re.MULTILINE)
    return datetime.strptime(found[1], FORM).replace(tzinfo=timezone.utc).timestamp() if found else 0.0
