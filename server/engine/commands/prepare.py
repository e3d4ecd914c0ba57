"""prepare, as pre-receive calls it: the one moment at which git lets a push be refused."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

from ..config import current_given, deploy_config
from ..console.logs import lines_of, shortened
from ..console.output import say
from ..errors import Refused
from ..host.files import write_whole
from ..host.git import NO_REVISION, branch_revision
from ..paths import WWW
from ..pipeline.deploy import Deploy
from ..pipeline.recovery import recover
from ..release.history import append_history, who
from ..release.lock import acquire_lock
from ..release.release import live_release
from ..runtime.managers import lower_priority

# A reference that a push changes: the revisions before and after it, its name.
Update = tuple[str, str, str]
# The references that a push may change.
KEPT = ("refs/heads/", "refs/tags/")


def keep_lock_while(parent: int) -> None:
    """Fork a keeper, which holds the lock from pre-receive until post-receive has ended.

    git starts the two hooks as separate processes. When git's receive-pack has ended, in whatever way, the keeper
    recovers the site.
    """
    watch = os.pidfd_open(parent)
    if os.fork():
        os.close(watch)
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.chdir(WWW)
    ended = 0
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        select.select([watch], [], [])
        config = deploy_config()
        lower_priority(config, live_release())
        recover(config)
    except Exception as error:
        ended = 1
        append_history({"kind": "recover", "ended": "failed", "reason": str(error)})
    finally:
        os._exit(ended)


def refuse_as_git_will(updates: list[Update]) -> None:
    """Raise Refused for what git would refuse only after this hook, with a release made and migrations applied."""
    said = refused_by_rule(updates) or refused_by_refs(updates)
    if said:
        raise Refused("git", said, advice="Nothing was tried: git takes no such push here.")


def refused_by_rule(updates: list[Update]) -> str:
    """Tell why the account's settings of git forbid an update, "" where they don't."""
    if git_setting("receive.denyNonFastForwards"):
        for old, new, name in updates:
            changes = NO_REVISION not in (old, new) and name.startswith("refs/heads/")
            if changes and rewrites(old, new):
                return f"{name} would lose commits, which receive.denyNonFastForwards forbids"
    return ""


def refused_by_refs(updates: list[Update]) -> str:
    """Tell why the references can't be updated, as for a lock that was left; "" where they can."""
    orders = "".join(
        f"delete {name} {old}\n" if new == NO_REVISION else f"update {name} {new} {old}\n" for old, new, name in updates
    )
    # git keeps the objects of a push apart until it is accepted. While this variable is set it changes no reference.
    environment = {name: value for name, value in os.environ.items() if name != "GIT_QUARANTINE_PATH"}
    done = subprocess.run(
        ["git", "update-ref", "--stdin"],
        input=f"start\n{orders}prepare\nabort\n".encode(),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return lines_of(done.stderr.decode(errors="replace"))[0] if done.returncode else ""


def rewrites(old: str, new: str) -> bool:
    """Tell whether a branch would lose commits."""
    words = ["git", "merge-base", "--is-ancestor", old, new]
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0


def git_setting(name: str) -> bool:
    """Return a setting of git that is yes or no."""
    words = ["git", "config", "--type=bool", name]
    return subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout.strip() == "true"


def command_prepare(_: list[str]) -> None:
    """For pre-receive: make a release of what is pushed to the deploy branch, or refuse the push."""
    config = deploy_config()
    # When memory runs out, the kernel ends pip and deploy.sh before the live release.
    write_whole("/proc/self/oom_score_adj", "600")
    ref = f"refs/heads/{config.branch}"
    pushed = None
    lines = [line.split(" ", 2) for line in lines_of(sys.stdin.buffer.read().decode(errors="replace"))]
    updates = [(old, new, name) for old, new, name in lines]
    for old, new, name in updates:
        if new != NO_REVISION and not name.startswith(KEPT):
            raise Refused(
                "refs",
                f"{name} is neither a branch nor a tag",
                advice="Push branches (refs/heads/) and tags (refs/tags/) only. Others, as refs/replace/, can change "
                "what git shows of a commit.",
            )
        if name == ref:
            pushed = (old, new)
        elif new != NO_REVISION:
            say(f"{shortened(name)} is kept but not deployed: {config.site} deploys {config.branch}.")
    if pushed is None:
        return
    old, new = pushed
    if new == NO_REVISION:
        raise Refused(
            "branch",
            f"{config.branch} is what {config.site} runs and can't be deleted",
            advice="`npx pulumi destroy` takes a site away; another `branch` in the stack file deploys another.",
        )
    if not current_given().is_whole():
        raise Refused(
            "set-up",
            f"the set-up of {config.site} is not done yet",
            advice="Wait for `pulumi up` to end, or run it again where it has failed; then push again.",
        )
    refuse_as_git_will(updates)
    purpose = f"the push of {new[:7]} by {who()}"
    acquire_lock(config, purpose)
    recover(config)
    if (branch_revision(config.branch) or NO_REVISION) != old:
        raise Refused(
            "lock",
            f"{config.branch} was pushed by somebody else in the meantime",
            advice="`git pull` that work, then push again.",
        )
    keep_lock_while(os.getppid())
    Deploy(config, "push", new, who(), hook=True).make()
