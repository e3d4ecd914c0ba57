"""What nginx is told of a site's certificate, and put into force only where nginx takes it."""

from __future__ import annotations

import hashlib
import os
import subprocess

from . import paths
from .files import delete, read_bytes, write_bytes
from .locks import NGINX, alone
from .pem import certificate_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pem import Certificate
    from .wanted import Wanted

# What is put into force together, and put back together.
FILES = ["certificate.pem", "nginx.conf", "names.conf"]

REFUSED = "# There is no certificate yet.\nssl_reject_handshake on;\n"


class Untaken(Exception):
    """Why nginx does not take a certificate."""


def put_into_force(wanted: Wanted, pem: bytes) -> bool:
    """Have nginx serve a certificate with its key, none where `pem` is empty; tell whether that changed something.

    Raise Untaken where nginx does not take it. Then what was there before is there again.
    """
    with alone(NGINX):
        return replace(wanted, pem)


def replace(wanted: Wanted, pem: bytes) -> bool:
    """Replace what nginx reads; see put_into_force."""
    before = {name: read_bytes(wanted.path(name)) for name in FILES}
    changed = write(wanted, "certificate.pem", pem)
    certificate = certificate_in(wanted.path("certificate.pem"))
    changed |= write(wanted, "nginx.conf", server_lines(wanted, certificate).encode())
    changed |= write(wanted, "names.conf", named_lines(wanted, certificate).encode())
    if changed and is_served(wanted):
        why = what_nginx_says()
        if why:
            for name, content in before.items():
                write(wanted, name, content)
            raise Untaken(why)
        reload_nginx()
    seal(wanted)
    return changed


def write(wanted: Wanted, name: str, content: bytes) -> bool:
    """Write a file; delete it where it has no content but a certificate's."""
    path = wanted.path(name)
    if not content and name == "certificate.pem":
        there = os.path.exists(path)
        delete(path)
        return there
    return write_bytes(path, content)


def seal(wanted: Wanted) -> None:
    """Write the checksums of what was put into force."""
    there = [wanted.path(name) for name in FILES if os.path.exists(wanted.path(name))]
    lines = [f"{hashlib.sha256(read_bytes(path)).hexdigest()}  {path}\n" for path in there]
    write_bytes(wanted.path("sums"), "".join(lines).encode())


def server_lines(wanted: Wanted, certificate: Certificate | None) -> str:
    """Return the lines of a server block."""
    if certificate is None:
        return REFUSED
    path = wanted.path("certificate.pem")
    lines = [f"ssl_certificate {path};", f"ssl_certificate_key {path};"]
    if certificate.ocsp and not certificate.self_signed:
        lines.append("ssl_stapling on;")
    return "".join(f"{line}\n" for line in lines)


def named_lines(wanted: Wanted, certificate: Certificate | None) -> str:
    """Return the lines of a map: the names that visitors may be led to by https, because browsers trust them there."""
    if certificate is None or (certificate.self_signed and wanted.source != "files"):
        return ""
    return "".join(f"{name} 1;\n" for name in wanted.names if certificate.covers(name))


def is_served(wanted: Wanted) -> bool:
    """Tell whether nginx has the site."""
    return os.path.lexists(f"/etc/nginx/sites-enabled/greenpush-{wanted.site}")


def what_nginx_says() -> str:
    """Return why nginx does not take its configuration; "" where it does."""
    done = subprocess.run(["nginx", "-t"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    found = [line.partition("[emerg] ")[2] for line in done.stderr.splitlines() if "[emerg] " in line]
    return found[0] if found else done.stderr.strip()


def reload_nginx() -> None:
    """Have nginx read its configuration anew."""
    subprocess.run(["systemctl", "reload-or-restart", "nginx"], check=False)


def make_webroot() -> None:
    """Make the folder that nginx serves challenges from."""
    os.makedirs(paths.CERTBOT, exist_ok=True)
    os.chmod(paths.CERTBOT, 0o711)
    path = paths.WEBROOT
    for part in ["", *paths.CHALLENGES.strip("/").split("/")]:
        path = os.path.join(path, part)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o755)
