"""Applications of ASGI: each worker is asked before visitors come, and long connections end in peace."""

import http.client
import os
import re
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import Site
from support.websocket import WebSocket

VIEWS = os.path.join("pages", "views.py")
RESTART = 1012
# It writes down who was asked for what, and answers on a WebSocket with its version.
APPLICATION = """
import asyncio
import os
from django.core.asgi import get_asgi_application

pages = get_asgi_application()
from pages.views import VERSION


def note(name, text):
    with open(os.path.join(os.environ["VAR_DIR"], name), "a") as file:
        file.write(text + "\\n")


async def application(scope, receive, send):
    if scope["type"] == "http":
        note("asked", f"{VERSION} {os.getpid()} {scope['path']}")
        note("clients", f"{(scope['client'] or ['none'])[0]} {type(scope['client']).__name__}")
    if scope["type"] == "http" and scope["path"].startswith("/events"):
        return await events(scope["path"], send)
    if scope["type"] != "websocket":
        return await pages(scope, receive, send)
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.disconnect":
            return note("ended", f"{VERSION} {message['code']}")
        else:
            await send({"type": "websocket.send", "text": f"{VERSION}: {message['text']}"})


async def events(path, send):
    headers = [(b"content-type", b"text/csv" if path == "/events-of-a-table" else b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    try:
        while True:
            await send({"type": "http.response.body", "body": f"data: {VERSION}\\n\\n".encode(), "more_body": True})
            await asyncio.sleep(0.1)
    finally:
        note("stopped", f"{VERSION} {path}")
"""


