"""What the output of a failed command of `build` tells: the true cause, and the line to write."""

from __future__ import annotations

import os
import re

from ..console.causes import cause_of
from ..console.logs import shortened
from ..tree.folders import folders_below
from ..tree.node import package_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .commands import Command

# npm prints "npm ERR!" up to its version 9.
NPM = r"npm (?:error|ERR!)"
OTHER_REGISTRY = (
    "If packages are to come from another registry, or through a proxy, say so in `environment` of the site: "
    "`npm_config_registry`, or `https_proxy`."
)
PRIVATE = (
    "A private package needs its registry and a token: lay an .npmrc in by `files` of the site, with the token as "
    "`${NAME}` of one of its `secrets`."
)
LOCKED_ANEW = "Run `npm install`, or what it is with your package manager, in a clone, and commit the lock file."
OLDER_OR_NEWER = "Set `node` of the site to a version that it knows, and run `npx pulumi up`."
INSTALLED = (
    "Let a command that installs it come before, as `npm ci`. Where the environment has NODE_ENV=production, npm "
    "leaves devDependencies out: write `npm ci --include=dev`."
)
COMPILER = "Write `packages: [build-essential]` under the server in the stack file, and run `npx pulumi up`."

CAUSES = (
    (
        rf"(?m)^(?:{NPM} |\s*ERR_PNPM_|\S+ YN0001: |error ).*"
        r"\b(EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT)\b",
        "The package registry can't be reached ({}).",
        OTHER_REGISTRY,
    ),
    (
        r"\b(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w*(?:CERT|SIGNATURE)\w*|CERT_HAS_EXPIRED)\b",
        "The certificate of the package registry is not trusted ({}).",
        "Add its authority to those of the server: Node is given /etc/ssl/certs/ca-certificates.crt.",
    ),
    (
        rf"{NPM} 404 +(?:The requested resource +)?'([^']+)'|Couldn't find package \"([^\"]+)\" on the"
        r"|(?m:^)(\S+) is not in the npm registry|YN0035: \S (\S+): Package not found",
        "The package registry has no {}.",
        PRIVATE,
    ),
    (
        rf"{NPM} code (E401|E403)\b|\b(ERR_PNPM_FETCH_40[13]|YN0041)\b",
        "The package registry lets only those in who have a token ({}).",
        PRIVATE,
    ),
    (
        r"[Nn]o matching version found for (\S+?)\.?(?:\s|$)|Couldn't find any versions for \"([^\"]+)\"",
        "The package registry has no {}.",
        "Lock a version that it has.",
    ),
    (
        r"can only install with an existing package-lock\.json|ERR_PNPM_NO_LOCKFILE",
        "There is no lock file.",
        "Commit the one that `npm install` or `pnpm install` writes, or have that run in the command's place.",
    ),
    (
        r"can only install packages when your package\.json and package-lock\.json|ERR_PNPM_OUTDATED_LOCKFILE"
        r"|Your lockfile needs to be updated|The lockfile would have been modified by this install",
        "The lock file is not that of package.json.",
        LOCKED_ANEW,
    ),
    (
        rf"{NPM} code ERESOLVE\b",
        "Packages ask for versions of each other that do not go together.",
        "Lock ones that do. `npm ci --legacy-peer-deps` installs them all the same.",
    ),
    (
        r'Required: \{"node":"([^"]+)"|The engine "node" is incompatible with this module\. Expected version "([^"]+)"',
        "A package asks for Node {}.",
        OLDER_OR_NEWER,
    ),
    (
        r"(?:Node Sass|node-sass) does not yet support your current environment",
        "node-sass does not know this version of Node.",
        OLDER_OR_NEWER,
    ),
    (
        r"\bnot found: (make|gcc|g\+\+|cc|c\+\+)(?=\s|$)|make: (gcc|g\+\+|cc|c\+\+): No such file",
        "A package is compiled, and the server has no {}.",
        COMPILER,
    ),
    (
        r"digital envelope routines::unsupported",
        "What builds asks for MD4, which Node's OpenSSL has left out since Node 17. webpack 4 does.",
        "Lock a newer webpack, or write `environment: { NODE_OPTIONS: --openssl-legacy-provider }` under the site.",
    ),
    (
        r"JavaScript heap out of memory",
        "Node had not enough memory.",
        "Where the server has more, write `environment: { NODE_OPTIONS: --max-old-space-size=4096 }` (in MB).",
    ),
    (
        r"Can't find (msg\w+|xgettext)\. ",
        "The server has no {}, which is of gettext.",
        "Write `packages: [gettext]` under the server in the stack file, and run `npx pulumi up`.",
    ),
    # npm has a shell of its own, which names itself without its folder.
    (r"(?m)^sh: \d+: (\S+): (?:not found|Permission denied)", "No package that is installed brings {}.", INSTALLED),
    (r"Error: Cannot find module '([^'./][^']*)'", "Node finds no module {}.", INSTALLED),
)
NO_SCRIPT = r"Missing script: \"?([\w:.-]+)|Command \"([^\"]+)\" not found|Couldn't find a script named \"([^\"]+)\""
NO_PACKAGE = (
    r"enoent Could not read package\.json|ERR_PNPM_NO_PKG_MANIFEST|ERR_PNPM_NO_IMPORTER_MANIFEST_FOUND"
    r"|Couldn't find a package\.json file|The nearest package directory"
)
NOT_FOUND = (
    "/bin/sh found no such program. Name its Debian package in `packages` of the server. npm comes with "
    '`node: "22"` under the site, and pnpm or yarn where package.json (packageManager) or a lock file names them. '
    "A program that npm has and package.json does not name runs by `npx --yes PROGRAM@VERSION`."
)


def advice_for(command: Command, tree: str, said: str, reason: str) -> str:
    """Return why a command of a build failed, as its output says, and what to write; "" where nothing tells.

    `reason`: how it ended.
    """
    missing = re.search(NO_SCRIPT, said)
    if missing:
        name = next(filter(None, missing.groups()))
        return f"package.json has no script {shortened(name, 60)}. {scripts_of(command.folder)}"
    if re.search(NO_PACKAGE, said):
        return f"There is no package.json in {place_of(command.folder, tree)}. {with_package(tree)}"
    return cause_in(said) or (NOT_FOUND if reason.endswith("exit status 127") else "")


def cause_in(said: str) -> str:
    """Return which known cause an output tells, with what to write; "" where none."""
    return " ".join(cause_of(CAUSES, said) or ())


def scripts_of(folder: str) -> str:
    """Return in words which scripts the package.json of a folder has."""
    try:
        names = [shortened(str(name), 40) for name in package_of(folder)["scripts"]]
    except (KeyError, TypeError):
        names = []
    return f"It has {', '.join(names[:20])}." if names else "It has none."


def with_package(tree: str) -> str:
    """Return in words which folders of a tree have a package.json."""
    having = (each for each in folders_below(tree) if os.path.exists(os.path.join(each, "package.json")))
    found = [place_of(folder, tree) for folder in having]
    if not found:
        return "No folder of the tree has one."
    return f"Have the command run where one is: `{{ run: …, in: FOLDER }}`. The tree has one in {', '.join(found[:8])}."


def place_of(folder: str, tree: str) -> str:
    """Return a folder's place in the tree in words."""
    place = os.path.relpath(folder, tree)
    return "the tree's top" if place == "." else shortened(place, 100)
