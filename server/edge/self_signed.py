"""A certificate that the server signs itself, for test servers and behind proxies that don't ask who signed."""

from __future__ import annotations

import os
import subprocess
import tempfile

from .files import read_bytes
from .pem import certificate_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .wanted import Wanted

DAYS = 3650
# A name for people: a longer one than 64 characters is not allowed there, and nobody compares it.
SUBJECT = "/CN=Greenpush, self-signed"


def self_signed(wanted: Wanted) -> bytes:
    """Return a key and a certificate for the names, those that are there where they fit."""
    there = certificate_in(wanted.path("certificate.pem"))
    if there and there.self_signed and set(there.names) == set(wanted.names):
        return read_bytes(wanted.path("certificate.pem"))
    kinds = [
        f"{'IP' if name[0] == '[' or name.replace('.', '').isdigit() else 'DNS'}:{name.strip('[]')}"
        for name in wanted.names
    ]
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
        words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256"]
        words += ["-days", str(DAYS), "-subj", SUBJECT, "-addext", f"subjectAltName={','.join(kinds)}"]
        words += ["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate]
        subprocess.run(["openssl", *words], check=True, capture_output=True)
        return read_bytes(key) + read_bytes(certificate)
