"""Requests to a release through nginx, as visitors make them, over one connection."""

from __future__ import annotations

import errno
import os
import socket
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

# Bytes of a page to read, and seconds to wait for its end once it has begun: a stream may have none.
LARGEST, WITHIN = 1_000_000, 1.0
# The longest line of an answer's head in bytes, and the most lines.
LONGEST, MOST_LINES = 16_384, 200


class Reply:
    """A reply: its status, its headers by lower-case name, and its body as far as it was read."""

    __slots__ = ("status", "head", "body")

    def __init__(self, status: int | None, head: dict[str, str], body: bytes = b"") -> None:
        self.status, self.head, self.body = status, head, body

    def is_good(self) -> bool:
        """Tell whether it is an answer, and no error."""
        return self.status is not None and self.status < 400

    @property
    def location(self) -> str:
        """Return where a redirect leads."""
        return self.head.get("location", "")


class Front:
    """nginx's server for a release in a slot, which listens on this machine only (templates/nginx/site.conf).

    It takes a visitor's host name and scheme from the request's headers. A header of the reply proves that this server
    answered: another server of nginx, or another program, may listen there.
    """

    def __init__(self, address: str, site: str, slot: str, says_who: bool = False) -> None:
        # Whether nginx expects the PROXY protocol.
        self.address, self.slot, self.says_who = address, slot, says_who
        self.name = f"{slot}.{site}.greenpush.invalid"
        # A connection that is open, and what comes on it.
        self.line: tuple[socket.socket, BinaryIO] | None = None

    def __enter__(self) -> Front:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        for end in self.line or ():
            end.close()
        self.line = None

    def ask(self, path: str, host: str, scheme: str, deadline: float, verb: str = "GET") -> Reply:
        """Return what nginx replies. Raise OSError; a time-out is one."""
        request = (
            f"{verb} {path} HTTP/1.1\r\nHost: {self.name}\r\nX-Greenpush-Host: {host}\r\n"
            f"X-Forwarded-Proto: {scheme}\r\nUser-Agent: greenpush-health-check\r\n\r\n"
        ).encode()
        kept = self.line is not None
        try:
            return self._reply(request, verb, deadline)
        except OSError as error:
            self.close()
            # nginx may end a connection between two requests, which is no answer to the second.
            if not (kept and isinstance(error, ConnectionError)):
                raise
        return self.ask(path, host, scheme, deadline, verb)

    def is_meant(self, reply: Reply) -> bool:
        """Tell whether the reply is that of this server."""
        return reply.head.get("x-greenpush-slot") == self.slot

    def _reply(self, request: bytes, verb: str, deadline: float) -> Reply:
        connection, _ = self._open(deadline)
        connection.sendall(request)
        words = self._line(deadline).split(b" ", 2)
        if len(words) < 2 or not words[1].isdigit():
            raise no_answer()
        status = int(words[1])
        head: dict[str, str] = {}
        while line := self._line(deadline):
            name, _, value = line.decode("latin-1").partition(":")
            head[name.strip().lower()] = value.strip()
            if len(head) > MOST_LINES:
                raise no_answer()
        reply = Reply(status, head)
        if verb == "HEAD" or status in (204, 304):
            whole = True
        else:
            reply.body, whole = self._body(head, min(deadline, time.monotonic() + WITHIN))
        if not whole or head.get("connection", "").lower() == "close":
            self.close()
        return reply

    def _open(self, deadline: float) -> tuple[socket.socket, BinaryIO]:
        if self.line is None:
            host, _, port = self.address.rpartition(":")
            connection = socket.create_connection((host, int(port)), timeout=left(deadline))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.says_who:
                connection.sendall(proxy_line(connection))
            self.line = connection, connection.makefile("rb")
        self.line[0].settimeout(left(deadline))
        return self.line

    def _line(self, deadline: float) -> bytes:
        line = self._open(deadline)[1].readline(LONGEST)
        if not line.endswith(b"\n"):
            raise no_answer()
        return line.rstrip(b"\r\n")

    def _body(self, head: dict[str, str], deadline: float) -> tuple[bytes, bool]:
        """Return as much of a body as is read, and whether that is all of it."""
        body = b""
        try:
            if head.get("transfer-encoding", "").lower() == "chunked":
                while size := int(self._line(deadline).split(b";")[0], 16):
                    if len(body) + size > LARGEST:
                        return body, False
                    body += self._bytes(size, deadline)
                    self._line(deadline)
                self._line(deadline)
                return body, True
            size = int(head["content-length"])
            body = self._bytes(min(size, LARGEST), deadline)
            return body, size <= LARGEST
        except (OSError, ValueError, KeyError):
            return body, False

    def _bytes(self, count: int, deadline: float) -> bytes:
        read = self._open(deadline)[1].read(count)
        if len(read) < count:
            raise no_answer()
        return read


def proxy_line(connection: socket.socket) -> bytes:
    """Return what a proxy would say of a visitor who connected from here (PROXY protocol, version 1)."""
    (source, from_port), (target, to_port) = connection.getsockname()[:2], connection.getpeername()[:2]
    family = "TCP6" if connection.family == socket.AF_INET6 else "TCP4"
    return f"PROXY {family} {source} {target} {from_port} {to_port}\r\n".encode()


def left(deadline: float) -> float:
    """Return the seconds until then, as a socket takes them."""
    return max(0.001, deadline - time.monotonic())


def no_answer() -> OSError:
    """Return the error of an answer that is none."""
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
