"""Workers of an ASGI application, copied into the release's folder, where its gunicorn loads it (gunicorn_app.py).

To gunicorn's own worker for ASGI, and to uvicorn's, it adds two things:

- Each worker also listens on a socket of its own. It accepts as many connections as come, so on the socket that all
  share the engine could not ask each of them.
- WebSockets and answers that are open when a worker has to end get the graceful timeout. Then a WebSocket is closed
  with a close frame, and server-sent events end as if the application had ended them. Both tell the client to connect
  again: to the release that is live.
"""

from __future__ import annotations

import asyncio
import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[Any], Awaitable[None]]

# Seconds that close frames and the end of a worker take: the engine gives gunicorn so many more (runtime/asgi.py).
CLOSING = 5
# "Service restart", of the WebSocket close codes at IANA.
RESTART = 1012
SOCKETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "var")


class Connection:
    """What the application sends on a connection, and the connection's end by this module."""

    def __init__(self, others: Connections, send: Send) -> None:
        self.others, self._send = others, send
        self.opened = self.closed = False

    async def send(self, message: Any) -> None:
        """Send what the application says; nothing after the end."""
        if self.closed:
            return
        self.closed = self.is_end(message)
        await self._send(message)
        if self.is_start(message):
            self.opened = True
            if self.others.ending:
                await self.close()

    async def close(self) -> None:
        """End it, if it has begun."""
        if self.opened and not self.closed:
            self.closed = True
            await self.end()

    def is_start(self, message: Any) -> bool:
        """Tell whether a message begins what this module can end."""
        raise NotImplementedError

    def is_end(self, message: Any) -> bool:
        """Tell whether a message is the last one."""
        raise NotImplementedError

    async def end(self) -> None:
        """Tell the client that this is the end."""
        raise NotImplementedError


class WebSocket(Connection):
    """A WebSocket. The client's answer to the close frame is what the application receives."""

    def is_start(self, message: Any) -> bool:
        """See Connection."""
        return message["type"] == "websocket.accept"

    def is_end(self, message: Any) -> bool:
        """See Connection."""
        return message["type"] == "websocket.close"

    async def end(self) -> None:
        """See Connection."""
        await self._send({"type": "websocket.close", "code": RESTART, "reason": "a new version is live"})


class Answer(Connection):
    """An answer over HTTP. Only server-sent events get an end before their own: of another answer, a client would take
    the part that it has for the whole.
    """

    def __init__(self, others: Connections, send: Send) -> None:
        super().__init__(others, send)
        self.task = asyncio.current_task()

    def is_start(self, message: Any) -> bool:
        """See Connection."""
        if message["type"] != "http.response.start":
            return False
        headers = {bytes(name).lower(): bytes(value) for name, value in message.get("headers", ())}
        return headers.get(b"content-type", b"").startswith(b"text/event-stream") and b"content-length" not in headers

    def is_end(self, message: Any) -> bool:
        """See Connection."""
        return message["type"] == "http.response.body" and not message.get("more_body", False)

    async def end(self) -> None:
        """See Connection."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        if self.task:
            self.task.cancel()


# By the type of a scope.
KINDS = {"websocket": WebSocket, "http": Answer}


class Connections:
    """An application that hands everything on to another, and knows which connections are open."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self.application = application
        self.open: set[Connection] = set()
        self.retiring: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.asked_to_end = self.ending = False

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """See ASGI."""
        kind = KINDS.get(scope["type"])
        if kind is None:
            await self.application(scope, receive, send)
            return
        self.loop = asyncio.get_running_loop()
        # As with_address() of gunicorn_app.py. uvicorn does that by itself.
        if not (scope.get("client") or [""])[0]:
            said = [bytes(value) for name, value in scope["headers"] if bytes(name).lower() == b"x-forwarded-for"]
            address = b"".join(said[-1:]).decode("latin-1").rpartition(",")[2].strip()
            scope["client"] = (address, 0) if address else None
        own = kind(self, send)
        self.open.add(own)
        try:
            await self.application(scope, receive, own.send)
        except asyncio.CancelledError:
            # By Answer.end, after which the worker has nothing to do with it.
            if not (self.ending and own.closed):
                raise
        finally:
            self.open.discard(own)

    def retire(self, seconds: float, end: Callable[[], object]) -> None:
        """Call `end` when no connection is open any more. Those that are after some seconds are closed before.

        It may be called by a signal handler.
        """
        if self.asked_to_end:
            return
        self.asked_to_end = True
        if not self.open or self.loop is None:
            self.ending = True
            end()
            return
        self.loop.call_soon_threadsafe(self._retire, seconds, end)

    def _retire(self, seconds: float, end: Callable[[], object]) -> None:
        self.retiring = asyncio.ensure_future(self._closed(seconds, end))

    async def _closed(self, seconds: float, end: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self.open and loop.time() < deadline:
            await asyncio.sleep(0.1)
        self.ending = True
        closing = [asyncio.ensure_future(own.close()) for own in self.open]
        if closing:
            # A client that is gone never answers.
            await asyncio.wait(closing, timeout=1)
        end()


def worker_of(kind: Any) -> Any:
    """Return a worker class that is another with what this module adds; of one that it does not know, the socket."""
    if hasattr(kind, "handle_exit_signal"):
        return of_gunicorn(kind)
    if any(each.__name__ == "UvicornWorker" for each in kind.__mro__):
        return of_uvicorn(kind)
    return with_own_socket(kind)


def with_own_socket(kind: Any) -> Any:
    """Return a worker class that also listens on a socket of the worker's own, once the application is loaded."""
    from gunicorn.sock import UnixSocket

    class Worker(kind):
        def run(self) -> None:
            # Not longer than `socket`, because a path of a socket has at most 107 characters.
            path = os.path.join(SOCKETS, f"w{self.age % 10_000}")
            self.sockets = [*self.sockets, UnixSocket(path, self.cfg, self.log)]
            try:
                super().run()
            finally:
                if os.path.lexists(path):
                    os.unlink(path)

    return Worker


def of_gunicorn(kind: Any) -> Any:
    """Return gunicorn's own worker for ASGI, with what this module adds."""

    class Worker(with_own_socket(kind)):
        def handle_exit_signal(self) -> None:
            self.asgi.retire(seconds_of(self), super().handle_exit_signal)

    return Worker


def of_uvicorn(kind: Any) -> Any:
    """Return uvicorn's worker, with what this module adds. By itself it closes WebSockets at once."""
    from uvicorn.server import Server

    class Worker(with_own_socket(kind)):
        def run(self) -> None:
            handle_exit: Any = Server.handle_exit

            def handle(server: Any, number: int, frame: Any) -> None:
                def end() -> None:
                    handle_exit(server, number, frame)

                if number == signal.SIGTERM:
                    self.wsgi.retire(seconds_of(self), end)
                else:
                    end()

            Server.handle_exit = handle
            super().run()

    return Worker


def seconds_of(worker: Any) -> float:
    """Return how long connections may stay open when a worker has to end."""
    return max(0, worker.cfg.graceful_timeout - CLOSING)
