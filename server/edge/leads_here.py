"""Whether a name leads to this server, as an authority will find it."""

from __future__ import annotations

import http.client
import secrets
import socket

from . import paths
from .files import delete, write_bytes
from .nginx import make_webroot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Seconds for one name.
PATIENCE = 5.0


def names_that_lead_away(names: Iterable[str]) -> dict[str, str]:
    """Return the reason by each name that surely does not lead here.

    A name that can't be reached from this server is none of them: a router may keep a server from its own address.
    """
    make_webroot()
    token = f"greenpush-{secrets.token_hex(16)}"
    path = f"{paths.WEBROOT}{paths.CHALLENGES}{token}"
    write_bytes(path, token.encode(), 0o644)
    try:
        return {name: reason for name in names if (reason := why_not_here(name, token))}
    finally:
        delete(path)


def why_not_here(name: str, token: str) -> str:
    """Return why a name surely does not lead here, "" where it does or may."""
    try:
        found = socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)
    except OSError:
        return "it does not resolve: make a record of DNS that names this server"
    address = str(found[0][4][0])
    connection = http.client.HTTPConnection(address, 80, timeout=PATIENCE)
    try:
        connection.request("GET", f"{paths.CHALLENGES}{token}", headers={"Host": name})
        answer = connection.getresponse()
        body = answer.read(200)
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
    # A proxy may lead to https first, which an authority follows.
    if body == token.encode() or 300 <= answer.status < 400:
        return ""
    return f"it leads to {address}, where another server answers"
