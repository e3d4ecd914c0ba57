"""Why uv could not install dependencies, and what helps, in words for the pusher."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from ..console.causes import cause_of, have_packages, search_package
from ..console.logs import lines_of, tail
from ..tree.folders import folders_below
from .debian_packages import COMPILER, HEADERS, LIBRARIES, MYSQL, OF_PACKAGE, PROGRAMS, RUST, XML
from .dependencies import folders_above
from .locked import packages_of_indexes
from .network_failures import NETWORK
from .python import OLDEST, dockerfile_python, wheels_of
from .versions import minor_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..errors import Refused
    from ..release.job import Job
    from .dependencies import Dependencies

    # The reason, the lines that show it, the advice.
    Cause = tuple[str, list[str], str]

NO_COMPILER = re.compile(
    r"command '(?:\S*/)?(?:\S+-)?(?:gcc|g\+\+|cc|c\+\+|clang)(?:-\d+)?' failed: No such file"
    r"|unable to execute '\S*(?:gcc|g\+\+|cc|clang)\S*'|(?:gcc|g\+\+|\bcc|clang): (?:command )?not found"
    r"|No such file or directory: '\S*(?:gcc|g\+\+|\bcc|clang)'|need a C compiler|Unknown compiler\(s\)"
    r"|No CMAKE_C\w*_COMPILER could be found|linker `cc` not found|no acceptable C compiler"
)
NO_RUST = re.compile(r"Cargo, the Rust package manager, is not installed|can't find Rust compiler|Rust not found")
NO_MYSQL = re.compile(r"Can not find valid pkg-config name|MYSQLCLIENT_CFLAGS")
NO_XML = re.compile(r"libxml2 and libxslt development packages")
NO_JPEG = re.compile(r"headers or library files could not be found for (jpeg|zlib)|RequiredDependencyException: (\w+)")
NO_PROGRAM = re.compile(
    rf"No such file or directory: '({'|'.join(PROGRAMS)}|[\w-]+[_-]config)'"
    r"|(?:^|\s)([\w+-]+): (?:command )?not found$"
    r"|(pg_config) executable not found|Cannot find command '([\w+-]+)'|Did not find (pkg-config)",
    re.MULTILINE,
)
NO_HEADER = re.compile(r"fatal error: ([\w+./-]+\.h(?:pp)?): No such file")
NO_LIBRARY = re.compile(r"cannot find -l([\w+-]+)")

# What is built with a newer setuptools or Cython than it knows.
BUILT_WITH_NEWER = re.compile(
    r"has no attribute 'cython_sources'|cannot import name '\w+' from 'setuptools|use_2to3 is invalid"
    r"|No module named '(?:pkg_resources|setuptools\.\w[\w.]*)'"
)
CONSTRAINTS = "build-constraints.txt"

PACKAGE = re.compile(r"^error: Failed to (?:build|download and build|prepare)\S* `([A-Za-z0-9][\w.-]*)", re.MULTILINE)
NEEDS_PYTHON = re.compile(
    r"the current Python version \(([\d.]+)\) does not satisfy\s+Python(\S+)\s+and\s+(\S+)\s+depends\s+on", re.DOTALL
)
FETCHED = re.compile(r"Failed to (?:fetch|download): [`']?(https?://[^\s`']+)|An index(?: URL)? \((https?://[^)\s]+)\)")
# What a file names: any address, and in uv.lock that of a package that is from no index.
ADDRESS = re.compile(r"""https?://[^\s"'#;]+""")
OF_A_PACKAGE = re.compile(r'^source = \{ (?:url|git) = "([^"]+)"', re.MULTILINE)

# Which file uv could not read, the one that includes it first.
IN_FILE = re.compile(r"^(?:error|\s+cause): [^`\n]+ in `([^`\n]+)` at position", re.MULTILINE)

