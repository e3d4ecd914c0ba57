"""Which Python a release runs with: what the stack or the tree asks for, or the server's own."""

from __future__ import annotations

import json
import os
import re

from ..console.output import say
from ..errors import Refused
from ..host.pushed_file import read_pushed, text_if_any
from ..paths import SERVER_PYTHON
from .requirements import version_of
from .versions import CLAUSE, allows, minor_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..release.job import Job

# The versions that uv can be asked for, and that Greenpush's gunicorn runs with.
OLDEST, NEWEST = 10, 15
# A wheel's file name, and which Pythons it is for: py3-none-any, cp313-cp313-…, cp39-abi3-…. It begins where a word
# does: a lock file of megabytes is looked through in some hundredths of a second.
WHEEL = re.compile(r"(?<![\w.-])([A-Za-z0-9][\w.]*)-[\w.!+]+?-(?:\d\w*-)?((?:cp|py)[\w.]+)-([\w.]+)-([\w.]+?)\.whl")
FROM_PYTHON = re.compile(r"^FROM\s+(?:--\S+\s+)*(?:[\w.:-]+/)*python:(3\.\d+)", re.MULTILINE | re.IGNORECASE)


class Wanted:
    """What asks for a Python: the versions that it allows, as a specifier, and where it says so.

    `hint`: the minor version of a Dockerfile, which counts where nothing asks and the server's own is older.
    `project`: the versions that the project itself allows, whatever asks for one.
    """

    __slots__ = ("specifier", "source", "hint", "project")

    def __init__(self, specifier: str = "", source: str = "", hint: int | None = None, project: str = "") -> None:
        self.specifier, self.source, self.hint, self.project = specifier, source, hint, project

    def against(self, minor: int) -> str:
        """Return in words that the project does not allow 3.MINOR, "" where it does."""
        return "" if allows(self.project, minor) else f"pyproject.toml asks for Python {self.project}"


def python_for(job: Job, folders: list[str], locks: Iterable[str]) -> tuple[str, str]:
    """Return the path of a release's Python, and its version as 3.13. Have one installed if it isn't there.

    `folders` of the tree are where it may be asked for, the nearest to manage.py first; `locks` are the texts of the
    lock files, which name the wheels that there are. Raise Refused if there is none.
    """
    wanted = wanted_python(job.config.python, folders)
    chosen = minor_of(job.config.python or "")
    if chosen and wanted.against(chosen):
        # The lock file may have neither wheels nor packages for it.
        say(f"    {wanted.against(chosen)}, and `python` in the stack file names 3.{chosen}")
    own = minor_of(version_of(SERVER_PYTHON)) or 0
    allowed = [minor for minor in {*range(OLDEST, NEWEST + 1), own} if allows(wanted.specifier, minor)]
    if not allowed:
        asked = next(map(int, re.findall(r"3\.(\d+)", wanted.specifier)), own)
        nearest = max(OLDEST, min(asked, NEWEST))
        raise Refused(
            "virtualenv",
            f"{wanted.source} asks for Python {wanted.specifier}, which Greenpush does not run",
            advice=f'It runs 3.{OLDEST} to 3.{NEWEST}. Write `python: "3.{nearest}"` under the site in the stack file, '
            "or name another there.",
        )
    # Where only one is allowed, there is nothing to look for.
    lacks = wheels_lacking(locks if len(allowed) > 1 else ())
    hint = wanted.hint if wanted.hint and wanted.hint > own else own
    minor = min(allowed, key=lambda each: (lacks(each), abs(each - hint), each))
    if minor == own:
        return SERVER_PYTHON, f"3.{own}"
    path = installed_python(job, minor)
    if path is None:
        try:
            path = install_python(job, minor, wanted)
        except Refused as refused:
            if wanted.source or lacks(minor) < lacks(own):
                raise
            # Nobody asked for it: a Dockerfile was a hint.
            line = f'`python: "3.{own}"` in the stack file asks for no other'
            say(f"    {refused.reason}. The server's 3.{own} runs it: {line}.")
            return SERVER_PYTHON, f"3.{own}"
    return path, f"3.{minor}"


def wanted_python(setting: str | None, folders: list[str]) -> Wanted:
    """Return what asks for a Python: the setting, else the first file that does."""
    project = next(filter(None, (project_python(folder) for folder in folders)), "")
    if setting:
        return Wanted(f"=={setting}.*", "`python` in the stack file", project=project)
    for folder in folders:
        for name, read in FILES:
            try:
                text = read_pushed("virtualenv", os.path.join(folder, name)).decode(errors="replace")
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                continue
            specifier = read(text)
            if specifier:
                return Wanted(specifier, name, project=project)
    return Wanted(hint=next(filter(None, map(dockerfile_python, folders)), None))


def version_file(text: str) -> str:
    """Read .python-version, of which each line is a version or another program's name for one; or runtime.txt."""
    for line in text.splitlines():
        minor = minor_of(line)
        if minor is not None:
            return f"==3.{minor}.*"
    return ""


