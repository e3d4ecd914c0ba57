"""Which worker of gunicorn runs an ASGI application."""

from __future__ import annotations

import glob
import os
import re

from ..errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.files import Json
    from ..release.release import Release

# Seconds that close frames and the end of a worker take. guest/greenpush_asgi.py has it too.
CLOSING = 5
# Each with the file of site-packages that has it, the first that is there runs the application. Who requires
# uvicorn-worker means gunicorn to run it; gunicorn has a worker of its own since version 24.
WORKERS = (
    ("uvicorn_worker.UvicornWorker", "uvicorn_worker/__init__.py"),
    ("asgi", "gunicorn/workers/gasgi.py"),
    ("uvicorn.workers.UvicornWorker", "uvicorn/workers.py"),
)

UVICORN = "`extraRequirements: [uvicorn, uvicorn-worker, websockets]` in the stack file"


def asgi_of(release: Release, gunicorn: Json) -> str:
    """Return the ASGI module of a release, "" where it is an application of WSGI: what the stack says, else what was
    found in its tree.
    """
    found: str = gunicorn.get("asgi") or ("" if "wsgi" in gunicorn else release.asgi)
    return found


def graceful_timeout(release: Release, gunicorn: Json) -> list[str]:
    """Return the option that says how many seconds the workers of a release have to end; none to leave it to the tree.

    WebSockets may stay open for `gracefulTimeout` seconds, and are closed then.
    """
    asgi = asgi_of(release, gunicorn)
    if not asgi and "gracefulTimeout" not in gunicorn:
        return []
    return [f"--graceful-timeout={gunicorn.get('gracefulTimeout', 30) + (CLOSING if asgi else 0)}"]


def worker_class(release: Release, gunicorn: Json) -> list[str]:
    """Return the option of gunicorn that names the worker of an ASGI application, in a list. None for WSGI, and where
    the stack or the tree names one. Raise Refused where the virtualenv has none.
    """
    asgi = asgi_of(release, gunicorn)
    options = [*release.options, *gunicorn.get("options", [])]
    if not asgi or any(option.startswith("--worker-cl") for option in options):
        return []
    worker = worker_in(release)
    if not worker:
        raise no_worker(release, asgi)
    return [f"--worker-class={worker}"]


def worker_in(release: Release) -> str:
    """Return the worker for ASGI that a release's virtualenv has, "" for none."""
    packages = release.path("lib", "python*", "site-packages")
    return next((name for name, file in WORKERS if glob.glob(os.path.join(packages, file))), "")


def no_worker(release: Release, asgi: str) -> Refused:
    """Return the refusal for a virtualenv whose gunicorn can't run an ASGI application."""
    packages = release.path("lib", "python*", "site-packages")
    found = [re.search(r"gunicorn-([^/]+)\.dist-info$", path) for path in glob.glob(f"{packages}/gunicorn-*.dist-info")]
    versions = [each.group(1) for each in found if each]
    files = ", ".join(release.dependency_files)
    return Refused(
        "virtualenv",
        f"{files} brings gunicorn{f' {versions[0]}' if versions else ''}, which can't run {asgi} (asgi)",
        advice=f"Have {files} bring gunicorn 24 or later, which has a worker for ASGI. Or have uvicorn's run it, by "
        f"{UVICORN}.",
    )