CONTRADICT = "the requirements contradict each other"
OTHERS = (
    (
        r"Hash mismatch for `([^`]+)`",
        "what the index has as {} is not what its hash says",
        "Lock the requirements anew if it was published again; else somebody may have tampered with it.",
    ),
    (
        r"Hash-checking is (?:enabled|required), but no (?:trusted )?hash\w* w\w+ provided for:? `([\w.-]+)",
        "the requirements have hashes, and {} has none, which one of them needs",
        "Have it installed besides: `extraRequirements: [{}]` of the site in the stack file. Or lock all of them with "
        "hashes: pip-compile leaves setuptools out, but for `--allow-unsafe`.",
    ),
    (
        r"In `--require-hashes` mode, all requirements must|Hash-checking is required, but no",
        "some requirements have a hash, and one has none",
        "Lock all of them with hashes (`uv pip compile --generate-hashes`), or none.",
    ),
    (
        r"(\S+\.whl)\S* (?:is not compatible|has no wheels)"
        r"|A path dependency is incompatible with the current platform: (\S+)",
        "{} is made for another Python or another machine",
        "Require it by name, or bring the file for this Python.",
    ),
    (
        r"has no wheels with a matching (?:Python|platform|ABI)|has no usable wheels"
        r"|doesn't have a source distribution or wheel",
        "one of the packages has no wheel for this Python, and can't be compiled",
        "Lock another version of it, or run the site with another Python: `python` in the stack file.",
    ),
    (
        r"fatal: Could not read from remote repository|fatal: could not read Username|fatal: repository '.*' not found"
        r"|fatal: Authentication failed|Permission denied \(publickey",
        "a repository that is required can't be read with the rights of the site's account",
        "Give its key to the account (`~/.ssh`), or require a published package.",
    ),
    (
        r"fatal: unable to access 'https?://(?:[^'@/]*@)?([^'/]+)[^']*': "
        r"(?:Could not resolve|Failed to connect|Couldn't connect|.*[Tt]imed out|.*Timeout)",
        "the server does not reach {}, from where git fetches a package",
        "Let the server reach it, or require a published package.",
    ),
    (r"No space left on device", "the disk of the server is full", "Make room on the server: `df -h` tells where."),
    (
        r"Killed signal terminated program|Cannot allocate memory|MemoryError",
        "the server has too little memory to build it",
        "Give it more, or require a version that has a wheel for the server's Python.",
    ),
    # One that is included too, of which uv says both.
    (r"Couldn't parse requirement in `([^`]+)`", "a line of it is no requirement", "Mend that line."),
    (
        r"Error parsing included file|failed to read from file `([^`]+)`: No such file",
        "it includes a file that is not there",
        "Commit that file.",
    ),
    (
        r"(?:Group|Extra) `([^`]+)` is not defined|[Dd]ependency group '?([\w-]+)'? (?:was )?not found"
        r"|Group\(s\) not found: (\S+)|Extra \[(\S+)\] is not",
        "it has no group or extra {}",
        "Mend `groups` or `extras` in the stack file.",
    ),
    (
        r"pyproject.toml changed significantly since poetry.lock|poetry.lock (?:is not up to date|was not generated)",
        "poetry.lock is not that of pyproject.toml",
        "`poetry lock` brings it up to date; commit both.",
    ),
    (
        r"Because there is no version of (\S+?),? and|Because (\S+) was not found in the package registry"
        r"|Because only (?:\S+) is available and you require (\S+?),",
        "no index has {} for this server",
        "Mend its name or its version, or name the index that has it: `--extra-index-url` in the file, or "
        "PIP_EXTRA_INDEX_URL in `environment`.",
    ),
    (
        # From the first of uv's sentences on, which say what each needs; the last one concludes.
        r"Because (?:.*\n)*?.*your requirements are unsatisfiable",
        CONTRADICT,
        "Loosen one of them; the lines say what each needs.",
    ),
)
# What pip-compile and uv write at the top of a requirements file.
COMPILED_FOR = re.compile(r"^# .*(?:with Python |--python-version[ =])3\.(\d+)", re.MULTILINE)
# The last lines of what uv says, where the cause of a failure is looked for.
UV_LINES = 2000
# The most lines to show of it, where not more belong together.
BLOCK = 4


def with_cause(refused: Refused, job: Job, dependencies: Dependencies, python: str) -> Refused:
    """Return the refusal for dependencies that uv could not install. `python`: the version of it, as 3.11."""
    said = "\n".join(tail(job.log, UV_LINES))
    # Only what the last call says.
    said = said[said.rfind("\nUsing Python ") + 1 :]
    named = dependencies.named()
    known = explain(said, python, dependencies)
    if known:
        refused.reason, refused.lines, refused.advice = f"{named}: {known[0]}", known[1], known[2]
        if dependencies.more and known[0] == CONTRADICT:
            refused.advice += " `extraRequirements` of the stack file are among them."
    else:
        refused.reason = f"{named} can't be installed ({refused.reason})"
        refused.lines = shown_of(said) or refused.lines
        older = older_python(said, python, job, dependencies)
        refused.advice = f"{older}Mend {named}; `uv pip install` shows the same on your machine."
    if not known or ("stack file" not in known[2] and "server" not in known[2]):
        refused.advice += laid(said, dependencies)
    return refused


