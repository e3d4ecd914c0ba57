"""Migrations of a release: consent and copies before them, and a report of what undoing has left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time

from ..console.logs import shortened
from ..console.output import Step, Steps, say
from ..errors import Refused
from ..host.files import read_json, remove_tree, write_json
from ..host.headroom import RESERVE, disk_left
from ..paths import COPIES, RELEASES
from ..release.project import project_at_rest, project_of
from ..release.release import State, live_release
from .copies import copy_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..config import Config
    from ..host.files import Json
    from ..release.job import Job
    from ..release.release import Release

# The push option that allows migrations that can't be undone.
ANYWAY = "migrate=anyway"
# The most names of migrations to print; more of them become a count, and stand in the log.
NAMED = 10
# The file that says what a refused push has left in the databases.
LEFT = os.path.join(RELEASES, "left.json")
# What it lists, of each refused push since the last release that went live.
KINDS_LEFT = ("names", "why", "changed", "lost", "aside", "fresh")


def names_of(pending: dict[str, list[str]]) -> list[str]:
    """Return the migrations of {alias: [name]}, with the database's alias where it is not the usual one."""
    return [f"{name}{of_database(alias)}" for alias, names in pending.items() for name in names]


def of_database(alias: str) -> str:
    """Return the end of a sentence about a database that is not the usual one."""
    return "" if alias == "default" else f" (database {alias})"


def shown(names: list[str]) -> str:
    """Return names for a person."""
    return ", ".join(names) if len(names) <= NAMED else f"{len(names)}, from {names[0]} to {names[-1]}"


def together(found: Iterable[tuple[str, tuple[str, str]]]) -> list[tuple[list[str], tuple[str, str]]]:
    """Return the migrations of which the same is to be said, with that, in the order of the first of each."""
    names: dict[tuple[str, str], list[str]] = {}
    for name, about in found:
        if name not in names.setdefault(about, []):
            names[about].append(name)
    return [(each, about) for about, each in names.items()]


def counted(pending: dict[str, list[str]]) -> str:
    """Return how many migrations there are to apply, in words."""
    count = len(names_of(pending))
    return f"{count} migration{'' if count == 1 else 's'} to apply" if count else "no migrations to apply"


def words_of_plan() -> list[str]:
    """Return the further words of a plan: see guest/run_django.py."""
    return [f"left={LEFT}"] if read_left() else []


