"""How gunicorn of a release is started."""

from __future__ import annotations

import os
import shlex

from ..host.files import write_file
from ..paths import ENGINE, LIVE
from .asgi import asgi_of, graceful_timeout, worker_class
from .connections import OwnSockets, WorkerConnections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.files import Json
    from ..release.release import Release


def workers_of(gunicorn: Json) -> int:
    """Return how many workers a release has, by its gunicorn options."""
    return gunicorn.get("workers", 2)


def connections_to_workers(release: Release) -> WorkerConnections:
    """Return a connection to each worker of a release."""
    gunicorn = release.gunicorn
    kind = OwnSockets if asgi_of(release, gunicorn) else WorkerConnections
    return kind(release.path("var", "socket"), workers_of(gunicorn))


def write_programs(release: Release, gunicorn: Json) -> None:
    """Write what a slot runs: the script, and the release's gunicorn. Raise Refused where it can't run ASGI."""
    write_file(release.path("start"), start_script(release, gunicorn), 0o755, durable=False)
    write_file(
        release.path("gunicorn"), f"#!{release.path('bin', 'python')}\n{guest('gunicorn_app.py')}", 0o755, durable=False
    )
    if asgi_of(release, gunicorn):
        write_file(release.path("greenpush_asgi.py"), guest("greenpush_asgi.py"), durable=False)


def start_script(release: Release, gunicorn: Json) -> str:
    """Return the script that a slot runs: the release's gunicorn, in its folder, with its environment."""
    path, number = release.path(), release.number
    options = [
        f"--bind=unix:{path}/var/socket",
        f"--pid={path}/var/pid",
        f"--workers={workers_of(gunicorn)}",
        f"--threads={gunicorn.get('threads', 1)}",
        f"--timeout={gunicorn.get('timeout', 30)}",
        f"--graceful-timeout={graceful_timeout(release, gunicorn)}",
        "--forwarded-allow-ips=*",
        *worker_class(release, gunicorn),
        *gunicorn.get("options", []),
        asgi_of(release, gunicorn) or gunicorn.get("wsgi", "wsgi"),
    ]
    log = f"../var/log/gunicorn-{number}.log"
    words = " ".join(shlex.quote(option) for option in options)
    return (
        "#!/bin/sh\n"
        f"# Release {number}, as its slot starts it. Made by ~/www/deploy; an edit lasts until the next release.\n"
        f"cd {shlex.quote(path + '/codebase')} || exit 1\n"
        "set -a\n. ../env\nset +a\n"
        # A pid file or socket that a killed gunicorn left would keep the next one from starting.
        "rm -f ../var/pid ../var/socket ../var/w[0-9]*\n"
        # The application can put a link or a pipe in the place of a future release's log.
        f"if [ -L {log} ] || [ ! -f {log} ]; then rm -rf {log}; fi\n"
        # When memory runs out, the kernel ends a release that is not live before the live one: see
        # protect_from_oom().
        f'[ "$(readlink {shlex.quote(LIVE)})" = releases/{number} ] || echo 600 >/proc/self/oom_score_adj\n'
        f"exec {shlex.quote(path + '/gunicorn')} {words} >>{log} 2>&1\n"
    )


def guest(name: str) -> str:
    """Return the text of a program that a release runs, of which it gets a copy."""
    with open(os.path.join(ENGINE, "guest", name), encoding="utf-8") as file:
        return file.read()
