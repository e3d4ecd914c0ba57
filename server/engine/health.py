"""Whether a release that is up can serve."""

import os
import re
import socket
import time

from .connections import ask
from .logs import cause_in, size_of, tail, text_from
from .management import run_django
from .paths import LOG
from .refused import Refused
from .releases import release_path


def check_health(deploy):
    """Ask a release that is up for the health path, and follow its redirects within the site."""
    config, number = deploy.config, deploy.number
    limit = config["limits"]["health"]
    log = os.path.join(LOG, f"gunicorn-{number}.log")
    whole_log = f"The whole log on the server: {log}"
    tried, path = [], config["health"]
    deadline = time.monotonic() + limit
    while True:
        try:
            status, location = ask(
                release_path(number, "var", "socket"),
                path,
                config["host"],
                config["scheme"],
                max(0.001, deadline - time.monotonic()),
            )
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
                return f"{config['health']} redirects to another site"
            if path in tried or len(tried) > 5:
                raise Refused(
                    "health",
                    f"{config['health']} redirects in a circle: {' -> '.join([*tried, path])}",
                    advice="Set `health` in the stack file to a path that answers by itself.",
                )
            continue
        if status >= 400:
            lines = tail(log) if status < 500 else error_of(deploy, path) or tail(log)
            raise Refused("health", f"{path} answered {status}", lines, whole_log)
        return f"{path} answered {status}"


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
