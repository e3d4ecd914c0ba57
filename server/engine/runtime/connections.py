"""Connections to the workers of a release, over its own socket."""

from __future__ import annotations

import errno
import glob
import os
import socket
import struct
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class WorkerConnections:
    """One open connection per worker of a release.

    A worker with one thread accepts no second connection before it has answered the first. So when as many connections
    as workers are accepted, each worker has one. Workers of other kinds may accept several.
    """

    # Seconds after which they are opened anew: gunicorn ends a worker whose connection is idle for its `timeout`.
    HELD = 0.5

    def __init__(self, path: str, count: Callable[[], int]) -> None:
        # How many workers there are is known once gunicorn listens.
        self.path, self.count, self.workers = path, count, 0
        self.open: list[socket.socket] = []
        self.since = time.monotonic()

    def __enter__(self) -> WorkerConnections:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def taken(self) -> bool:
        """Tell whether workers have accepted all. Call it again and again."""
        now = time.monotonic()
        if now - self.since > self.HELD:
            self.close()
            self.since = now
        while not self.open or len(self.open) < self.workers:
            connection = connected_to(self.path)
            if connection is None:
                return False
            if not self.open:
                self.workers = self.count()
            self.open.append(connection)
        # A connection that no worker has accepted waits in the socket's queue.
        pending = pending_connections(self.path)
        if pending is None:
            self.close()
        return pending == 0

    def ask(self, url: str, host: str, scheme: str, deadline: float) -> list[tuple[int, str]]:
        """GET a path on each: [(status, location)]. Raise OSError; a time-out is one."""
        request = (
            f"GET {url} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: greenpush-health-check\r\n"
            f"X-Forwarded-Proto: {scheme}\r\nX-Forwarded-For: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )
        if not self.open:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        for connection in self.open:
            connection.sendall(request.encode())
        return [answer_on(connection, deadline) for connection in self.open]

    def close(self) -> None:
        """Close all."""
        for connection in self.open:
            connection.close()
        self.open = []


class OwnSockets(WorkerConnections):
    """The same for workers of an ASGI application, each of which listens on a socket of its own.

    Such a worker accepts each connection, so one could take all those to the common socket (guest/greenpush_asgi.py).
    """

    def taken(self) -> bool:
        """Tell whether workers have accepted all. Call it again and again."""
        now = time.monotonic()
        if now - self.since > self.HELD:
            self.close()
            self.since = now
        known = {connection.getpeername() for connection in self.open}
        for path in set(glob.glob(os.path.join(glob.escape(os.path.dirname(self.path)), "w[0-9]*"))) - known:
            # That of a worker which was killed is there without one.
            connection = connected_to(path)
            if connection is not None:
                self.open.append(connection)
        if not self.open or len(self.open) < self.count():
            return False
        return not any(pending_connections(connection.getpeername()) for connection in self.open)


def answer_on(connection: socket.socket, deadline: float) -> tuple[int, str]:
    """Return the status and the location of an answer."""
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < 65536:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        part = connection.recv(8192)
        if not part:
            break
        answer += part
    head = answer.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = head[0].split(" ")
    if len(words) < 2 or not words[1].isdigit():
        raise ConnectionResetError(errno.ECONNRESET, "no answer")
    location = [line.split(":", 1)[1].strip() for line in head[1:] if line.lower().startswith("location:")]
    return int(words[1]), (location or [""])[0]


def connected_to(path: str) -> socket.socket | None:
    """Return a connection to a unix socket, None where nothing listens there."""
    connection = socket.socket(socket.AF_UNIX)
    if connection.connect_ex(path):
        connection.close()
        return None
    return connection


def pending_connections(path: str) -> int | None:
    """Return how many connections wait unaccepted at a listening unix socket, None where nothing listens there.

    From the kernel's sock_diag(7). If the kernel doesn't tell, none.
    """
    listening, show_name, show_queue = 1 << 10, 1, 16
    request = struct.pack("=IHHIIBBHIIIII", 40, 20, 0x301, 1, 0, 1, 0, 0, listening, 0, show_name | show_queue, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as asking:
        asking.settimeout(1)
        asking.sendto(request, (0, 0))
        while True:
            answer = asking.recv(1 << 16)
            while len(answer) >= 16:
                length, kind = struct.unpack_from("=IH", answer)
                if kind == 3:
                    return None
                if kind == 2 or length < 16:
                    return 0
                name, queue, at = b"", 0, 32
                while at + 4 <= length:
                    size, attribute = struct.unpack_from("=HH", answer, at)
                    if size < 4:
                        break
                    if attribute == 0:
                        name = answer[at + 4 : at + size].rstrip(b"\0")
                    elif attribute == 4:
                        queue = struct.unpack_from("=I", answer, at + 4)[0]
                    at += (size + 3) & ~3
                if name == path.encode():
                    return queue
                answer = answer[(length + 3) & ~3 :]
