"""Whether a release that is up can serve."""

import os
import re
import socket
import time

from .connections import Calls
from .gunicorn import calls_of
from .logs import cause_in, size_of, tail, text_from
from .management import run_django
from .paths import LOG
from .refused import Refused

# What visitors ask first. Whether it works is not checked.
FRONT_PAGE = "/"


def check_health(deploy):
    """Ask each worker of a release that is up for the health path; what came, for the person who pushes.

    And for the front page, for each worker's first one takes some times as long as those after it: what pages need is
    loaded before visitors wait for it.

    Raises Refused when the health path does not answer well.
    """
    path = deploy.config["health"]
    try:
        note = visit(deploy, path)
    except FailedPage as failed:
        if failed.status >= 500:
            failed.lines = error_of(deploy, failed.path) or failed.lines
        raise
    if path != FRONT_PAGE:
        try:
            visit(deploy, FRONT_PAGE)
        except Refused:
            pass
    return note


class FailedPage(Refused):
    """A page that a release answers with an error."""

    def __init__(self, path, status, lines, advice):
        super().__init__("health", f"{path} answered {status}", lines, advice)
        self.path, self.status = path, status


def visit(deploy, start):
    """GET a page from each worker, and follow its redirects within the site; what came. Raises Refused."""
    config, number = deploy.config, deploy.number
    limit = config["limits"]["health"]
    log = os.path.join(LOG, f"gunicorn-{number}.log")
    whole_log = f"The whole log on the server: {log}"
    tried, path = [], start
    deadline = time.monotonic() + limit
    while True:
        try:
            # The worst answer of them is the release's.
            status, location = max(ask_workers(deploy, path, deadline))
        except socket.timeout:
            raise Refused(
                "health",
                f"{path} did not answer within {limit} s",
                tail(log),
                "Make the health path quicker, or raise limits.health in the stack file.",
            ) from None
        except OSError as error:
            raise Refused("health", f"{path}: gunicorn broke off ({error.strerror})", tail(log), whole_log) from None
        if 300 <= status < 400 and location:
            tried.append(path)
            path = same_site(location, config)
            if path is None:
                return f"{start} redirects to another site"
            if path in tried or len(tried) > 5:
                raise Refused(
                    "health",
                    f"{start} redirects in a circle: {' -> '.join([*tried, path])}",
                    advice="Set `health` in the stack file to a path that answers by itself.",
                )
            continue
        if status >= 400:
            raise FailedPage(path, status, tail(log), whole_log)
        return f"{path} answered {status}"


def ask_workers(deploy, path, deadline):
    """What each worker answers. Raises OSError."""
    with calls_of(deploy.number) as calls:
        # One that is at work gets its call when it is done with that.
        patience = min(deadline, time.monotonic() + Calls.HELD / 2)
        while not calls.taken() and time.monotonic() < patience:
            time.sleep(0.001)
        return calls.ask(path, deploy.config["host"], deploy.config["scheme"], deadline)


def error_of(deploy, path):
    """The error that a path ends with. Django logs none of its own accord unless DEBUG is on, so it is asked again."""
    logged = size_of(deploy.log)
    try:
        run_django(deploy, "ask", path, deploy.config["host"], deploy.config["scheme"])
    except Refused:
        return cause_in(text_from(deploy.log, logged))
    return []


def same_site(location, config):
    """The path of a redirect within the site, None where it leads elsewhere."""
    found = re.match(r"^(?:https?:)?//([^/?#]*)(.*)$", location)
    if not found:
        return location if location.startswith("/") else f"/{location}"
    return (found.group(2) or "/") if found.group(1).split(":")[0] == config["host"] else None