class Migrations:
    """The migrations that a deploy has to apply, as guest/run_django.py plans them."""

    def __init__(self, job: Job, plan: Json) -> None:
        self.job, self.plan = job, plan
        self.pending: dict[str, list[str]] = plan["pending"]

    def note(self) -> None:
        """Print and record what the databases have, before anything in them changes."""
        release = self.job.release
        for sentence in self.plan["left_alone"]:
            say(f"    {sentence}")
        if self.plan["unknown"] and self.job.kind == "push":
            unknown = shown(self.plan["unknown"])
            say(f"    The database has migrations that this revision doesn't know: {unknown}.")
        left = read_left()
        if left:
            still = {
                "names": [name for name in left["names"] if name in self.plan["unknown"]],
                "changed": self.plan["still"],
                "unasked": "",
            }
            for sentence in sentences_of_left({**left, **still}):
                say(f"    {sentence}")
            release.save(left={**left, **still}, durable=False)
        release.save(migrations=self.plan["migrations"], durable=False)

    def approve(self) -> None:
        """Print what can't be undone. Raise Refused if nobody has allowed it."""
        losses = self.plan["losses"]
        found = together((loss["migration"], (of_database(loss["alias"]), loss["what"])) for loss in losses)
        nobodys: set[str] = self._of_refused() if losses else set()
        asks = any(loss["asks"] and loss["alias"] not in nobodys for loss in losses)
        # Who is to allow it reads them all.
        lines = [f"{', '.join(names) if asks else shown(names)}{database}: {what}" for names, (database, what) in found]
        copies = " ".join(map(self._about_copy, self.plan["copies"]))
        if asks and not self._allowed():
            raise Refused(
                "migrate",
                "migrations to apply can't be undone, and there are rows to lose",
                lines,
                f"`git push -o {ANYWAY}` lets them run; `migrations: allow` in the stack file always does. {copies}",
            )
        for line in lines:
            say(f"    {line}")
        used = self._used_by_live() if names_of(self.pending) else []
        if used:
            say(
                f"    The live release still uses {shown(used)}, which goes: pages of it that need that fail until the "
                "switch. To have none fail, let a release without it go live first."
            )

    def _of_refused(self) -> set[str]:
        """Return the databases whose rows are all of pushes that were refused: nobody else has any to lose.

        They were empty before, no release has gone live, and only migrations that these pushes left are applied.
        """
        left = read_left()
        if not left or live_release() or self.plan["unknown"]:
            return set()
        known, applied = set(self.plan["migrations"]), set(left["names"])
        return {alias for alias in left.get("fresh", []) if known - set(self.pending.get(alias, [])) <= applied}

    def _allowed(self) -> bool:
        return self.job.config.migrations == "allow" or ANYWAY in push_options()

    def _used_by_live(self) -> list[str]:
        live = live_release()
        if not live or not any(self.plan["gone"].values()):
            return []
        try:
            return project_at_rest(self.job.config, live).ask("uses", json.dumps(self.plan["gone"]))
        except Refused:
            # One that does not start any more uses nothing.
            return []

    def _about_copy(self, alias: str) -> str:
        about = self.plan["copies"][alias]
        why = self._why_no_copy(about)
        size = "" if about["size"] is None else f" ({megabytes(about['size'])})"
        if why:
            return f"The database {alias}{size} is not copied before: {why}."
        return f"The database {alias}{size} is copied before."

    def _why_no_copy(self, about: Json) -> str:
        return about["why"] or self._too_large(about)

    def _too_large(self, about: Json) -> str:
        limit, size = self.job.config.limits.copy, about["size"] or 0
        if size > limit * 1_000_000:
            return f"limits.copy in the stack file is {limit} MB"
        return "the server's disk has no room for it" if disk_left() - 2 * size < RESERVE else ""

    def copy(self) -> str:
        """Copy each database that is going to lose something, if possible; return the copies in words."""
        made: list[str] = []
        os.makedirs(COPIES, mode=0o700, exist_ok=True)
        for alias, about in self.plan["copies"].items():
            if self._why_no_copy(about):
                say(f"    {self._about_copy(alias)}")
                continue
            name = copy_name(self.job.release, alias)
            project_of(self.job).ask("copy", alias, os.path.join(COPIES, name))
            made.append(name)
        return ", ".join(made) or "no copy"

    def apply(self) -> str:
        """Apply pending migrations; return them in words.

        They are recorded before the first is applied, so that whoever undoes this release undoes them too.
        """
        release = self.job.release
        # Before its boot, a release is still being built.
        state = State.BUILDING if release.state is State.BUILDING else State.MIGRATING
        aside = [alias for alias, about in self.plan["copies"].items() if not self._too_large(about)]
        release.save(state=state, pending=self.pending, losses=self.plan["losses"], aside=aside)
        project_of(self.job).ask("migrate", notes_of(release), json.dumps(self.pending), json.dumps(aside))
        return shown(names_of(self.pending))


class MigrateStep(Step):
    """The step that may take hours: it prints its progress every ten seconds."""

    def __init__(self, job: Job, migrations: Migrations) -> None:
        super().__init__(job, "migrate", every=10)
        self.all, self.log = len(names_of(migrations.pending)), job.log

    def progress(self) -> str:
        """Return how many of all are applied, and which is under way."""
        done, last = applied_in(self.log)
        return f"{done} of {self.all}, {last}" if last else "..."


class UndoStep(Step):
    """What may take longer than the step that it takes back; at its end take_back() says what is undone.

    `why`: what the release is refused for, which whoever waits reads first.
    """

    def __init__(self, log: str, count: int, why: str = "") -> None:
        super().__init__(Steps(), "undo", every=10)
        self.log, self.all, self.why = log, count, why

    def progress(self) -> str:
        """Return how many of all are taken back, and which was the last."""
        done, last = applied_in(self.log, "Unapplying")
        return f"{done} of {self.all}, {last}" if last else f"... of {self.all}, which this push has applied"

    def _say_progress(self, *_: object) -> None:
        # Nobody may be there any more, and the databases are to be as before all the same.
        with contextlib.suppress(OSError):
            if self.why:
                say(f"    refused at {self.why}. Its migrations are taken back first, then follows what to do.")
                self.why = ""
            super()._say_progress()

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def applied_in(log: str, verb: str = "Applying") -> tuple[int, str]:
    """Return how many migrations a log says were applied, and the one that is being applied or was the last."""
    done, last = 0, ""
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(f"  {verb} "):
                last = line.split()[1].partition("...")[0]
                done += line.rstrip().endswith(" OK")
    return done, last


def notes_of(release: Release) -> str:
    """Return the file in which migrations note how far they are."""
    return release.path("migrations.jsonl")


def push_options() -> list[str]:
    """Return the options of `git push -o`."""
    count = os.environ.get("GIT_PUSH_OPTION_COUNT", "0")
    return [os.environ.get(f"GIT_PUSH_OPTION_{at}", "") for at in range(int(count) if count.isdecimal() else 0)]


