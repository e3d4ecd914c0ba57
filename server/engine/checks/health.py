"""Whether a release that is up can serve."""

from __future__ import annotations

import socket
import time
from functools import partial
from urllib.parse import urljoin, urlsplit

from ..console.logs import cause_in, size_of, tail, text_from, traceback_in
from ..console.output import say
from ..errors import Refused
from ..release.project import project_of
from ..release.release import live_release
from ..runtime.connections import WorkerConnections
from ..runtime.gunicorn import connections_to_workers
from .answer import FRONT_PAGE, Answer
from .certificate import certificate_of_site
from .settings import advice_for_host, advice_for_http
from .visitor import check_as_visitor
from .written import help_with_read_only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..release.job import Job
    from ..release.release import Release

MOST_REDIRECTS = 5
# How many times each worker is asked for a page again, whose first request has met an error.
AGAIN = 3
ABSENT_PAGE = "/greenpush/asks/for/no/page/"
ONLY_WITHIN = (
    "Outside of gunicorn the page has no error. gunicorn's sandbox may keep closed what it needs: `gunicorn.unit` in "
    "the stack file opens it."
)


def check_health(job: Job) -> str:
    """Ask each worker of a running release for its pages, then nginx, as visitors will; return the answers in words.

    Pages that the stack names have to answer well, or with the status that it names. The front page is always asked,
    because a worker's first answer takes several times as long as later ones. It must not answer worse than that of
    the live release.

    Raise Refused if a page does not.
    """
    # A worker's first answer may take as long as a boot.
    limits = job.config.limits
    first = max(limits.boot, limits.health)
    answers: dict[str, Answer] = {}
    notes: list[str] = []
    for at, (path, wanted) in enumerate(wanted_pages(job.config).items()):
        answers[path], said = check_page(job, path, wanted, limits.health if at else first)
        notes.append(said)
    if job.config.nginx:
        notes.append(check_as_visitor(job, answers, partial(is_of_site, job.config)))
    return ", ".join(notes)


def wanted_pages(config: Config) -> dict[str, int | None]:
    """Return {path: the status that is right, None where any good one is}; the front page is the last where none names
    it.
    """
    pages = config.pages or {}
    return {config.health: None, **pages, FRONT_PAGE: pages.get(FRONT_PAGE)}


def check_page(job: Job, path: str, wanted: int | None, limit: float) -> tuple[Answer, str]:
    """Ask each worker for one page; return the answer, and what came, in words. Raise Refused."""
    try:
        answer = visit(job.config, job.release, path, limit)
    except Refused as refused:
        # gunicorn takes an OSError of the application for one of the connection.
        helps = help_with_read_only(job.release, text_from(job.release.gunicorn_log, 0))
        refused.advice = f"{helps} {refused.advice}".strip()
        raise
    if answer.status >= 500 and answer.status != wanted:
        answer = asked_again(job, path, answer)
    said = f"{path} answered {answer.status}"
    if wanted is not None:
        if answer.status != wanted:
            raise failed_page(job, path, answer, f"The stack wants {wanted} (`pages`).")
        return answer, said
    if answer.elsewhere:
        raise Refused(
            "health",
            f"{path} redirects to {answer.elsewhere}, which is no name of this site",
            advice=f"Add that name to serverNames, or say that it is right: `pages: {{ {path}: {answer.status} }}`.",
        )
    if answer.status < 400:
        return answer, said
    if path != FRONT_PAGE:
        raise failed_page(job, path, answer)
    # An application may have no front page, as one that is an API for others.
    before = job.before_migrating[path] if path in job.before_migrating else status_of_live(job, path)
    worse = before < 400 if before else answer.status == 400
    if worse or (answer.status >= 500 and (before or 0) < 500):
        raise failed_page(job, path, answer, f"That of the live release answers {before}." if before else "")
    return answer, f"{said}, as before" if before else f"{said}, which is let pass"


def asked_again(job: Job, path: str, answer: Answer) -> Answer:
    """Return how a page answers after its first request has met an error of the server: well only if it does each time.

    Workers are asked at the same moment. So they may hinder each other at what the first request of a site makes once,
    as the folder of a search index.
    """
    again = answer
    for _ in range(AGAIN):
        try:
            again = visit(job.config, job.release, path, job.config.limits.health)
        except Refused:
            return answer
        if again.status >= 500:
            return answer
    say(f"    {path} answered {answer.status} to the first request, and not again. See {job.release.gunicorn_log}")
    return again


def say_of_absent_page(job: Job) -> None:
    """Say that a page which does not exist answers with an error of the server, where that of the live release doesn't.

    What the page for 404 needs and lacks, as a static file of a build, other pages often lack too.
    """
    try:
        answer = visit(job.config, job.release, ABSENT_PAGE, job.config.limits.health)
    except Refused:
        return
    if answer.status >= 500 and (status_of_live(job, ABSENT_PAGE) or 0) < 500:
        error = error_of(job, answer)
        why = f": {error.reason}. {error.advice}".rstrip() if error else ""
        say(f"    A page that does not exist answers {answer.status}, and not 404{why}")


