"""gunicorn of a release, copied into the release's folder.

It does what pip's bin/gunicorn does, but waits at the release's gate before it loads the application. While it waits,
it loads what it can, at a low priority.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import os
import sys
import threading

# Beside this file, too.
import greenpush_sandbox as sandbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

RELEASE = os.path.dirname(os.path.abspath(__file__))
GATE = os.path.join(RELEASE, "gate")
# The deploy writes this into the gate's file if other programs leave CPU time (pipeline/boot.py).
IDLE_PRIORITY = "idle\n"
# What no gunicorn.conf.py decides, because a release is started, found and ended by it, and reached through nginx. The
# command line decides about its address, its pid file and its folder.
# A socket that is a file has no reuse_port, and nginx sends no proxy_protocol.
OWN = (
    *("daemon", "reload", "user", "group", "initgroups", "certfile", "keyfile"),
    *("reuse_port", "proxy_protocol"),
)
# How many workers there are where nothing says it.
USUAL_WORKERS = 2
# What most applications load of Django, as far as it can be loaded without settings.
DJANGO = (
    "django.core.wsgi",
    "django.db.models",
    "django.db.models.sql.compiler",
    "django.db.backends.sqlite3.base",
    "django.db.backends.postgresql.base",
    "django.forms",
    "django.shortcuts",
    "django.views.generic",
    "django.middleware.common",
    "django.middleware.csrf",
    "django.middleware.locale",
    "django.middleware.security",
    "django.middleware.clickjacking",
    "django.contrib.messages.api",
    "django.contrib.sessions.backends.db",
    "django.contrib.staticfiles.checks",
    "django.contrib.staticfiles.finders",
    "django.contrib.staticfiles.storage",
    "django.template.context_processors",
    "django.template.loaders.cached",
    "django.template.loaders.app_directories",
    "django.template.loaders.filesystem",
    "django.templatetags.cache",
    "django.templatetags.i18n",
    "django.templatetags.l10n",
    "django.templatetags.static",
    "django.templatetags.tz",
    "django.utils.translation.reloader",
)


def load(names: Iterable[str]) -> None:
    """Load modules; leave out those that fail, for whoever needs one will say why."""
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:
            continue


def do_nothing(*_: Any, **__: Any) -> None:
    """Take a call's place."""


def with_address(application: Any) -> Any:
    """Return an application that knows visitors by the address that nginx says: of a socket that is a file, gunicorn
    knows none, and applications count logins by it.
    """

    def answer(environ: Any, start_response: Any) -> Any:
        if not environ.get("REMOTE_ADDR"):
            environ["REMOTE_ADDR"] = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        return application(environ, start_response)

    return answer


def gently_load(*names: str) -> None:
    """Load modules at a low priority, so that visitors of the version before come first.

    In a thread, because a thread with a lower priority can end, but a process can't raise its own again.
    """

    def lowered() -> None:
        with open(GATE) as gate:
            idle = gate.read() == IDLE_PRIORITY
        if idle:
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_IDLE, os.sched_param(0))
        else:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        load(names)

    thread = threading.Thread(target=lowered)
    thread.start()
    thread.join()


# Beside this file if the application is one of ASGI.
try:
    import greenpush_asgi as asgi
except ModuleNotFoundError:
    asgi = None
# The application finds its own modules in its codebase.
sys.path = [path for path in sys.path if path != RELEASE]
# At exit Python works as long as for ten pages: it does that at idle priority.
atexit.register(os.sched_setscheduler, 0, os.SCHED_IDLE, os.sched_param(0))
# While all is being loaded there is nothing to collect.
gc.disable()
gently_load("gunicorn.app.wsgiapp")
from gunicorn import util  # noqa: E402 # loaded by the line before
from gunicorn.app.wsgiapp import WSGIApplication  # noqa: E402
from gunicorn.config import Workers  # noqa: E402

# A worker is the account already. gunicorn before 21 calls setuid all the same, which the sandbox forbids.
util.set_owner_process = do_nothing

if "WEB_CONCURRENCY" not in os.environ:
    Workers.default = USUAL_WORKERS


class Application(WSGIApplication):
    """gunicorn, which waits at the gate before it loads the application."""

    def load_config(self) -> None:
        """Take the options, and load what can be loaded before the workers are started."""
        super().load_config()
        for name in OWN:
            self.cfg.set(name, self.cfg.settings[name].default)
        # The engine asks each of them: see runtime/gunicorn.py.
        with open(os.path.join(RELEASE, "var", "workers"), "w", encoding="ascii") as file:
            file.write(f"{self.cfg.workers}\n")
        # gunicorn 25.1 and later make a control socket in the account's home. Both slots would share it, and any
        # program could stop the site through it.
        if "control_socket_disable" in self.cfg.settings:
            self.cfg.set("control_socket_disable", True)
        # Once for all workers. Not for workers that first change Python's own modules, as gevent's do.
        if self.cfg.worker_class_str in ("sync", "gthread"):
            gently_load(*DJANGO)
        if asgi:
            gently_load("django.core.asgi", *DJANGO)
            self.cfg.set("worker_class", asgi.worker_of(self.cfg.worker_class))
        # Otherwise garbage collection goes through everything that was loaded, after some dozens of requests, and one
        # visitor waits for some hundredths of a second.
        gc.freeze()
        gc.enable()

    def load(self) -> Any:
        """Wait at the gate, then load the application."""
        load(DJANGO)
        # The application may read its static files while it is loaded, so they have to be complete.
        with open(GATE) as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
        try:
            application: Any = super().load()
        except Exception:
            # gunicorn logs it by the application's own formats, or to a file of its options: it may be seen nowhere.
            sandbox.tell_error()
            raise
        sandbox.look()
        sandbox.tell_errors()
        gc.freeze()
        return asgi.Connections(application) if asgi else with_address(application)


if __name__ == "__main__":
    sys.exit(Application("%(prog)s [OPTIONS] [APP_MODULE]").run())
