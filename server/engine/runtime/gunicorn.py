"""How gunicorn of a release is started."""

from __future__ import annotations

import os
import shlex

from ..host.files import at_once, write_file
from ..paths import ENGINE, LIVE
from .asgi import asgi_of, graceful_timeout, worker_class
from .connections import OwnSockets, WorkerConnections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.files import Json
    from ..release.release import Release


# Names of the stack's settings, each with gunicorn's.
OPTIONS = {
    "workers": "workers",
    "threads": "threads",
    "timeout": "timeout",
}
MOST_WORKERS = 256


def workers_of(release: Release) -> int:
    """Return how many workers the gunicorn of a release has, as guest/gunicorn_app.py has written it."""
    try:
        with open(release.path("var", "workers"), encoding="ascii", opener=at_once) as file:
            return min(max(int(file.read(10)), 1), MOST_WORKERS)
    except (OSError, ValueError):
        # An earlier version of the engine did not write it.
        return release.gunicorn.get("workers", 2)


def connections_to_workers(release: Release) -> WorkerConnections:
    """Return a connection to each worker of a release."""
    kind = OwnSockets if asgi_of(release, release.gunicorn) else WorkerConnections
    return kind(release.path("var", "socket"), lambda: workers_of(release))


def write_programs(release: Release, gunicorn: Json) -> None:
    """Write what a slot runs: the script, and the release's gunicorn. Raise Refused where it can't run ASGI."""
    write_file(release.path("start"), start_script(release, gunicorn), 0o755, durable=False)
    write_file(
        release.path("gunicorn"), f"#!{release.path('bin', 'python')}\n{guest('gunicorn_app.py')}", 0o755, durable=False
    )
    write_file(release.path("greenpush_sandbox.py"), guest("greenpush_sandbox.py"), durable=False)
    if asgi_of(release, gunicorn):
        write_file(release.path("greenpush_asgi.py"), guest("greenpush_asgi.py"), durable=False)


def start_script(release: Release, gunicorn: Json) -> str:
    """Return the script that a slot runs: the release's gunicorn in the folder of manage.py, with its environment.

    What the stack says counts before what the tree says, and that before gunicorn.conf.py.
    """
    path, number = release.path(), release.number
    options = [
        *release.options,
        f"--bind=unix:{path}/var/socket",
        f"--pid={path}/var/pid",
        f"--chdir={release.project}",
        *[f"--{option}={gunicorn[name]}" for name, option in OPTIONS.items() if name in gunicorn],
        *graceful_timeout(release, gunicorn),
        "--forwarded-allow-ips=*",
        *worker_class(release, gunicorn),
        *gunicorn.get("options", []),
        asgi_of(release, gunicorn) or release.wsgi,
    ]
    log = f"var/log/gunicorn-{number}.log"
    words = " ".join(shlex.quote(option) for option in options)
    return (
        "#!/bin/sh\n"
        f"# Release {number}, as its slot starts it. Made by ~/www/deploy; an edit lasts until the next release.\n"
        f"cd {shlex.quote(path)} || exit 1\n"
        "set -a\n. ./env\nset +a\n"
        # A pid file or socket that a killed gunicorn left would keep the next one from starting.
        "rm -f var/pid var/socket var/workers var/w[0-9]*\n"
        # The application can put a link or a pipe in the place of a future release's log.
        f"if [ -L {log} ] || [ ! -f {log} ]; then rm -rf {log}; fi\n"
        # When memory runs out, the kernel ends a release that is not live before the live one: see
        # protect_from_oom().
        f'[ "$(readlink {shlex.quote(LIVE)})" = releases/{number} ] || echo 600 >/proc/self/oom_score_adj\n'
        f"exec >>{log} 2>&1\n"
        f"cd {shlex.quote(release.project)} || exit 1\n"
        f"exec {shlex.quote(path + '/gunicorn')} {words}\n"
    )


def guest(name: str) -> str:
    """Return the text of a program that a release runs, of which it gets a copy."""
    with open(os.path.join(ENGINE, "guest", name), encoding="utf-8") as file:
        return file.read()
