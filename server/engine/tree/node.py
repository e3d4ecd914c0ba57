"""Node for the commands of a release: which version the tree wants, and which one the server has."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

from ..console.logs import shortened
from ..errors import Refused
from ..host.files import at_once
from ..host.pushed_file import read_pushed
from .versions import numbers, satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ..config import Config
    from ..release.release import Release

# A command that names a program of Node.
NAMES_NODE = re.compile(r"(?:^|[\s;&|(])(?:node|npm|npx|pnpm|yarn|corepack)(?=$|[\s;&|)])")
# Node in the file of asdf, or in that of mise.
TOOL_NODE = re.compile(r"""^node(?:js)?[\s=]+["'\[]*([\w.-]+)""", re.MULTILINE)
# The package of the registry that has yarn, from its version 2 on.
MODERN_YARN = "@yarnpkg/cli-dist"
# The package manager that wrote a lock file, where package.json does not say it.
PNPM_OF_LOCK = {"5": "7", "6": "8", "9": "9"}


class Wanted:
    """A version of Node that something asks for, and what that is."""

    __slots__ = ("version", "origin")

    def __init__(self, version: str, origin: str) -> None:
        self.version, self.origin = version, origin


def wanted_node(config: Config, release: Release, folders: Sequence[str]) -> Wanted | None:
    """Return the Node that the stack or else the tree asks for; None where neither does."""
    if config.node:
        return Wanted(config.node, "`node` in the stack file")
    for folder in folders:
        for name in (".nvmrc", ".node-version"):
            text = text_of(os.path.join(folder, name))
            # The rest is for notes.
            words = re.sub(r"#.*", "", text).split()
            if words:
                return Wanted(words[0], os.path.relpath(os.path.join(folder, name), release.codebase))
        version = engine_of(package_of(folder))
        if version.strip():
            name = os.path.relpath(os.path.join(folder, "package.json"), release.codebase)
            return Wanted(version, f"engines.node of {name}")
        for name in (".tool-versions", "mise.toml"):
            tool = TOOL_NODE.search(text_of(os.path.join(folder, name)))
            if tool:
                return Wanted(tool.group(1), os.path.relpath(os.path.join(folder, name), release.codebase))
    return None


def text_of(path: str) -> str:
    """Return the text of a file of a tree, "" where there is none."""
    try:
        return read_pushed("build", path).decode(errors="replace")
    except FileNotFoundError:
        return ""


def head_of(path: str) -> str:
    """Return the first characters of a lock file, "" where there is none."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace", opener=at_once) as file:
        return file.read(1000)


def package_of(folder: str) -> dict[str, Any]:
    """Return what the package.json of a folder says. Raise Refused where it is no JSON."""
    text = text_of(os.path.join(folder, "package.json"))
    try:
        found: Any = json.loads(text or "{}")
    except ValueError as error:
        raise Refused("build", f"package.json is no JSON: {error}", advice="Mend package.json.") from None
    return dict(found) if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownArgumentType]


def engine_of(package: dict[str, Any]) -> str:
    """Return what engines.node of a package.json says, "" where it says nothing."""
    try:
        version: Any = package["engines"]["node"]
    except (KeyError, TypeError):
        return ""
    return version if isinstance(version, str) else ""


def find_node(config: Config, release: Release, lines: Sequence[str], folders: Sequence[str]) -> str:
    """Return the folder of the Node that commands are run with, "" for that on PATH or none.

    Raise Refused where the commands need Node and the server has none that fits.
    """
    wanted = wanted_node(config, release, folders)
    nodes = os.path.join(config.tools, "node")
    kept = nodes_in(nodes)
    fitting = [folder for version, folder in kept if not wanted or satisfies(version, wanted.version) is not False]
    if fitting:
        return os.path.join(nodes, fitting[-1], "bin")
    own = node_on_path()
    if own and (not wanted or satisfies(own, wanted.version) is not False):
        return ""
    if config.node or any(map(NAMES_NODE.search, lines)):
        raise no_node(wanted, [version for version, _ in kept] + ([own] if own else []))
    return ""


def nodes_in(folder: str) -> list[tuple[tuple[int, ...], str]]:
    """Return the versions of Node that root has put into a folder, the oldest first, with their folders' names."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = [(version, name) for name in names for version in [numbers(name)] if version]
    return sorted(each for each in found if os.path.exists(os.path.join(folder, each[1], "bin", "node")))


