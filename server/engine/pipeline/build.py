"""The step build: the stack's `build` commands, or what another release of this revision has of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess

from ..console.logs import size_of, tail
from ..console.output import say
from ..errors import Refused
from ..host.files import remove_tree
from ..host.priority import at_idle_priority
from ..host.run import run
from ..paths import CACHE
from ..release.environments import OWN
from ..tree.node import NAMES_NODE, environment_of_node, find_node, package_managers
from ..tree.result import Result, taken_from
from .build_failures import advice_for, cause_in
from .commands import commands_of, counted, run_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .commands import Command
    from .deploy import Deploy

# A command that is about Node alone: what of the environment it reads stands by name in files of the tree.
NODE_ONLY = re.compile(r"\s*(?:npm|npx|node|pnpm|yarn)(?:\s[^;&|<>$`]*)?")
# Variables of which each release has its own value.
DIFFERENT = {name for name in OWN if name != "VAR_DIR"}

NO_NPM = 'Write `node: "22"` under the site in the stack file, and run `npx pulumi up`: that brings npm.'


def make_build(deploy: Deploy) -> str:
    """Run the commands of `build`, or take over what they made before; return how, in words. Raise Refused."""
    release = deploy.release
    commands = commands_of(deploy.config, release, "build")
    add_tools(deploy, commands)
    if not commands:
        return ""
    environment = environment_of_node(deploy.environment, CACHE)
    key = build_key(deploy, commands, environment)
    if deploy.kind != "push" and not deploy.fresh:
        source = at_idle_priority(taken_from, release, key)
        if source:
            return f"as in release {source.number}"
    at_idle_priority(run_all, deploy, commands, environment, key)
    return counted(commands)


def add_tools(deploy: Deploy, commands: Sequence[Command]) -> None:
    """Put the Node that a tree needs, and its package managers, on the PATH of the release's programs."""
    release = deploy.release
    folders = list(dict.fromkeys([*(each.folder for each in commands), release.project, release.codebase]))
    lines = [each.line for each in commands]
    node = find_node(deploy.config, release, lines, folders)
    add_tool(deploy, [node] if node else [])
    if any(map(NAMES_NODE.search, lines)):
        for manager in dict.fromkeys(manager for folder in folders for manager in package_managers(folder)):
            add_tool(deploy, [at_idle_priority(installed, deploy, manager)])


def add_tool(deploy: Deploy, folders: list[str]) -> None:
    """Put folders of programs on the PATH of the release's programs."""
    if folders:
        deploy.release.save(tools=[*deploy.release.tools, *folders], durable=False)
        deploy.renew_environment()


def installed(deploy: Deploy, manager: str) -> str:
    """Return the folder of a package manager's program, which npm installs once into the site's cache."""
    folder = os.path.join(CACHE, "tools", manager.rpartition("/")[2])
    binaries = os.path.join("node_modules", ".bin")
    if os.path.isdir(os.path.join(folder, binaries)):
        return os.path.join(folder, binaries)
    say(f"    installs {manager}")
    aside, environment = f"{folder}.new", environment_of_node(deploy.environment, CACHE)
    remove_tree(aside)
    os.makedirs(aside)
    words = ["npm", "install", "--prefix", aside, "--no-save", "--no-package-lock", "--ignore-scripts", manager]
    limit, begun = deploy.config.limits.build, size_of(deploy.log)
    try:
        run("build", ["/bin/sh", "-c", 'exec "$@"', "sh", *words], deploy.log, limit, environment, aside)
    except Refused as refused:
        refused.reason = f"npm could not install {manager}, which package.json or a lock file names: {refused.reason}"
        refused.advice = refused.advice or cause_in(said_since(deploy, begun)) or NO_NPM
        raise
    os.rename(aside, folder)
    return os.path.join(folder, binaries)


def run_all(deploy: Deploy, commands: Sequence[Command], environment: Mapping[str, str], key: str) -> None:
    """Run the commands, and note what they have made."""
    before = Result(deploy.release)
    for command in commands:
        begun = size_of(deploy.log)
        try:
            run_command(deploy, "build", command, environment)
        except Refused as refused:
            said = said_since(deploy, begun)
            refused.advice = refused.advice or advice_for(command, deploy.release.codebase, said, refused.reason)
            raise
    before.note_changes(key if is_whole(deploy) else "")


def said_since(deploy: Deploy, begun: int) -> str:
    """Return the last lines of the log behind an offset."""
    return "\n".join(tail(deploy.log, 400, begun))


def is_whole(deploy: Deploy) -> bool:
    """Tell whether all that the commands have made lies in the tree, and not in other folders of the release."""
    release = deploy.release
    return not os.listdir(release.path("static")) and not release.own_venv


def build_key(deploy: Deploy, commands: Sequence[Command], environment: Mapping[str, str]) -> str:
    """Return what names the outcome of a build: the same key means the same files."""
    release = deploy.release
    counts = counting(deploy, commands)
    about = [
        release.revision,
        [[each.line, os.path.relpath(each.folder, release.codebase)] for each in commands],
        release.tools,
        release.venv,
        deploy.given.files(),
        sorted([name, environment.get(name, "")] for name in counts),
    ]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def counting(deploy: Deploy, commands: Sequence[Command]) -> set[str]:
    """Return the names of the variables that a build may depend on."""
    given = set(deploy.given.variables())
    if not all(NODE_ONLY.fullmatch(each.line) for each in commands):
        # Whatever else it runs, Python may load the settings, which may read any.
        return (given | {"VAR_DIR"}) - DIFFERENT | named_in_lines(DIFFERENT, commands)
    names = given | set(OWN)
    # In the tree, a file of the stack has a variable's value in the place of its name.
    laid = {word for text in deploy.given.files().values() for word in re.findall(r"\w+", text)}
    return named_in_lines(names, commands) | named_in_tree(names, deploy.release.codebase) | names & laid


def named_in_lines(names: set[str], commands: Sequence[Command]) -> set[str]:
    """Return the names that stand in commands."""
    return names & {word for each in commands for word in re.findall(r"\w+", each.line)}


def named_in_tree(names: set[str], tree: str) -> set[str]:
    """Return the names that stand in files of a tree which Node may read, as `process.env.API_URL`."""
    words = [word for name in sorted(names) for word in ("-e", name)]
    program = ["grep", "-rhowF", "--exclude=*.py", "--exclude=*.md", *words, "--", tree]
    said = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return names & set(said.decode(errors="replace").split("\n"))
