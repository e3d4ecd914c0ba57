"""How a release is started."""

import shlex

from .paths import LIVE
from .releases import release_path


def start_script(number, gunicorn):
    """What a slot runs: the release's gunicorn, in its folder, with its environment."""
    path = release_path(number)
    options = [
        f"--bind=unix:{path}/var/socket",
        f"--pid={path}/var/pid",
        f"--workers={gunicorn.get('workers', 2)}",
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


# As bin/gunicorn, which pip has written, and in between it waits for the gate.
GUNICORN = """\
#!{release}/bin/python
import fcntl
import sys

from gunicorn.app.wsgiapp import run

# The application may read its static files as it is loaded: it waits until they are complete. Made by ~/www/deploy.
with open("{release}/gate") as gate:
    fcntl.flock(gate, fcntl.LOCK_SH)
sys.path = [path for path in sys.path if path != "{release}"]
sys.exit(run())
"""
