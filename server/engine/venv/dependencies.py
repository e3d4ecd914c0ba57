"""What a release's virtualenv is made of: the lock file or requirements files of its tree, and what the stack adds."""

from __future__ import annotations

import os
import re

from ..console.output import say
from ..errors import Refused
from ..host.pushed_file import read_pushed
from .requirements import Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..release.job import Job

# Files that say what an application needs, in the order in which they count. Of each the name, or the end of it, and
# its kind.
KINDS = (
    ("uv.lock", "uv.lock"),
    ("poetry.lock", "poetry.lock"),
    ("Pipfile.lock", "Pipfile.lock"),
    ("pylock.toml", "pylock.toml"),
    ("requirements.pip", "requirements"),
    ("requirements.txt", "requirements"),
    ("pyproject.toml", "pyproject.toml"),
    ("setup.py", "setup.py"),
    ("setup.cfg", "setup.py"),
)
# Kinds that say what is needed, and not which versions.
OPEN = ("requirements", "pyproject.toml", "setup.py")
# Kinds that know groups, and what each calls its optional parts.
WITH_GROUPS = ("uv.lock", "poetry.lock", "pylock.toml", "pyproject.toml", "setup.py")
# What PDM has locked, beside the pyproject.toml that says of what.
PDM_LOCK = "pdm.lock"
# The version of Django that a file names, by its kind.
DJANGO = {
    "uv.lock": r'^name = "django"\nversion = "([^"]+)"',
    "poetry.lock": r'^name = "[Dd]jango"\nversion = "([^"]+)"',
    "pylock.toml": r'^name = "django"\nversion = "([^"]+)"',
    "Pipfile.lock": r'"django": \{(?:[^{}]|\{[^{}]*\})*?"version": "==([^"]+)"',
    "requirements": r"^django(?:\[[^]]*\])?\s*==\s*([^\s;#\\]+)",
}
INSTALLS_DJANGO = re.compile(r"\binstall_requires\b.*?[\s\"']django(?![\w.-])", re.DOTALL | re.IGNORECASE)
# Bytes of a lock file that is read.
LARGEST_LOCK = 20_000_000
# Packages of a lock file that lie in the tree itself. The project's own folder is left out: it is not installed.
LOCAL = {
    "uv.lock": r'^source = \{ (editable|directory|path|virtual) = "(?!\.")',
    "poetry.lock": r'^type = "(directory|file)"',
    "pylock.toml": r"^(?:directory|archive) = \{ ?(path) = ",
    "Pipfile.lock": r'"(path|file|editable)":',
    # What it reads while it runs can't be known.
    "setup.py": r"(install_requires)",
}


class Dependencies:
    """The files that a virtualenv is made of, all of one kind; `names` are relative to the tree's top.

    `folder` is where they are installed from: a lock file's own, or for requirements files that of manage.py or the
    tree's top, where their authors call pip. `requirements` has what pip would read, of requirements files only.
    """

    __slots__ = ("codebase", "names", "kind", "folder", "requirements", "texts", "groups", "extras", "more")

    def __init__(self, codebase: str, project: str, names: list[str], config: Config) -> None:
        self.codebase, self.names = codebase, names
        kinds = {kind_of(name) for name in names}
        self.kind = kinds.pop()
        if kinds:
            raise Refused(
                "virtualenv",
                f"{' and '.join(names)} are of different kinds",
                advice="`requirements` in the stack file names one lock file, or requirements files only.",
            )
        self.groups, self.extras, self.more = config.groups, config.extras, config.extra_requirements
        first = os.path.normpath(os.path.join(codebase, names[0]))
        self.folder = os.path.dirname(first)
        self.requirements: list[Requirements] = []
        if self.kind == "requirements":
            self.folder = project if first.startswith(f"{project}/") else codebase
            self.requirements = [Requirements(self.folder, self.relative(name)) for name in names]
            self.texts = [text for each in self.requirements for text in each.texts]
        else:
            self.texts = [(name, self._text(name)) for name in names] + self._beside()
        if (self.groups or self.extras) and self.kind not in WITH_GROUPS:
            setting = "groups" if self.groups else "extras"
            raise Refused(
                "virtualenv",
                f"{names[0]} has no {setting}, which `{setting}` of {config.site} names",
                advice=f"Take `{setting}` out of the stack file, or name a lock file with `requirements`.",
            )

    def relative(self, name: str) -> str:
        """Return the path of one of the files from `folder`."""
        return os.path.relpath(os.path.join(self.codebase, name), self.folder)

    def place(self, name: str) -> str:
        """Return the path in the tree of a file in `folder`."""
        return os.path.relpath(os.path.join(self.folder, name), self.codebase)

    def _text(self, name: str) -> str:
        return read_pushed("virtualenv", os.path.join(self.codebase, name), LARGEST_LOCK).decode(errors="replace")

    def _beside(self) -> list[tuple[str, str]]:
        """Return the pyproject.toml beside a lock file, which says what its groups are, or PDM's lock beside it."""
        base = {"uv.lock": "pyproject.toml", "poetry.lock": "pyproject.toml", "pyproject.toml": PDM_LOCK}.get(self.kind)
        name = os.path.normpath(os.path.join(os.path.relpath(self.folder, self.codebase), base or ""))
        return [(name, self._text(name))] if base and os.path.exists(os.path.join(self.codebase, name)) else []

    @property
    def local(self) -> bool:
        """Tell whether something of the tree itself is installed, so that the tree's content counts."""
        if self.kind == "requirements":
            return any(each.local for each in self.requirements)
        return self.editable or bool(self._local())

    @property
    def editable(self) -> bool:
        """Tell whether a folder of the release itself is installed, or something that can't be known beforehand."""
        if self.kind == "requirements":
            return any(each.editable or each.remote for each in self.requirements)
        return any("editable" in each or "virtual" in each for each in self._local())

    def _local(self) -> list[str]:
        pattern = LOCAL.get(self.kind)
        return [found for _, text in self.texts for found in re.findall(pattern, text, re.MULTILINE)] if pattern else []

    @property
    def locks(self) -> bool:
        """Tell whether the files say all that is installed: a lock file, or requirements with hashes."""
        return self.hashed or self.kind not in OPEN

    @property
    def hashed(self) -> bool:
        """Tell whether requirements files have hashes: then each package needs one."""
        return any(each.hashed for each in self.requirements)

    def named(self) -> str:
        """Return the files in words."""
        locks = [name for name, _ in self.texts if os.path.basename(name) == PDM_LOCK]
        return " and ".join(self.names + locks)


