"""Workers of an ASGI application, copied into the release's folder, where its gunicorn loads it (gunicorn_app.py).

To gunicorn's own worker for ASGI, and to uvicorn's, it adds two things:

- Each worker also listens on a socket of its own. It accepts as many connections as come, so on the socket that all
  share the engine could not ask each of them.
- WebSockets that are open when a worker has to end get the graceful timeout. Then they are closed with a close frame,
  which tells the client to connect again: to the release that is live.
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


class WebSocket:
    """What the application sends on a WebSocket, and its end by this module."""

    def __init__(self, others: WebSockets, send: Send) -> None:
        self.others, self._send = others, send
        self.accepted = self.closed = False

    async def send(self, message: Any) -> None:
        """Send what the application says; nothing after the close frame."""
        if self.closed:
            return
        self.closed = message["type"] == "websocket.close"
        await self._send(message)
        if message["type"] == "websocket.accept":
            self.accepted = True
            if self.others.ending:
                await self.close()

    async def close(self) -> None:
        """Send a close frame. The client's answer to it is what the application receives."""
        if self.accepted and not self.closed:
            self.closed = True
            await self._send({"type": "websocket.close", "code": RESTART, "reason": "a new version is live"})


class WebSockets:
    """An application that hands everything on to another, and knows which WebSockets are open."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self.application = application
        self.open: set[WebSocket] = set()
        self.retiring: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.asked_to_end = self.ending = False

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "websocket":
            await self.application(scope, receive, send)
            return
        self.loop = asyncio.get_running_loop()
        own = WebSocket(self, send)
        self.open.add(own)
        try:
            await self.application(scope, receive, own.send)
        finally:
            self.open.discard(own)

    def retire(self, seconds: float, end: Callable[[], object]) -> None:
        """Call `end` when no WebSocket is open any more. Those that are after some seconds are closed before.

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
    """Return how long WebSockets may stay open when a worker has to end."""
    return max(0, worker.cfg.graceful_timeout - CLOSING)