def project_file(text: str) -> str:
    """Read requires-python of pyproject.toml, or Poetry's own way to say it."""
    required = re.search(r"""^requires-python\s*=\s*["']([^"']+)["']""", text, re.MULTILINE)
    if required:
        return required.group(1)
    poetry = re.search(r"""^\[tool\.poetry\.dependencies\][^\[]*?^python\s*=\s*["']([^"']+)["']""", text, re.M | re.S)
    return poetry.group(1) if poetry else ""


def pipfile_lock(text: str) -> str:
    """Read what Pipfile.lock requires."""
    try:
        requires = json.loads(text)["_meta"]["requires"]
    except (ValueError, KeyError, TypeError):
        return ""
    return version_file(str(requires.get("python_full_version") or requires.get("python_version") or ""))


def tool_versions(text: str) -> str:
    """Read the file of asdf, or that of mise."""
    found = re.search(r"""^python[\s=]+["'\[]*([\w.-]+)""", text, re.MULTILINE)
    return version_file(found.group(1)) if found else ""


def setup_file(text: str) -> str:
    """Read python_requires of a setup.py or a setup.cfg."""
    found = re.search(r"""\bpython_requires\s*=\s*["']?([^"'\n]+)""", text)
    return found.group(1) if found and CLAUSE.search(found.group(1)) else ""


# Files that ask for a Python, and what reads each.
FILES: tuple[tuple[str, Callable[[str], str]], ...] = (
    (".python-version", version_file),
    ("runtime.txt", version_file),
    ("pyproject.toml", project_file),
    ("Pipfile.lock", pipfile_lock),
    ("setup.py", setup_file),
    ("setup.cfg", setup_file),
    (".tool-versions", tool_versions),
    ("mise.toml", tool_versions),
)


def project_python(folder: str) -> str:
    """Return which Pythons the project of a folder allows, "" where it does not say."""
    return project_file(text_if_any(os.path.join(folder, "pyproject.toml")))


def dockerfile_python(folder: str) -> int | None:
    """Return the minor version that a Dockerfile begins from, None where there is none."""
    text = text_if_any(os.path.join(folder, "Dockerfile"))
    found = [minor_of(version) for version in FROM_PYTHON.findall(text)]
    return found[-1] if found else None


def wheels_lacking(locks: Iterable[str]) -> Callable[[int], int]:
    """Return a function that tells how many locked packages would have to be compiled for 3.MINOR.

    Only of those that have a wheel for some Python: the others are compiled for each.
    """
    wheels = wheels_of(locks)

    def lacking(minor: int) -> int:
        return sum(not any(has == minor or (later and has <= minor) for has, later in each) for each in wheels.values())

    return lacking


def wheels_of(locks: Iterable[str]) -> dict[str, set[tuple[int, bool]]]:
    """Return which Pythons the wheels of lock files are for: {package: {(minor version, whether later ones too)}}."""
    runs: dict[str, set[tuple[int, bool]]] = {}
    for text in locks:
        for package, tags, abi, platform in WHEEL.findall(text):
            if not ("any" in platform or "linux" in platform):
                continue
            for tag in tags.split("."):
                found = re.fullmatch(r"(?:cp|py)3(\d*)", tag)
                if found:
                    minor = int(found.group(1) or 0)
                    runs.setdefault(package.lower(), set()).add((minor, tag.startswith("py") or "abi3" in abi))
    return runs


def installed_python(job: Job, minor: int) -> str | None:
    """Return the newest Python 3.MINOR of /opt/greenpush/pythons, None where there is none."""
    folder = os.path.join(job.config.tools, "pythons")
    found: list[tuple[int, str]] = []
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        about = re.match(rf"cpython-3\.{minor}\.(\d+)-", name)
        path = os.path.join(folder, name, "bin", f"python3.{minor}")
        if about and os.path.exists(path):
            found.append((int(about.group(1)), path))
    return max(found)[1] if found else None


def install_python(job: Job, minor: int, wanted: Wanted) -> str:
    """Have root install Python 3.MINOR with uv; return its path. Raise Refused, with the cause."""
    from ..host.run import run

    why = f", which {wanted.source} asks for" if wanted.source else ""
    say(f"    installs Python 3.{minor}{why}: once, for all sites of this server")
    command = ["sudo", "-n", os.path.join(job.config.tools, "install-python"), f"3.{minor}"]
    try:
        run("virtualenv", command, job.log, job.config.limits.virtualenv, job.environment, os.path.dirname(job.log))
    except Refused as refused:
        from .python_failures import with_cause

        raise with_cause(refused, job.log, f"3.{minor}", wanted) from None
    path = installed_python(job, minor)
    if path is None:
        raise Refused(
            "virtualenv",
            f"uv has installed no Python 3.{minor}",
            advice="This is a fault of Greenpush; please report it.",
        )
    return path
