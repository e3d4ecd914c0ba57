"""Put a version of Node, with npm, into a folder of root's. For server/resources/server-node.sh.

    install-node.py ENGINE FOLDER VERSION

The package registry has Node's own binaries as packages. What they are is checked by the registry's sums, nothing in
them is run here, and of an archive only plain files are taken. ENGINE is the folder of the deploy engine's package.
Print the version that was installed, or nothing where the newest is there.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import platform
import re
import shutil
import sys
import tarfile
import time
import urllib.request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

REGISTRY = "https://registry.npmjs.org/"
# Where npm and this look for the address of another registry.
SETTINGS = os.environ.get("GREENPUSH_NPMRC", "/etc/npmrc")
# The short form of what a registry knows of a package.
SHORT = "application/vnd.npm.install-v1+json"
# As Node names processors.
PROCESSORS = {"x86_64": "x64", "aarch64": "arm64", "ppc64le": "ppc64le", "s390x": "s390x"}
# What of a package is not needed to run it: manual pages, and a list of changes.
UNUSED = ("share/", "CHANGELOG.md", "docs/", "man/")
# The most bytes of an archive, and of what it has.
ARCHIVE, CONTENT = 200_000_000, 600_000_000
TRIES = 3
# The first version of Node that comes with the newest npm that is installed, and the npm of those before it. Later ones
# of npm run no scripts of packages, which applications count on.
NEWEST_NPM, NPM_BEFORE, FROM_NODE = 11, 10, 24


def registry() -> str:
    """Return the address of the registry."""
    try:
        with open(SETTINGS, encoding="utf-8") as file:
            found = re.findall(r"^\s*registry\s*=\s*(\S+)", file.read(), re.MULTILINE)
    except OSError:
        found = []
    address = found[-1] if found else REGISTRY
    return address if address.endswith("/") else f"{address}/"


def fetched(address: str, accept: str = "*/*") -> bytes:
    """Return what an address has."""
    request, content = urllib.request.Request(address, headers={"Accept": accept}), b""
    for tries in range(TRIES):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read(ARCHIVE + 1)
            break
        except OSError as error:
            if tries == TRIES - 1 or getattr(error, "code", 500) < 500:
                sys.exit(f"{address} can't be had: {error}")
            time.sleep(1 + tries)
    if len(content) > ARCHIVE:
        sys.exit(f"{address} has more than {ARCHIVE // 1_000_000} MB")
    return content


def versions_of(package: str) -> dict[str, Any]:
    """Return what the registry knows of the versions of a package, those before a release left out."""
    known: dict[str, Any] = json.loads(fetched(f"{registry()}{package}", SHORT))["versions"]
    return {version: about for version, about in known.items() if re.fullmatch(r"\d+\.\d+\.\d+", version)}


def newest(versions: list[str]) -> str:
    """Return the newest of some versions."""
    return max(versions, key=lambda version: [int(part) for part in version.split(".")])


def unpack(about: dict[str, Any], folder: str) -> None:
    """Fetch the archive of a version, check it, and put its files into a folder."""
    dist = about["dist"]
    content = fetched(dist["tarball"])
    sums = [each.split("-", 1) for each in dist["integrity"].split() if each.startswith("sha512-")]
    if not any(base64.b64decode(wanted) == hashlib.sha512(content).digest() for _, wanted in sums):
        sys.exit(f"{dist['tarball']} is not what the registry says it is: its sum differs")
    left = CONTENT
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            # All in one folder, whatever that is called.
            top, _, name = member.name.partition("/")
            parts = name.split("/")
            if not member.isfile() or not top or ".." in parts or "" in parts or name.startswith(UNUSED):
                continue
            left -= member.size
            file = archive.extractfile(member)
            if left < 0 or file is None:
                sys.exit(f"{dist['tarball']} has more than {CONTENT // 1_000_000} MB")
            path = os.path.join(folder, *parts)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with file, open(path, "xb") as target:
                shutil.copyfileobj(file, target)
                os.fchmod(target.fileno(), 0o755 if member.mode & 0o100 else 0o644)


def install(engine: str, folder: str, wanted: str) -> str:
    """Install the newest version of those that are wanted; return it, "" where it is there."""
    sys.path.insert(0, os.path.dirname(engine))
    from engine.tree.versions import numbers, satisfies

    machine = platform.machine()
    if machine not in PROCESSORS:
        sys.exit(f"there is no package of Node for this processor, {machine}")
    nodes = versions_of(f"node-linux-{PROCESSORS[machine]}")
    fitting = [each for each in nodes if f"{each}.".startswith(f"{wanted}.")]
    if not fitting:
        majors = sorted({int(each.split(".")[0]) for each in nodes})
        sys.exit(f"there is no Node {wanted}; {registry()} has {', '.join(map(str, majors))}")
    version = newest(fitting)
    if os.path.exists(os.path.join(folder, version, "bin", "npm")):
        return ""
    aside = os.path.join(folder, f".new-{version}")
    shutil.rmtree(aside, ignore_errors=True)
    unpack(nodes[version], aside)
    managers = versions_of("npm")
    own = numbers(version) or ()
    most = NEWEST_NPM if own >= (FROM_NODE,) else NPM_BEFORE
    runs = [
        each
        for each, about in managers.items()
        if int(each.split(".")[0]) <= most and satisfies(own, about.get("engines", {}).get("node", "*"))
    ]
    unpack(managers[newest(runs)], os.path.join(aside, "lib", "node_modules", "npm"))
    for name in ("npm", "npx"):
        program = os.path.join("..", "lib", "node_modules", "npm", "bin", f"{name}-cli.js")
        os.chmod(os.path.join(aside, "bin", program), 0o755)
        os.symlink(program, os.path.join(aside, "bin", name))
    # The server's settings of npm count for this one too.
    os.mkdir(os.path.join(aside, "etc"))
    os.symlink(SETTINGS, os.path.join(aside, "etc", "npmrc"))
    os.rename(aside, os.path.join(folder, version))
    return version


if __name__ == "__main__":
    os.umask(0o022)
    print(install(*sys.argv[1:]))