class Asgi(EngineTest):
    """gunicorn's own worker."""

    requirements = ""
    worker = "asgi"

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.gunicorn()
        cls.site.write(os.path.join("codebase", "asgi.py"), APPLICATION)
        with open(os.path.join(cls.site.clone, "requirements.pip"), "a", encoding="utf-8") as file:
            file.write(cls.requirements)
        cls.site.release("first")
        cls.good(cls.site.push())

    @classmethod
    def gunicorn(cls, **options):
        usual = {"asgi": "codebase.asgi:application", "workers": 2, "manager": "direct", "gracefulTimeout": 2}
        cls.site.configure("gunicorn", {**usual, **options})

    def test_a_visitor_is_known_by_the_address_that_nginx_says(self):
        # The engine itself says it as nginx does.
        self.assertIn(["127.0.0.1", "tuple"], self.lines("clients"))

    def lines(self, name):
        path = self.site.path("var", name)
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [line.split() for line in file]

    def connect(self):
        opened = WebSocket(self.site.path("var", "socket"))
        self.addCleanup(opened.close)
        return opened

    def test_the_worker_is_the_one_that_the_application_brings(self):
        with open(self.site.path("live", "start"), encoding="utf-8") as file:
            self.assertIn(f" --worker-class={self.worker} ", file.read())

    def test_each_worker_has_answered_before_visitors_ask(self):
        self.gunicorn(workers=4)
        self.addCleanup(self.gunicorn)
        self.site.release("of-four")
        self.good(self.site.push())
        asked = self.lines("asked")
        for path in ("/health", "/"):
            self.assertEqual(len({pid for version, pid, of in asked if version == "of-four" and of == path}), 4, asked)

    def test_a_worker_that_never_comes_up_is_refused(self):
        before = self.site.live()
        # The first takes the turn, the second waits for it for ever.
        self.site.write(
            os.path.join("codebase", "asgi.py"),
            APPLICATION + "import fcntl\n"
            "turn = open(os.path.join(os.environ['STATIC_ROOT'], 'turn'), 'w')\n"
            "fcntl.flock(turn, fcntl.LOCK_EX)\n",
        )
        self.site.configure("deploy", {"health": "/health", "keep": 2, "limits": {"boot": 3}})
        self.addCleanup(self.site.configure, "deploy", {"health": "/health", "keep": 2})
        self.site.release("of-which-one-waits")
        said = self.bad(self.site.push())
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertIn("REFUSED at boot: gunicorn takes no connection after 3 s", said)
        self.assertEqual(self.site.live(), before)

    def test_a_worker_that_was_killed_is_asked_no_more(self):
        for pid in {int(pid) for _, pid, _ in self.lines("asked")} & set(self.site.processes()):
            os.kill(pid, 9)
        self.site.deploy("restart")
        self.served()

    def test_websockets_get_their_time_and_a_close_frame(self):
        opened = [self.connect() for _ in range(6)]
        before = opened[0].ask("one").partition(":")[0]
        self.site.release("next")
        self.good(self.site.push())
        pushed = time.monotonic()
        self.assertEqual(self.connect().ask("two"), "next: two")
        # The version before still answers who is connected.
        self.assertEqual({each.ask("three") for each in opened}, {f"{before}: three"})
        self.assertEqual([each.receive() for each in opened], [RESTART] * 6)
        self.assertGreater(time.monotonic() - pushed, 1)
        self.only_runs(self.site.live())
        # The application is told, too.
        self.assertEqual([code for version, code in self.lines("ended") if version == before], [str(RESTART)] * 6)

    def events(self, path="/events"):
        """Return a request whose answer goes on and on, after its first event."""
        connection = http.client.HTTPConnection("localhost", timeout=20)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(20)
        connection.sock.connect(self.site.path("var", "socket"))
        self.addCleanup(connection.close)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer, answer.readline().decode()

    def test_server_sent_events_get_their_time_and_an_end(self):
        answer, first = self.events()
        before = first.split()[1]
        table, _ = self.events("/events-of-a-table")
        self.site.release("eventful")
        self.good(self.site.push())
        pushed = time.monotonic()
        self.assertEqual(self.events()[1], "data: eventful\n")
        # It raises where the connection is cut within an answer.
        rest = answer.read().decode()
        self.assertGreater(time.monotonic() - pushed, 1)
        self.assertEqual(set(rest.split()), {"data:", before})
        # Of which a client would take a part for the whole.
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            table.read()
        self.only_runs(self.site.live())
        # The application is told, too.
        self.assertIn([before, "/events"], self.lines("stopped"))

    def test_a_release_without_websockets_ends_at_once(self):
        self.gunicorn(gracefulTimeout=60)
        for version in ("short", "shorter"):
            self.site.release(version)
            self.good(self.site.push())
            self.gunicorn()
        self.only_runs(self.site.live())

    def test_websockets_that_end_by_themselves_are_waited_for(self):
        self.gunicorn(gracefulTimeout=60)
        self.site.release("patient")
        self.good(self.site.push())
        self.gunicorn()
        opened = self.connect()
        self.assertEqual(opened.ask("one"), "patient: one")
        self.site.release("after")
        self.good(self.site.push())
        self.assertEqual(opened.ask("two"), "patient: two")
        opened.send(b"\x03\xe8", 8)
        self.assertEqual(opened.receive(), 1000)
        opened.close()
        self.only_runs(self.site.live())


class Uvicorn(Asgi):
    """uvicorn's worker, if the application brings it."""

    requirements = "uvicorn\nuvicorn-worker\nwebsockets\n"
    worker = "uvicorn_worker.UvicornWorker"


class Without(EngineTest):
    def test_a_gunicorn_that_can_not_run_it_is_refused(self):
        path = os.path.join(self.site.clone, "requirements.pip")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.site.write("requirements.pip", re.sub("gunicorn==.*", "gunicorn==23.0.0", text))
        self.site.write(os.path.join("codebase", "asgi.py"), APPLICATION)
        self.site.configure("gunicorn", {"asgi": "codebase.asgi", "workers": 1, "manager": "direct"})
        before = self.site.live()
        self.site.release("of an old gunicorn")
        said = self.bad(self.site.push())
        self.assertIn(
            "REFUSED at virtualenv: requirements.pip brings gunicorn 23.0.0, which can't run codebase.asgi (asgi)", said
        )
        self.assertIn("Have requirements.pip bring gunicorn 24 or later", said)
        self.assertIn("`extraRequirements: [uvicorn, uvicorn-worker, websockets]`", said)
        self.assertEqual(self.site.live(), before)


if __name__ == "__main__":
    unittest.main()
