"""Whether a release that is up answers through nginx as it does by itself, and whether its static files can be had."""

import os
import time
from urllib.parse import urlsplit

from ..errors import Refused
from ..paths import RELEASES
from ..release.releases import live_number, release_path, slot_of
from .front import Front, Reply
from .static_files import addresses, file_of, named_in, obstacle, sample

# What visitors ask first.
FRONT_PAGE = "/"


def check_as_visitor(deploy, answers, is_own):
    """Ask nginx for the pages of a release that is up, and for some of its static files; what came, in words.

    `answers`: {path: Answer}, what each page ended with when the release itself was asked. `is_own` tells whether a
    host name is one of the site's.

    What is as bad in the live release is said, and refuses nothing. Raises Refused.
    """
    with Visit(deploy, is_own) as visit:
        try:
            notes = [visit.page(path, answer) for path, answer in answers.items()]
        except NotAsked as reason:
            return f"nginx not asked ({reason}), {visit.look_at_files()}"
        return ", ".join(["through nginx too", *filter(None, [*notes, visit.files(answers)])])


NOTHING = Reply(None, {})


class NotAsked(Exception):
    """Why nginx can't be asked for a release in its slot."""


class Visit:
    """A look at a release in its slot, as visitors will have it, and where that is bad at the live one."""

    def __init__(self, deploy, is_own):
        self.deploy, self.number, self.is_own = deploy, deploy.number, is_own
        self.limit = deploy.config["limits"]["health"]
        self.live = live_number()
        # Whether nginx has answered; what the front page ended with; paths of static files that it names.
        self.fronts, self.answered, self.front_page, self.named = {}, False, None, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for front in self.fronts.values():
            front.close()

    def front(self, number):
        if number not in self.fronts:
            self.fronts[number] = Front(self.deploy.config["nginx"], self.deploy.config["site"], slot_of(number))
        return self.fronts[number]

    def ask(self, number, path, host, scheme, verb="GET"):
        return self.front(number).ask(path, host, scheme, time.monotonic() + self.limit, verb)

    def page(self, path, answer):
        """Ask for what a page has ended with; a note where it is no good. Raises NotAsked, and Refused."""
        reply = self.reply(path, answer)
        if path == FRONT_PAGE:
            self.front_page = answer
            self.named = self.named_by(self.number, reply)
        if reply.status < 400 or reply.status == answer.status:
            return ""
        if self.page_of_live(answer).status == reply.status:
            return f"{path} there {reply.status}, as before"
        cause = obstacle(release_path(self.number, "var", "socket"))
        raise Refused(
            "health",
            f"{path} answered {answer.status}, and through nginx {reply.status}",
            advice=f"{cause and f'{cause}. '}{self.why()}",
        )

    def reply(self, path, answer):
        nginx = self.deploy.config["nginx"]
        try:
            reply = self.ask(self.number, answer.path, answer.host, answer.scheme)
        except OSError as error:
            if not self.answered:
                raise NotAsked(f"{nginx}: {error.strerror or error}") from None
            reason = f"{path} answered {answer.status}, and through nginx nothing came ({error.strerror or error})"
            raise Refused("health", reason, advice=self.why()) from None
        if not self.answered and not self.front(self.number).is_meant(reply):
            raise NotAsked(f"{nginx} has no server for it yet, which `up` makes")
        self.answered = True
        return reply

    def named_by(self, number, reply):
        page, answer = reply.body.decode(errors="replace"), self.front_page
        return named_in(page, f"{answer.scheme}://{answer.host}{answer.path}", self.is_own, addresses(number))

    def page_of_live(self, answer):
        """The live release's reply to the same; one without a status where there is none."""
        try:
            if not self.live:
                return NOTHING
            return self.ask(self.live, answer.path, answer.host, answer.scheme)
        except OSError:
            return NOTHING

    def files(self, pages):
        """Ask for static files; how many, in words. `pages` were asked for already. Raises Refused."""
        paths = [path for path in sample(self.number, self.named) if path not in pages]
        notes = []
        for path in paths:
            status = self.status(self.number, path)
            if status == 200:
                continue
            if not self.is_bad_in_live(path):
                raise Refused("health", f"{path} answered {status} through nginx", advice=self.cause(path))
            notes.append(f"{path} there {status}, as before")
        return ", ".join([counted(paths), *notes] if paths else [])

    def status(self, number, path):
        """How a release answers a static file: 200 where it can be had, 0 where nothing comes."""
        host, scheme = self.deploy.config["host"], self.deploy.config["scheme"]
        try:
            reply = self.ask(number, path, host, scheme, "HEAD")
            if reply.status in (405, 501):
                reply = self.ask(number, path, host, scheme)
        except OSError:
            return 0
        # To a network that gives out static files for the site.
        elsewhere = urlsplit(reply.location).hostname
        return 200 if 300 <= reply.status < 400 and elsewhere and not self.is_own(elsewhere) else reply.status

    def is_bad_in_live(self, path):
        """Whether the live release has the same fault: this file, or another where it lacks this one, can't be had."""
        if not self.live:
            return False
        if file_of(self.number, path) is None:
            named = self.named_by(self.live, self.page_of_live(self.front_page))
            return path in named and self.status(self.live, path) != 200
        own = [path] if file_of(self.live, path) else sample(self.live)[:1]
        return any(self.status(self.live, each) != 200 for each in own)

    def cause(self, path):
        file = file_of(self.number, path)
        if file is None:
            return (
                "The front page names it, and among the collected static files there is none of that name. "
                f"Where that is right, say so: `pages: {{ {path}: 404 }}`."
            )
        closed = obstacle(file)
        if closed:
            return f"{closed}. A umask in deploy.sh or in the account's ~/.profile or ~/.bashrc does that."
        return f"It was collected as {os.path.realpath(file)}. {self.why()}"

    def why(self):
        return f"nginx's own words stand in /var/log/nginx/{self.deploy.config['site']}.error.log, which root can read."

    def look_at_files(self):
        """What can be said of static files without nginx: whether it could read them. Raises Refused."""
        files = filter(None, (file_of(self.number, path) for path in sample(self.number)))
        own = [file for file in files if os.path.realpath(file).startswith(f"{RELEASES}/")]
        for file in own:
            closed = obstacle(file)
            if closed:
                raise Refused("health", f"nginx can't read {file}", advice=f"{closed}. Look for a umask in deploy.sh.")
        return counted(own)


def counted(files):
    return f"{len(files)} static file{'' if len(files) == 1 else 's'}" if files else ""
