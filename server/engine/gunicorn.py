"""How a release is started."""

import shlex

from .connections import Calls
from .files import read_json
from .paths import LIVE
from .releases import release_path


def workers_of(gunicorn):
    """How many workers a release has, by what the stack says of gunicorn."""
    return gunicorn.get("workers", 2)


def calls_of(number):
    """A connection to each worker of a release."""
    gunicorn = read_json(release_path(number, "gunicorn.json"), {})
    return Calls(release_path(number, "var", "socket"), workers_of(gunicorn))


def start_script(number, gunicorn):
    """What a slot runs: the release's gunicorn, in its folder, with its environment."""
    path = release_path(number)
    options = [
        f"--bind=unix:{path}/var/socket",
        f"--pid={path}/var/pid",
        f"--workers={workers_of(gunicorn)}",
        f"--threads={gunicorn.get('threads', 1)}",
        f"--timeout={gunicorn.get('timeout', 30)}",
        f"--graceful-timeout={gunicorn.get('gracefulTimeout', 30)}",
        "--forwarded-allow-ips=*",
        *gunicorn.get("options", []),
        gunicorn.get("wsgi", "wsgi"),
    ]
    words = " ".join(shlex.quote(option) for option in options)
    return (
        "#!/bin/sh\n"
        f"# Release {number}, as its slot starts it. Made by ~/www/deploy; an edit lasts until the next release.\n"
        f"cd {shlex.quote(path + '/codebase')} || exit 1\n"
        "set -a\n. ../env\nset +a\n"
        # A pid file or socket that a killed gunicorn left would keep the next one from starting.
        "rm -f ../var/pid ../var/socket\n"
        # Short of memory, the kernel ends a version that is not live yet before the one that is: see spare_live().
        f'[ "$(readlink {shlex.quote(LIVE)})" = releases/{number} ] || echo 600 >/proc/self/oom_score_adj\n'
        f"exec {shlex.quote(path + '/gunicorn')} {words} >>../var/log/gunicorn-{number}.log 2>&1\n"
    )


# As bin/gunicorn, which pip has written; in between it waits for the gate.
GUNICORN = """\
#!{release}/bin/python
# Made by ~/www/deploy: gunicorn, which waits at the release's gate before it loads the application.
import fcntl
import gc
import importlib
import sys

from gunicorn.app.wsgiapp import WSGIApplication


def load_django():
    # It takes longer than most applications. What is wrong with it, the application will tell.
    for name in ("django.core.wsgi", "django.db.models", "django.forms"):
        try:
            importlib.import_module(name)
        except Exception:
            return


class Application(WSGIApplication):
    def load_config(self):
        super().load_config()
        # Once for all workers, but for those that first change Python's own modules, as gevent's do.
        if self.cfg.worker_class_str in ("sync", "gthread"):
            load_django()
        gc.freeze()
        gc.enable()

    def load(self):
        load_django()
        # The application may read its static files as it is loaded: they have to be complete.
        with open("{release}/gate") as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
        application = super().load()
        gc.freeze()
        return application


# What is loaded stays: it is frozen. Else Python would go through all of it after some dozens of requests, and the
# visitor who met that would wait for some hundredths of a second. While it is loaded there is nothing to collect.
gc.disable()
sys.path = [path for path in sys.path if path != "{release}"]
sys.exit(Application("%(prog)s [OPTIONS] [APP_MODULE]").run())
"""