def failed_page(job: Job, path: str, answer: Answer, why: str = "") -> Refused:
    """Return the refusal for a page that answers with an error."""
    log = job.release.gunicorn_log
    printed = text_from(log, 0)
    helps = help_with_read_only(job.release, printed)
    lines, advice = tail(log), f"{helps} The whole log on the server: {log}".strip()
    error = error_of(job, answer) if answer.status == 400 or answer.status >= 500 else None
    if answer.status == 400:
        lines = error.lines if error else []
        advice = advice_for_host(job.config, job.release) or f"{error.advice if error else ''} {advice}".strip()
    elif error:
        lines, advice = error.lines, f"{error.advice} {advice}".strip()
    elif answer.status >= 500 and traceback_in(printed):
        lines, advice = cause_in(printed), advice if helps else f"{ONLY_WITHIN} {advice}"
    reason = f"{path} answered {answer.status}"
    return Refused("health", reason, lines, f"{why} {advice}".strip())


def status_of_live(job: Job, path: str) -> int | None:
    """Return how the live release answers a page, None where there is none, or it does not answer."""
    live = live_release()
    if not live:
        return None
    try:
        return visit(job.config, live, path, job.config.limits.health).status
    except Refused:
        return None


def visit(config: Config, release: Release, start: str, limit: float) -> Answer:
    """GET a page from each worker of a release, and follow its redirects within the site. Raise Refused."""
    tried: list[tuple[str, str, str]] = []
    path, host, scheme = start, config.host, config.scheme
    deadline = time.monotonic() + limit
    while True:
        try:
            # The worst answer of them is the release's.
            status, location = max(ask_workers(release, path, host, scheme, deadline))
        except socket.timeout:
            raise Refused(
                "health",
                f"{path} did not answer within {limit} s",
                tail(release.gunicorn_log),
                "Make the page quicker, or raise limits.health (limits.boot for the first page) in the stack file.",
            ) from None
        except OSError as error:
            log = release.gunicorn_log
            why = f"The whole log on the server: {log}"
            raise Refused("health", f"{path}: gunicorn broke off ({error.strerror})", tail(log), why) from None
        if not (300 <= status < 400 and location):
            return Answer(status, path, host, scheme)
        tried.append((scheme, host, path))
        asked = path
        wanted_scheme, wanted_host, path = target_of(location, scheme, host, path)
        if not is_of_site(config, wanted_host.split(":")[0]):
            return Answer(status, asked, host, scheme, wanted_host)
        if scheme == "http" and wanted_scheme == "https" and certificate_of_site() is None:
            raise Refused(
                "health",
                f"{start} redirects to https, and the site is served with http",
                advice="Let the site have a certificate: `tls: { acme: { email: … } }`. Where a proxy before it "
                f"ends TLS, set `url` to the https address. {advice_for_http(config, release)}".strip(),
            )
        scheme, host = wanted_scheme, wanted_host
        if (scheme, host, path) in tried or len(tried) > MOST_REDIRECTS:
            names = [
                each[2] if each[1] == config.host else f"{each[1]}{each[2]}" for each in [*tried, (scheme, host, path)]
            ]
            raise Refused(
                "health",
                f"{start} redirects in a circle: {' -> '.join(names)}",
                advice=circle_advice(config),
            )


def circle_advice(config: Config) -> str:
    """Return what helps where pages redirect in a circle."""
    if config.scheme == "https":
        return (
            "The site is asked as a proxy that ends TLS asks it, with X-Forwarded-Proto: https. Let "
            "SECURE_PROXY_SSL_HEADER be ('HTTP_X_FORWARDED_PROTO', 'https'), so that Django knows it as secure."
        )
    return "Set `health` in the stack file to a path that answers by itself."


def is_of_site(config: Config, host: str) -> bool:
    """Tell whether a host name is one of the site's, which may be wildcards as nginx has them."""
    for name in (config.host, *config.names):
        ending = name.lstrip("*")
        if host == name or (ending.startswith(".") and (host.endswith(ending) or name == f".{host}")):
            return True
    return False


def ask_workers(release: Release, path: str, host: str, scheme: str, deadline: float) -> list[tuple[int, str]]:
    """Return what each worker answers. Raise OSError."""
    with connections_to_workers(release) as calls:
        # One that is at work gets its call when it is done with that.
        patience = min(deadline, time.monotonic() + WorkerConnections.HELD / 2)
        while not calls.taken() and time.monotonic() < patience:
            time.sleep(0.001)
        return calls.ask(path, host, scheme, deadline)


def error_of(job: Job, answer: Answer) -> Refused | None:
    """Return the error that a page ended with, with what to write, None where it ends with none. Django logs none of
    its own accord unless DEBUG is on, so it is asked again, where its redirects led to.
    """
    logged = size_of(job.log)
    try:
        project_of(job).ask("ask", answer.path, answer.host, answer.scheme)
    except Refused as refused:
        refused.lines = cause_in(text_from(job.log, logged))
        return refused
    return None


def target_of(location: str, scheme: str, host: str, path: str) -> tuple[str, str, str]:
    """Return where a redirect leads: scheme, host, path with its query."""
    target = urlsplit(urljoin(f"{scheme}://{host}{path}", location))
    query = f"?{target.query}" if target.query else ""
    return target.scheme, target.netloc, f"{target.path or '/'}{query}"
