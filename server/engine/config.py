"""What the stack gives: the settings of the engine itself, of the application and of gunicorn."""

from __future__ import annotations

import os
import shlex

from .host.files import read_json
from .paths import CONFIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .host.files import Json


class Limits:
    """How long each step may take, in seconds. `copy` is the largest database that is copied, in MB."""

    lock: int = 900
    virtualenv: int = 900
    build: int = 1800
    deploy: int = 600
    django: int = 600
    migrate: int = 3600
    copy: int = 1000
    first: int = 600
    release: int = 600
    boot: int = 60
    health: int = 10
    stop: int = 60

    def __init__(self, given: Json) -> None:
        self.__dict__.update(given)


class Config:
    """config/deploy.json: each setting, with its default."""

    site: str = "site"
    branch: str = "main"
    url: str = ""
    host: str = "localhost"
    scheme: str = "http"
    names: list[str] = []
    # Where nginx's server for a release in its slot listens, "" where there is none.
    nginx: str = ""
    # Whether whoever connects there says by the PROXY protocol who the visitor is.
    proxy_protocol: bool = False
    health: str = "/"
    # {path: the status that is right}
    pages: dict[str, int] = {}
    unit: str = "gunicorn-site"
    # Where uv, the wheels of pip and gunicorn, further Pythons and Node are.
    tools: str = "/opt/greenpush"
    # A version such as 3.13, None for what the tree asks for.
    python: str | None = None
    # Files of dependencies; none for what is found in the tree. An earlier program wrote one name.
    requirements: str | list[str] | None = None
    groups: list[str] = []
    extras: list[str] = []
    # What no file of the tree names, as in a requirements file.
    extra_requirements: list[str] = []
    # The folder of manage.py in the tree, "" where the engine looks for it.
    root: str = ""
    # Whether migrations are applied, or "before": before the application is loaded.
    migrate: bool | str = True
    # Whether a migration that can't be undone needs consent: "ask" or "allow".
    migrations: str = "ask"
    collectstatic: bool = True
    # Whether nginx serves static files compressed by brotli too.
    brotli: bool = False
    # What nginx's locations of the stack match.
    locations: list[str] = []
    # The stack's commands, each a line or {"run": line, "in": folder of the tree}; None where the Procfile counts.
    build: list[str | Json] = []
    first: list[str | Json] = []
    release: list[str | Json] | None = None
    # The version of Node that commands are run with, None for what the tree asks for.
    node: str | None = None
    # Earlier releases that are kept.
    keep: int = 5
    shared: list[str] = []
    # What settings may not be, as the stack names it: see checks/settings.py.
    refuses: list[str] = []
    limits: Limits

    def __init__(self, given: Json) -> None:
        self.__dict__.update(given)
        self.limits = Limits(given.get("limits", {}))

    @property
    def requirement_files(self) -> list[str]:
        """Return the files of dependencies that the stack names."""
        return as_list(self.requirements)


def as_list(names: str | list[str] | None) -> list[str]:
    """Return one name or several as a list."""
    return [names] if isinstance(names, str) else names or []


def deploy_config() -> Config:
    """Read config/deploy.json."""
    return Config(read_json(os.path.join(CONFIG, "deploy.json")) or {})


class Given:
    """What the stack gives the application: its settings (and which secrets go with them), secrets, gunicorn.

    A settings.json of an earlier version has no `references`: its values are meant as they are.
    """

    __slots__ = ("settings", "secrets", "gunicorn")

    # The parts, each a file of config/.
    PARTS = __slots__

    def __init__(self, settings: Json, secrets: Json, gunicorn: Json) -> None:
        self.settings, self.secrets, self.gunicorn = settings, secrets, gunicorn

    def but(self, part: str, value: Json) -> Given:
        """Return the same with another part."""
        return Given(**{**{name: getattr(self, name) for name in self.PARTS}, part: value})

    def is_whole(self) -> bool:
        """Tell whether all parts are there: while a site is set up, they arrive one by one."""
        return bool(self.settings and self.gunicorn and not self.missing_secrets())

    def missing_secrets(self) -> set[str]:
        """Return the names of secrets that the settings name and that have not arrived."""
        files = {secret_file(place) for place, lines in self.settings.get("files", {}).items() if lines is None}
        return {*self.settings.get("secrets", []), *files} - set(self.secrets)

    def variables(self) -> dict[str, str]:
        """Return the application's variables, secrets among them, with `${NAME}` as it is written."""
        return {**self.settings.get("variables", {}), **self.chosen_secrets()}

    def chosen_secrets(self) -> dict[str, str]:
        """Return the secrets that the settings name."""
        return {name: self.secrets[name] for name in self.settings.get("secrets", []) if name in self.secrets}

    def files(self) -> dict[str, str]:
        """Return the files that the stack lays into the tree, by path, with `${NAME}` as it is written."""
        return {
            place: self.secrets.get(secret_file(place), "") if lines is None else "\n".join(lines)
            for place, lines in self.settings.get("files", {}).items()
        }

    def is_secret_file(self, place: str) -> bool:
        """Tell whether a file holds a secret."""
        return self.settings["files"][place] is None


def secret_file(place: str) -> str:
    """Return what the text of a file is called among the secrets: no variable has such a name."""
    return f"files/{place}"


def current_given() -> Given:
    """Read what the stack gives this site today."""
    parts: dict[str, Any] = {part: read_json(os.path.join(CONFIG, f"{part}.json"), {}) for part in Given.PARTS}
    return Given(**parts)


def environment_text(variables: dict[str, str]) -> str:
    """Return variables as a file that sh can read with `.`."""
    return "".join(f"{name}={shlex.quote(variables[name])}\n" for name in sorted(variables))