def laid(said: str, dependencies: Dependencies) -> str:
    """Return how a file of the tree that has to be another one is mended without a commit."""
    found: list[str] = IN_FILE.findall(said)
    named = dependencies.place(found[-1]) if found else ""
    line = re.compile(rf"^{re.escape(package_in(said))}(?![\w.-])", re.MULTILINE | re.IGNORECASE)
    having = [name for name, text in dependencies.texts if package_in(said) and line.search(text)]
    there = os.path.isfile(os.path.join(dependencies.codebase, named))
    file = named if there else dependencies.place(having[0]) if having else dependencies.names[0]
    return f" To commit nothing, lay a mended file in its place: `files: {{ {file}: FILE }}` in the stack file."


def older_python(said: str, python: str, job: Job, dependencies: Dependencies) -> str:
    """Say that a package that does not compile may be too old for this Python, and which one the tree speaks of."""
    package = package_in(said)
    if not package:
        return ""
    own = minor_of(python) or 0
    hints: list[tuple[str, int]] = []
    for name, text in dependencies.texts:
        # A wheel's file name has "_" for "-".
        wheels = wheels_of([text]).get(package.lower().replace("-", "_"), ())
        hints += sorted([(name, minor) for minor, later in wheels if not later], key=lambda each: abs(each[1] - own))
    compiled = [(name, COMPILED_FOR.search(text)) for name, text in dependencies.texts]
    hints += [(name, int(found.group(1))) for name, found in compiled if found]
    hints += dockerfiles(job.release.project, job.release.codebase)
    name, minor = next(((name, minor) for name, minor in hints if f"3.{minor}" != python), ("", 0))
    why = f"{package} has no wheel for Python {python} on this server, and can't be compiled for it. "
    if name and minor < OLDEST:
        return f"{why}{name} is made for Python 3.{minor}, which Greenpush does not run; it runs 3.{OLDEST} and later. "
    return f'{why}{name} is made for Python 3.{minor}: set `python: "3.{minor}"` in the stack file. ' if name else why


def dockerfiles(project: str, codebase: str) -> list[tuple[str, int]]:
    """Return the Dockerfiles of a tree that name a Python, and its minor version: those that are about the project
    first, then those for production.
    """
    others = sorted(folders_below(codebase), key=lambda each: "prod" not in os.path.relpath(each, codebase))
    found = [(each, dockerfile_python(each)) for each in dict.fromkeys([*folders_above(project, codebase), *others])]
    return [(os.path.relpath(os.path.join(each, "Dockerfile"), codebase), minor) for each, minor in found if minor]


def shown_of(said: str, most: int = 12) -> list[str]:
    """Return the lines of uv's own error; of a build that failed, the last ones that the build has printed."""
    error = said[said.rfind("\nerror: ") + 1 :] if "\nerror: " in said else ""
    first, _, printed = error.partition("[stderr]")
    if not printed:
        return [without_login(line) for line in lines_of(error) if line.strip()][:most]
    block = printed.partition("\nhint: ")[0]
    lines = [line.strip() for line in lines_of(block) if line.strip()]
    return [without_login(line) for line in (lines_of(first)[0], *lines[-6:])]


def explain(said: str, python: str, dependencies: Dependencies | None = None) -> Cause | None:
    """Return why uv failed: (reason, lines that show it, advice), None if it is unknown.

    `said` is what uv has printed. `python` is the version that it installed for, as 3.11; `dependencies` what it was
    of.
    """
    return (
        not_built(said)
        or built_with_newer(said, dependencies)
        or wrong_python(said, python)
        or no_index(said, dependencies)
        or other_cause(said)
    )


def names_host(dependencies: Dependencies, host: str) -> str:
    """Return the file that names an address of a host, as an index or as where a package is; "" where none does."""
    for name, text in dependencies.texts:
        if dependencies.kind == "uv.lock":
            addresses = [*packages_of_indexes(text), *OF_A_PACKAGE.findall(text)] if name in dependencies.names else []
        else:
            addresses = ADDRESS.findall(text)
        if any(urlsplit(address).netloc.rpartition("@")[2] == host for address in addresses):
            return name
    return ""


def not_built(said: str) -> Cause | None:
    """Return the trouble of a package that has to be built, and what the server lacks for it."""
    for pattern, lacks, packages in (
        (NO_MYSQL, "the client library of MySQL", MYSQL),
        (NO_XML, "the files of libxml2 and libxslt", XML),
        (NO_JPEG, "the files of image libraries", ("libjpeg-dev", "zlib1g-dev", *COMPILER)),
        (NO_RUST, "a Rust compiler", RUST),
        (NO_COMPILER, "a C compiler", COMPILER),
        (NO_HEADER, "the file {}", HEADERS),
        (NO_LIBRARY, "the library {}", LIBRARIES),
        (NO_PROGRAM, "the program {}", PROGRAMS),
    ):
        found = pattern.search(said)
        if found:
            name = next((group for group in found.groups() if group), "")
            package = package_in(said)
            known = OF_PACKAGE.get(package.lower(), ())
            if packages is COMPILER:
                helps = known or COMPILER
            else:
                helps = packages if isinstance(packages, tuple) else packages_for(name, packages) or known
            reason = f"{package or 'a package'} has to be built here, and the server lacks {lacks.format(name)} for it"
            return reason, block_at(said, found.start()), packages_advice(name, helps, package)
    return None