def kind_of(name: str) -> str:
    """Return the kind of a file: one of KINDS; of a name that says nothing, requirements."""
    base = os.path.basename(name)
    if re.fullmatch(r"pylock\.[\w-]+\.toml", base):
        return "pylock.toml"
    return next((kind for known, kind in KINDS if base == known), "requirements")


def dependencies_of(job: Job) -> Dependencies:
    """Return what a release's virtualenv is made of. Raise Refused if the tree has nothing that says so."""
    release, config = job.release, job.config
    codebase = release.codebase
    # A release that was made before the stack named another file has its own.
    names = release.dependency_files or config.requirement_files
    if not names:
        names = found_in(job)
    for name in names:
        if not os.path.exists(os.path.join(codebase, name)):
            from .absent import no_such_file

            raise no_such_file(codebase, name, config)
    if not names:
        from .absent import no_dependencies

        raise no_dependencies(codebase, config)
    return Dependencies(codebase, release.project, names, config)


def folders_above(release_project: str, codebase: str) -> list[str]:
    """Return the folder of manage.py and those above it, up to the tree's top."""
    folders, folder = [release_project], release_project
    while folder != codebase and folder.startswith(f"{codebase}/"):
        folder = os.path.dirname(folder)
        folders.append(folder)
    return folders


def found_in(job: Job) -> list[str]:
    """Return the file of the tree that counts, in a list; none where there is none. Raise Refused if two contradict."""
    release = job.release
    for folder in folders_above(release.project, release.codebase):
        there = [(name, kind) for name, kind in KINDS if counts(folder, name, job.config.groups)]
        if not there:
            continue
        locks = [(name, kind) for name, kind in there if kind not in ("pyproject.toml", "setup.py")]
        if len(locks) > 1:
            agree(folder, locks, job.config)
        if there[0][1] == "setup.py":
            from .absent import requirement_files

            for other in requirement_files(release.codebase)[:1]:
                say(f"    {there[0][0]} counts, and {other} does not: `requirements` in the stack file names another")
        below = os.path.relpath(folder, release.codebase)
        return [os.path.normpath(os.path.join(below, there[0][0]))]
    return []


def counts(folder: str, name: str, groups: list[str]) -> bool:
    """Tell whether a folder has a file of dependencies.

    A pyproject.toml without [project] is one by its groups, a setup.py where it names Django itself.
    """
    path = os.path.join(folder, name)
    # A link may lead to nothing, or to a device: that is said, and not passed over.
    if not (os.path.isfile(path) or os.path.islink(path)):
        return False
    if name not in ("pyproject.toml", "setup.py", "setup.cfg"):
        return True
    try:
        text = read_pushed("virtualenv", path).decode(errors="replace")
    except OSError:
        return False
    if name != "pyproject.toml":
        return bool(INSTALLS_DJANGO.search(text))
    return bool(re.search(r"^\[(project|dependency-groups)\]" if groups else r"^\[project\]", text, re.MULTILINE))


def agree(folder: str, there: list[tuple[str, str]], config: Config) -> None:
    """Say which of several files counts. Raise Refused if they name different versions of Django."""
    versions: dict[str, str] = {}
    for name, kind in there:
        text = read_pushed("virtualenv", os.path.join(folder, name), LARGEST_LOCK).decode(errors="replace")
        found = re.search(DJANGO[kind], text, re.MULTILINE | (re.IGNORECASE if kind == "requirements" else 0))
        if found:
            versions[name] = found.group(1)
    if len(set(versions.values())) > 1:
        raise Refused(
            "virtualenv",
            f"{' and '.join(f'{name} names Django {version}' for name, version in versions.items())}",
            advice=f"Lock both anew, remove one, or say which counts: `requirements: {there[0][0]}` of {config.site} "
            "in the stack file.",
        )
    counting, *others = [name for name, _ in there]
    do = "do" if others[1:] else "does"
    say(f"    {counting} counts, and {', '.join(others)} {do} not: `requirements` in the stack file names another")