def node_on_path() -> tuple[int, ...] | None:
    """Return the version of the server's own Node, None where it has none."""
    program = shutil.which("node")
    if not program:
        return None
    return numbers(subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True).stdout)


def no_node(wanted: Wanted | None, there: Sequence[tuple[int, ...]]) -> Refused:
    """Return the refusal for commands that need a Node which the server has not."""
    has = ", ".join(".".join(map(str, version)) for version in there) or "none"
    if not wanted:
        reason, line = "a command needs Node, and the server has none", 'node: "22"'
    else:
        reason = f"{wanted.origin} asks for Node {shortened(wanted.version, 60)}, and the server has {has}"
        line = f'node: "{major_of(wanted.version)}"'
    if wanted and wanted.origin.startswith("`node`"):
        return Refused("build", reason, advice="`npx pulumi up` installs it.")
    return Refused("build", reason, advice=f"Write `{line}` under the site in the stack file, and run `npx pulumi up`.")


def major_of(wanted: str) -> str:
    """Return the version to write into a stack file for a range."""
    for major in (22, 24, 20, 26, 18, 16):
        if satisfies((major, 999, 999), wanted):
            return str(major)
    found = re.search(r"\d+", wanted)
    return found.group() if found else "22"


def package_managers(folder: str) -> list[str]:
    """Return the package managers besides npm that a folder with a package.json uses, each as NAME@VERSION."""
    named = package_of(folder).get("packageManager")
    found = re.fullmatch(r"(pnpm|yarn)@(\d[\w.-]*)(?:\+.*)?", named) if isinstance(named, str) else None
    if found:
        return [specified(found[1], found[2])]
    if isinstance(named, str) and not named.startswith("npm@"):
        raise Refused(
            "build",
            f"packageManager of package.json is {shortened(named, 60)}",
            advice="npm, pnpm and yarn can be had, as `pnpm@9.15.0`. Have a `build` command install another one.",
        )
    lock = re.match(r"lockfileVersion: '?(\d+)", head_of(os.path.join(folder, "pnpm-lock.yaml")))
    if lock:
        return [specified("pnpm", PNPM_OF_LOCK.get(lock[1], "9"))]
    lock_of_yarn = head_of(os.path.join(folder, "yarn.lock"))
    if lock_of_yarn:
        return [specified("yarn", "4" if "__metadata:" in lock_of_yarn else "1")]
    return []


def specified(name: str, version: str) -> str:
    """Return a package manager as the registry knows it."""
    modern = name == "yarn" and int(version.split(".", maxsplit=1)[0]) > 1
    return f"{MODERN_YARN if modern else name}@{version}"


def has_pnpm(environment: Mapping[str, str]) -> bool:
    """Tell whether the release's programs find pnpm."""
    return shutil.which("pnpm", path=environment.get("PATH", "")) is not None


def environment_of_node(environment: Mapping[str, str], cache: str) -> dict[str, str]:
    """Return an environment in which what package managers fetch is kept; variables that it has stay as they are."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    usual = {
        "npm_config_cache": os.path.join(cache, "npm"),
        # npm warns of an option that only pnpm knows.
        **({"npm_config_store_dir": os.path.join(cache, "pnpm")} if has_pnpm(environment) else {}),
        "npm_config_update_notifier": "false",
        "npm_config_fund": "false",
        "YARN_CACHE_FOLDER": os.path.join(cache, "yarn"),
        "YARN_ENABLE_TELEMETRY": "0",
        # Node knows no certificates but its own, and the server may have those of a company.
        **({"NODE_EXTRA_CA_CERTS": bundle} if os.path.exists(bundle) else {}),
    }
    return {**usual, **environment}