def built_with_newer(said: str, dependencies: Dependencies | None = None) -> Cause | None:
    """Return the trouble of a package older than what it is built with: no lock file says the versions of that."""
    found = BUILT_WITH_NEWER.search(said)
    if not found:
        return None
    package = package_in(said)
    # Where uv looks for what the variable names.
    place = dependencies.place(CONSTRAINTS) if dependencies else CONSTRAINTS
    return (
        f"{package or 'a package'} can't be built with today's setuptools and Cython",
        block_at(said, found.start()),
        f"Have it built with older ones: a file with the lines `Cython<3` and `setuptools<70`, in the stack file "
        f"`files: {{ {place}: FILE }}` and `environment: {{ UV_BUILD_CONSTRAINT: {CONSTRAINTS} }}`. Or require a "
        f"version of {package or 'it'} that has a wheel for this Python.",
    )


def packages_for(name: str, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the packages of Debian with a file, a library or a program."""
    return table.get(name) or table.get(name.split("/", maxsplit=1)[0].rstrip("0123456789")) or ()


def packages_advice(name: str, packages: Sequence[str], package: str) -> str:
    """Return what to do about a thing that the server lacks, with the line of the stack file."""
    if not packages:
        return search_package(name)
    # Where psycopg2-binary itself is built, it has no wheel for this Python.
    if "libpq-dev" in packages and not package.endswith("-binary"):
        without = "; or require `psycopg[binary]` (psycopg2-binary), which needs none"
    else:
        without = f"; or require a version of {package} that has a wheel" if package else ""
    return have_packages(packages, without)


def package_in(said: str) -> str:
    """Return the package that uv was building, as far as it says."""
    found = PACKAGE.search(said)
    return found.group(1) if found else ""


def wrong_python(said: str, python: str) -> Cause | None:
    """Return the trouble of a version that is made for another Python."""
    found = NEEDS_PYTHON.search(said)
    if not found:
        return None
    needs, package = found.group(2).rstrip(","), found.group(3)
    oldest = re.search(r"3\.\d+", needs)
    return (
        f"{package.replace('==', ' ')} needs Python {needs}, and this release has {python}",
        [],
        f'Set `python: "{oldest.group() if oldest else "3.13"}"` of the site in the stack file, or commit a '
        ".python-version; or require "
        f"a version of {re.split('[=<>~! ]', package)[0]} that runs on Python {python}.",
    )


def no_index(said: str, dependencies: Dependencies | None = None) -> Cause | None:
    """Return the trouble of an index, or a server that it refers to, that can't be reached."""
    found = FETCHED.search(said)
    if not found:
        return None
    host = urlsplit(next(filter(None, found.groups()))).netloc.rpartition("@")[2]
    why, helps = cause_of(NETWORK, said[max(0, found.start() - 200) :]) or ("it does not give the package", "")
    line = next((each for each in lines_of(said[found.start() :]) if each.strip()), "")
    file = names_host(dependencies, host) if dependencies else ""
    other = (
        f"{file} names it, which counts more than an index of the server: let the server reach it, or lay a file that "
        f"names another in its place: `files: {{ {file}: FILE }}` in the stack file."
        if file
        else "Another index: PIP_INDEX_URL in the site's `environment`, or index-url in /etc/pip.conf on the server."
    )
    return (
        f"uv can't get packages from {host}: {why}",
        [without_login(line.strip())],
        f"{helps}`curl -I https://{host}` on the server shows the same. {other}",
    )


def other_cause(said: str) -> Cause | None:
    """Return the trouble that a row of OTHERS matches."""
    for row in OTHERS:
        found = re.search(row[0], said)
        if found:
            why, helps = cause_of([row], said) or ("", "")
            return why, block_at(said, found.start(), max(BLOCK, found.group().count("\n") + 1)), helps
    return None


def block_at(text: str, at: int, most: int = BLOCK) -> list[str]:
    """Return the lines from a place on, to the next empty one."""
    begin = text.rfind("\n", 0, at) + 1
    lines: list[str] = []
    for line in lines_of(text[begin:])[:most]:
        if not line.strip() or "[end of output]" in line:
            break
        lines.append(without_login(line.strip()))
    return lines


def without_login(line: str) -> str:
    """Return a line without the login that an address in it may have."""
    return re.sub(r"//[^/@\s]*@", "//", line)