def megabytes(size: float) -> str:
    """Return a size in bytes for a person."""
    return f"{size / 1_000_000:.1f} MB"


def take_back(config: Config, release: Release, why: str = "") -> list[str]:
    """Take back the migrations that a release applied and nothing else uses; return in sentences what is left."""
    pending = release.pending
    if not names_of(pending):
        return []
    try:
        with UndoStep(release.deploy_log, len(names_of(pending)), why):
            answer = project_at_rest(config, release).ask("undo", notes_of(release), json.dumps(pending))
    except Refused as refused:
        reason = refused.lines[-1] if refused.lines else refused.reason
        left: Json = {**{kind: [] for kind in KINDS_LEFT}, "names": names_of(pending), "unasked": reason}
    else:
        undone = names_of(answer["undone"])
        if undone:
            say(f"    undone: {shown(undone)}")
        left = left_of(answer, release)
    sentences = sentences_of_left(left)
    if sentences:
        earlier = read_left() or {}
        for kind in KINDS_LEFT:
            left[kind] = [each for each in earlier.get(kind, []) if each not in left[kind]] + left[kind]
        write_json(LEFT, {**left, "release": release.number, "at": time.strftime("%Y-%m-%dT%H:%M:%S%z")})
    return sentences


def left_of(answer: Json, release: Release) -> Json:
    """Return what undoing has not brought back, as LEFT has it."""
    still = [name for names in answer["left"].values() for name in names]
    lost: list[Json] = []
    for loss in release.losses:
        alias, migration = loss["alias"], loss["migration"]
        returned = loss["of_rows"] and [alias, migration] in answer["returned"]
        if migration in (*answer["undone"].get(alias, []), *answer["left"].get(alias, [])) and not returned:
            name = copy_name(release, alias)
            lost.append({**loss, "copy": name if os.path.exists(os.path.join(COPIES, name)) else ""})
    why = [f"{name}: {reason}" for name, reason in answer["why"].items()]
    why += [f"{name}: {kind} was ended in the middle of its work" for name, kind in answer["cut"].items()]
    # Where something stays, what was set aside does too: it may be all that is left of it.
    aside = [alias for alias in release.aside if answer["left"].get(alias)]
    return {
        "names": still,
        "why": why,
        "changed": answer["changed"],
        "lost": lost,
        "unasked": "",
        "aside": aside,
        "fresh": answer["fresh"],
    }


def sentences_of_left(left: Json | None) -> list[str]:
    """Return sentences about what was left, none if nothing was."""
    if not left:
        return []
    about = f"the refused release {left['release']}" if "release" in left else "this push"
    if left.get("unasked"):
        return [
            f"The database could not be asked what is left of {about} ({shortened(left['unasked'])}). "
            f"These migrations may be applied: {shown(left['names'])}."
        ]
    said: list[str] = []
    if left["names"]:
        said.append(f"Migrations of {about} that are left in the database: {shown(left['names'])}.")
    said += left["why"][:NAMED]
    for alias, how, table, column in left["changed"][:NAMED]:
        what = f"the column {table}.{column}" if column else f"the table {table}"
        said.append(f"Of {about}, {what} of the database {alias} is {how}.")
    if len(left["changed"]) > NAMED:
        said.append(f"{len(left['changed']) - NAMED} more tables and columns are otherwise than before.")
    for names, (what, copy) in together((loss["migration"], (loss["what"], loss["copy"])) for loss in left["lost"]):
        back = f"`www/deploy restore {copy}` puts the database back as it was before" if copy else "There is no copy"
        said.append(f"What {shown(names)} of {about} did to rows is not undone ({what}). {back}.")
    return said


def read_left() -> Json | None:
    """Return the record of what was left, None if there is none."""
    return read_json(LEFT)


def forget_asides(config: Config, release: Release) -> None:
    """Drop what the migrations of a release set aside, once it is live."""
    aside = release.aside
    if aside and forget_in(config, release, aside):
        release.save(aside=[])


def forget_in(config: Config, release: Release, aliases: list[str]) -> bool:
    """Drop what was set aside in some databases; tell whether it is gone.

    The next deploy asks a database that is out of reach now.
    """
    try:
        project_at_rest(config, release).ask("forget", json.dumps(aliases))
    except Refused:
        return False
    return True


def settle_left(config: Config) -> None:
    """Keep in the record only what the live release still found when it looked."""
    left, live = read_left(), live_release()
    seen = live.left if left else None
    if not left or not seen or seen["release"] != left.get("release"):
        return
    if seen["names"] or seen["changed"]:
        if seen != left:
            write_json(LEFT, {**seen, "lost": []})
    elif not left["aside"] or forget_in(config, live, left["aside"]):
        remove_tree(LEFT)
