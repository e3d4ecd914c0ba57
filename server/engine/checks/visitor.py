"""Whether nginx serves the pages of a running release as the release itself does, and its static files."""

from __future__ import annotations

import os
import time
from urllib.parse import urlsplit

from ..errors import Refused
from ..paths import RELEASES
from ..release.release import live_release
from ..release.slots import slot_of
from .answer import FRONT_PAGE
from .front import Front, Reply
from .static_files import addresses, file_of, named_in, obstacle, sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..release.job import Job
    from ..release.release import Release
    from .answer import Answer


def check_as_visitor(job: Job, answers: Mapping[str, Answer], is_own: Callable[[str], bool]) -> str:
    """Ask nginx for the pages of a running release and for some static files; return the answers in words.

    `answers`: {path: Answer}, what each page ended with when the release itself was asked. `is_own` tells whether a
    host name is one of the site's.

    A fault that the live release has too is reported and refuses nothing. Raise Refused for another one.
    """
    with Visit(job, is_own) as visit:
        try:
            notes = [visit.page(path, answer) for path, answer in answers.items()]
        except NotAsked as reason:
            return f"nginx not asked ({reason}), {visit.look_at_files()}"
        return ", ".join(["through nginx too", *filter(None, [*notes, visit.files(answers)])])


NOTHING = Reply(None, {})


class NotAsked(Exception):
    """Why nginx can't be asked for a release in its slot."""


