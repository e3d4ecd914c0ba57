"""Submodules: parts of a tree that are commits of other repositories, fetched from there and kept for the next push."""

from __future__ import annotations

import os
import re
import subprocess

from ..console.causes import cause_of
from ..console.logs import lines_of, size_of, text_from
from ..errors import Refused
from ..host.files import remove_tree
from ..host.git import clean_environment, ended_well
from ..host.run import run
from ..paths import REPOSITORY, SUBMODULES
from ..release.job import MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..release.job import Job
    from .tree import Tree

# The most submodules of a release: a few that name each other can become very many.
MOST = 100
# git's own switches of what it may fetch by. The account's settings can allow more, as `protocol.http.allow`.
ALLOWED = ("protocol.allow=never", "protocol.https.allow=always", "protocol.ssh.allow=always")
# Files that are stored one by one are not on the disk when git ends, a pack is.
IN_A_PACK = "fetch.unpackLimit=1"
# A connection slower than this many bytes a second, for so many seconds, is given up.
NOT_DEAD = ("http.lowSpeedLimit=1", "http.lowSpeedTime=60")
# What a server says that serves branches and tags only, and no single commit.
NO_SINGLE_COMMIT = re.compile(r"unadvertised object|dumb http transport")

ELSEWHERE = "or have this repository hold its files: `git rm --cached PATH`, remove PATH/.git, `git add PATH`."
# (pattern, reason, advice)
CAUSES = (
    (
        r"not our ref|unadvertised object|bad object|Not a valid object name|couldn't find remote ref",
        "that commit is not there",
        "Push it there (`git -C PATH push`), then push again;",
    ),
    (
        r"transport '(.+?)' not allowed",
        "submodules are fetched by https and ssh, and this address is for {}",
        "Give it an address in .gitmodules that the server can fetch from (`git submodule set-url PATH URL`);",
    ),
    (
        r"Host key verification failed",
        "the server's account does not know the host's key",
        "As the site's account: `ssh-keyscan HOST >>~/.ssh/known_hosts`, and compare what it says;",
    ),
    (
        r"could not read (?:Username|Password)|Authentication failed|Permission denied|[Rr]epository .*not found"
        r"|error: 40[134]|access denied|does not appear to be a git repository",
        "the server's account can't read it, or it is not there",
        "Give a private one an ssh address, and the key of the site's account (~/.ssh) the right to read it;",
    ),
    (
        r"Could not resolve host\w*|Connection refused|Connection timed out|Network is unreachable|Failed to connect"
        r"|SSL certificate|server certificate|Operation too slow|Connection reset",
        "the server does not reach it",
        "Let the server reach that host;",
    ),
)


def own_address() -> str | None:
    """Return what the repository was cloned from, None where pushes alone have filled it."""
    words = ["git", "-C", REPOSITORY, "config", "--get", "remote.origin.url"]
    return subprocess.run(words, env=clean_environment(), stdout=subprocess.PIPE, text=True).stdout.strip() or None


