"""A release on disk: its folder, and the facts in its release.json."""

from __future__ import annotations

import os
from enum import Enum

from ..host.files import read_json, write_json
from ..paths import LIVE, LOG, RELEASES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..host.files import Json


class State(str, Enum):
    """How far a release is. docs/explanation/engine.md says what recovery does with each state."""

    # Of release 0, which stands in before the first.
    EMPTY = "empty"
    BUILDING = "building"
    BOOTING = "booting"
    MIGRATING = "migrating"
    PREPARED = "prepared"
    LIVE = "live"
    PREVIOUS = "previous"


def known(name: str, default: Any) -> Any:
    """Return a property that reads a name of release.json."""
    return property(lambda release: release.about.get(name, default))


class Release:
    """A release by its number. Number 0 is the empty one that stands in before the first; it is false.

    release.json is read when the first fact is asked for, and again after reload().
    """

    __slots__ = ("number", "_about")

    revision: str = known("revision", "")
    author: str = known("author", "")
    subject: str = known("subject", "")
    # push, configure, restart, redeploy
    kind: str = known("kind", "")
    # Who made it: see who().
    by: str = known("by", "")
    # When it was begun, and since when it is live: ISO 8601.
    when: str = known("when", "")
    since: str = known("since", "")
    # [{"step": name, "seconds": number, "ended": "ok" or "failed"}]
    steps: list[Json] = known("steps", [])
    # The name of its virtualenv, the files that this was made of, and whether it has one of its own.
    venv: str = known("venv", "")
    requirements: str | list[str] = known("requirements", [])
    own_venv: bool = known("own_venv", False)
    # Folders of the programs that its commands need besides, as those of Node.
    tools: list[str] = known("tools", [])
    # The folder of manage.py in its tree, "" for the tree's top.
    root: str = known("root", "")
    # Folders of its tree that Python looks into besides, by their paths in it.
    python_path: list[str] = known("python_path", [])
    # Its settings module, and whether that was found in its tree, not named by the stack.
    settings: str = known("settings", "")
    found_settings: bool = known("found_settings", False)
    # The class of that module that django-configurations loads, where its tree names one.
    settings_class: str = known("settings_class", "")
    # Its application, as module:name; one of them is "".
    wsgi: str = known("wsgi", "")
    asgi: str = known("asgi", "")
    # Options of gunicorn that were found in its tree.
    options: list[str] = known("options", [])
    # Commits of its submodules.
    submodules: list[str] = known("submodules", [])
    # {place in the release: where it is kept in var}
    homes: dict[str, str] = known("homes", {})
    # Whether its tree has something in the place of bytecode.
    has_bytecode: bool = known("has_bytecode", False)
    # All migrations that its project has; {alias: [name]} of those that it applied.
    migrations: list[str] = known("migrations", [])
    losses: list[Json] = known("losses", [])
    # Aliases of databases in which something was set aside.
    aside: list[str] = known("aside", [])
    # What an earlier push has left in the databases, as this one found it.
    left: Json | None = known("left", None)
    # Applications with models and no migrations.
    without: list[str] = known("without", [])
    # Identifiers of `check --deploy`.
    warnings: list[str] = known("warnings", [])
    # Whether a rollback has passed it over, and whether a rollback to it has still to move the branch.
    given_up: bool = known("given_up", False)
    moves_branch: bool = known("moves_branch", False)

    def __init__(self, number: int) -> None:
        self.number = number
        self._about: Json | None = None

    def __bool__(self) -> bool:
        return self.number > 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Release) and other.number == self.number

    def __hash__(self) -> int:
        return hash(self.number)

    @property
    def about(self) -> Json:
        """Return all facts; none if a power failure has lost them."""
        if self._about is None:
            self._about = self._read()
        return self._about

    def _read(self) -> Json:
        try:
            return read_json(self.path("release.json"), {})
        except ValueError:
            return {}

    def reload(self) -> Release:
        """Forget what was read, because other programs write it too; return the release."""
        self._about = None
        return self

    def save(self, durable: bool = True, **changes: Any) -> None:
        """Write changed facts. A power failure may lose them unless they are durable."""
        self._about = {**self._read(), **changes}
        write_json(self.path("release.json"), self._about, durable)

    @property
    def state(self) -> State | None:
        """Return its state, None if that is unknown."""
        return State(self.about["state"]) if "state" in self.about else None

    @property
    def pending(self) -> dict[str, list[str]]:
        """Return the migrations that it applies, by the aliases of their databases."""
        found: dict[str, list[str]] | list[str] = self.about.get("pending") or {}
        # An earlier version of the engine knew one database.
        return {"default": found} if isinstance(found, list) else found

    def path(self, *names: str) -> str:
        """Return its folder, or the path of something in it."""
        return os.path.join(RELEASES, str(self.number), *names)

    @property
    def codebase(self) -> str:
        """Return the folder of its tree."""
        return self.path("codebase")

    @property
    def dependency_files(self) -> list[str]:
        """Return the files that its virtualenv was made of; an earlier version of the engine knew one."""
        names = self.requirements
        return [names] if isinstance(names, str) else names

    @property
    def project(self) -> str:
        """Return the folder of its manage.py."""
        return os.path.normpath(os.path.join(self.codebase, self.root))

    @property
    def deploy_log(self) -> str:
        """Return the log of its steps."""
        return os.path.join(LOG, f"deploy-{self.number}.log")

    @property
    def gunicorn_log(self) -> str:
        """Return the log of its gunicorn."""
        return os.path.join(LOG, f"gunicorn-{self.number}.log")

    @property
    def gunicorn(self) -> Json:
        """Return the stack's gunicorn options from when it was made."""
        return read_json(self.path("gunicorn.json"), {})

    def has_program(self) -> bool:
        """Tell whether the gunicorn of its virtualenv is there."""
        return os.path.exists(self.path("bin", "gunicorn"))


def releases() -> list[Release]:
    """Return all the releases on disk, the oldest first; 0 among them."""
    return [Release(number) for number in sorted(int(name) for name in os.listdir(RELEASES) if name.isdigit())]


def named_by(link: str) -> Release | None:
    """Return the release that a link names, None where there is no such link."""
    try:
        return Release(int(os.path.basename(os.readlink(link))))
    except (OSError, ValueError):
        return None


def live_release() -> Release:
    """Return the live release, 0 where none is."""
    return named_by(LIVE) or Release(0)


def expected_live() -> Release | None:
    """Return the release that `live` should name if somebody moved or removed that link, None if it is right.

    A switch leads to a prepared release or one that a rollback has marked, even if the switch was cut off.
    """
    live = live_release()
    state = live.state if live else None
    if state not in (None, State.PREVIOUS) or (live and live.moves_branch):
        return None
    return next((each for each in reversed(releases()) if each != live and each.state is State.LIVE), None)