class Visit:
    """Checks a release in its slot through nginx, and compares what is bad with the live release."""

    def __init__(self, job: Job, is_own: Callable[[str], bool]) -> None:
        self.job, self.release, self.is_own = job, job.release, is_own
        self.limit = job.config.limits.health
        self.live = live_release()
        # Whether nginx has answered; what the front page ended with; paths of static files that it names.
        self.fronts: dict[Release, Front] = {}
        self.answered = False
        self.front_page: Answer | None = None
        self.named: list[str] = []

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        for front in self.fronts.values():
            front.close()

    def front(self, release: Release) -> Front:
        """Return the way to a release in its slot."""
        if release not in self.fronts:
            slot, config = slot_of(release), self.job.config
            name = slot.name if slot else "none"
            self.fronts[release] = Front(config.nginx, config.site, name, config.proxy_protocol)
        return self.fronts[release]

    def ask(self, release: Release, path: str, host: str, scheme: str, verb: str = "GET") -> Reply:
        """Return what nginx replies for a release. Raise OSError."""
        return self.front(release).ask(path, host, scheme, time.monotonic() + self.limit, verb)

    def page(self, path: str, answer: Answer) -> str:
        """Ask for the page that the redirects ended at; note if its answer is bad. Raise NotAsked, and Refused."""
        reply = self.reply(path, answer)
        if path == FRONT_PAGE:
            self.front_page = answer
            self.named = self.named_by(self.release, reply, answer)
        if reply.is_good() or reply.status == answer.status:
            return ""
        if self.page_of_live(answer).status == reply.status:
            return f"{path} there {reply.status}, as before"
        cause = obstacle(self.release.path("var", "socket"))
        raise Refused(
            "health",
            f"{path} answered {answer.status}, and through nginx {reply.status}",
            advice=f"{cause and f'{cause}. '}{self.why()}",
        )

    def reply(self, path: str, answer: Answer) -> Reply:
        """Return what nginx replies for a page. Raise NotAsked, and Refused where nothing comes."""
        nginx = self.job.config.nginx
        try:
            reply = self.ask(self.release, answer.path, answer.host, answer.scheme)
        except OSError as error:
            if not self.answered:
                raise NotAsked(f"{nginx}: {error.strerror or error}") from None
            reason = f"{path} answered {answer.status}, and through nginx nothing came ({error.strerror or error})"
            raise Refused("health", reason, advice=self.why()) from None
        if not self.answered and not self.front(self.release).is_meant(reply):
            raise NotAsked(f"{nginx} has no server for it yet, which `up` makes")
        self.answered = True
        return reply

    def named_by(self, release: Release, reply: Reply, answer: Answer) -> list[str]:
        """Return the static files that the front page of a release names."""
        page = reply.body.decode(errors="replace")
        return named_in(page, f"{answer.scheme}://{answer.host}{answer.path}", self.is_own, addresses(release))

    def page_of_live(self, answer: Answer) -> Reply:
        """Return the live release's reply to the same; one without a status where there is none."""
        try:
            if not self.live:
                return NOTHING
            return self.ask(self.live, answer.path, answer.host, answer.scheme)
        except OSError:
            return NOTHING

    def files(self, pages: Iterable[str]) -> str:
        """Ask for static files; return how many, in words. `pages` were asked for already. Raise Refused."""
        paths = [path for path in sample(self.release, self.named) if path not in pages]
        notes: list[str] = []
        for path in paths:
            status = self.status(self.release, path)
            if status == 200:
                continue
            if not self.is_bad_in_live(path):
                raise Refused("health", f"{path} answered {status} through nginx", advice=self.cause(path))
            notes.append(f"{path} there {status}, as before")
        return ", ".join([counted(paths), *notes] if paths else [])

    def status(self, release: Release, path: str) -> int:
        """Return how a release answers a static file: 200 where it can be had, 0 where nothing comes."""
        host, scheme = self.job.config.host, self.job.config.scheme
        try:
            reply = self.ask(release, path, host, scheme, "HEAD")
            if reply.status in (405, 501):
                reply = self.ask(release, path, host, scheme)
        except OSError:
            return 0
        # To a network that gives out static files for the site.
        elsewhere = urlsplit(reply.location).hostname
        leads_off = 300 <= (reply.status or 0) < 400 and elsewhere and not self.is_own(elsewhere)
        return 200 if leads_off else reply.status or 0

    def is_bad_in_live(self, path: str) -> bool:
        """Tell whether the live release has the same fault: this file, or another where it lacks this one, can't be
        had.
        """
        if not self.live:
            return False
        if file_of(self.release, path) is None:
            page = self.front_page
            named = self.named_by(self.live, self.page_of_live(page), page) if page else []
            return path in named and self.status(self.live, path) != 200
        own = [path] if file_of(self.live, path) else sample(self.live)[:1]
        return any(self.status(self.live, each) != 200 for each in own)

    def cause(self, path: str) -> str:
        """Return what may keep visitors from a static file, and what to do."""
        file = file_of(self.release, path)
        if file is None:
            # A push waits for this module only where something is missing.
            from ..guest.greenpush_django.absent_paths import by_node, lines_of_build

            lines = lines_of_build(self.release.codebase) or "COMMAND"
            node = by_node(lines, self.release.codebase, self.job.environment.get("PATH"))
            return (
                "The front page names it, and among the collected static files there is none of that name. "
                f"Where a build makes it, have each release built: `build: [{lines}]`{node} in the stack file. "
                f"Where that is right, say so: `pages: {{ {path}: 404 }}`."
            )
        closed = obstacle(file)
        if closed:
            return f"{closed}. A umask in deploy.sh or in the account's ~/.profile or ~/.bashrc does that."
        return f"It was collected as {os.path.realpath(file)}. {self.why()}"

    def why(self) -> str:
        """Return where nginx tells why."""
        return f"nginx's own words stand in /var/log/nginx/{self.job.config.site}.error.log, which root can read."

    def look_at_files(self) -> str:
        """Return what can be said of static files without nginx: whether it could read them. Raise Refused."""
        files = filter(None, (file_of(self.release, path) for path in sample(self.release)))
        own = [file for file in files if os.path.realpath(file).startswith(f"{RELEASES}/")]
        for file in own:
            closed = obstacle(file)
            if closed:
                raise Refused("health", f"nginx can't read {file}", advice=f"{closed}. Look for a umask in deploy.sh.")
        return counted(own)


def counted(files: list[str]) -> str:
    """Return how many files there are, in words."""
    return f"{len(files)} static file{'' if len(files) == 1 else 's'}" if files else ""