class Submodules:
    """The submodules of one release."""

    def __init__(self, job: Job) -> None:
        self.job, self.count = job, 0

    def of(
        self, tree: Tree, named: list[tuple[str, str]], environment: Mapping[str, str]
    ) -> list[tuple[str, str, str]]:
        """Return those of a tree, which `named` tells as [(path, commit)]: [(path in the codebase, commit, address)].

        Raise Refused for one that has no address.
        """
        declared = declared_in(tree, environment)
        self.count += len(named)
        if self.count > MOST:
            raise Refused("export", f"there are more than {MOST} submodules", advice="Put them together.")
        found: list[tuple[str, str, str]] = []
        for name, commit in named:
            path = os.path.join(tree.folder, name)
            about = declared.get(name, {})
            # Who clones the repository does not get its files either.
            if about.get("update") != "none":
                found.append((path, commit, address_of(path, about.get("url"), tree.address)))
        return found

    def objects(self, path: str, commit: str, address: str) -> str:
        """Return where the objects of a submodule's commit are; they're fetched where that was not done before."""
        folder = os.path.join(SUBMODULES, commit)
        if not os.path.isdir(folder):
            aside = f"{folder}.new"
            os.makedirs(SUBMODULES, exist_ok=True)
            remove_tree(aside)
            logged = size_of(self.job.log)
            try:
                self._fetch(aside, commit, address, logged)
            except Refused as refused:
                remove_tree(aside)
                raise out_of_reach(path, commit, address, refused, text_from(self.job.log, logged)) from None
            os.rename(aside, folder)
        return os.path.join(folder, "objects")

    def _fetch(self, folder: str, commit: str, address: str, logged: int) -> None:
        self._git("init", "--quiet", "--bare", "--template=", folder)
        fetch = ("-C", folder, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
        try:
            self._git(*fetch, "--depth=1", "--", address, commit)
        except Refused:
            if not NO_SINGLE_COMMIT.search(text_from(self.job.log, logged)):
                raise
            self._git(*fetch, "--", address, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        self._git("-C", folder, "cat-file", "-e", f"{commit}^{{commit}}")

    def _git(self, *words: str) -> None:
        options = [word for setting in (*ALLOWED, IN_A_PACK, *NOT_DEAD) for word in ("-c", setting)]
        environment = {
            **clean_environment(),
            MARK: self.job.release.path(),
            # Nobody can answer a prompt, and CAUSES match English.
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
        }
        limit = self.job.config.limits.virtualenv
        run("export", ["git", *options, *words], self.job.log, limit, environment, SUBMODULES)


def declared_in(tree: Tree, environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what a tree's .gitmodules say: {path: {"url": ..., "update": ...}}."""
    if not os.path.lexists(os.path.join(environment["GIT_WORK_TREE"], ".gitmodules")):
        return {}
    try:
        said = ended_well(["git"], ["config", "--blob", f"{tree.revision}:.gitmodules", "--list", "-z"], environment)
    except Refused as refused:
        name = os.path.join(tree.folder, ".gitmodules")
        raise Refused("export", f"{name} can't be read", [refused.reason], "Mend it, commit, push.") from None
    by_name: dict[str, dict[str, str]] = {}
    for item in said.split(b"\0")[:-1]:
        key, _, value = os.fsdecode(item).partition("\n")
        found = re.fullmatch(r"submodule\.(.*)\.(path|url|update)", key, re.DOTALL)
        if found:
            by_name.setdefault(found.group(1), {})[found.group(2)] = value
    return {about["path"].rstrip("/"): about for about in by_name.values() if "path" in about}


def address_of(path: str, url: str | None, parent: Callable[[], str | None]) -> str:
    """Return a submodule's whole address. Raise Refused where there is none."""
    if not url:
        raise Refused(
            "export",
            f"{path} is a submodule, and .gitmodules have no url for it",
            advice=f"Name its repository: `git submodule add URL {path}`; {ELSEWHERE.replace('PATH', path)}",
        )
    if not re.match(r"\.\.?(/|$)", url):
        return url
    address = from_there(parent(), url)
    if not address:
        raise Refused(
            "export",
            f"the submodule {path} has the address {url}, from a repository that the server does not know",
            advice=f"Write its whole address into .gitmodules (`git submodule set-url {path} URL`, by https or ssh); "
            f"{ELSEWHERE.replace('PATH', path)}",
        )
    return address


def from_there(parent: str | None, url: str) -> str | None:
    """Return a relative address from that of the repository that names it, as git has it; None where it leads
    nowhere.
    """
    parent, separator = (parent or "").rstrip("/"), "/"
    while re.match(r"\.\.?(/|$)", url):
        up, _, url = url.partition("/")
        if up == "..":
            at = parent.rfind("/")
            if at < 0:
                at, separator = parent.rfind(":"), ":"
            parent = parent[: max(at, 0)]
    return f"{parent}{separator}{url}" if parent and url else None


def out_of_reach(path: str, commit: str, address: str, refused: Refused, said: str) -> Refused:
    """Return the refusal of a submodule that can't be fetched."""
    # An address may have a password in it.
    shown = re.sub(r"//[^/@]*@", "//", address)
    lines = [re.sub(r"//[^/@\s]*@", "//", line) for line in lines_of(said)[-5:]]
    cause, advice = cause_of(CAUSES, said) or (refused.reason, "Let the server's account fetch it;")
    return Refused(
        "export",
        f"the submodule {path} ({commit[:7]} of {shown}) can't be brought: {cause}",
        lines,
        f"{advice} {ELSEWHERE}".replace("PATH", path),
    )
