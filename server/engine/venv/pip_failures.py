"""Why pip failed, and what helps, in words for the pusher."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..console.causes import cause_of
from ..console.logs import lines_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    # The reason, the lines that show it, the advice.
    Cause = tuple[str, list[str], str]

COMPILER = ("build-essential", "python3-dev")
POSTGRESQL = ("libpq-dev", *COMPILER)
MYSQL = ("default-libmysqlclient-dev", "pkg-config", *COMPILER)
XML = ("libxml2-dev", "libxslt1-dev", *COMPILER)
RUST = ("cargo", *COMPILER)

# Programs that a package is built with, or that tell where a library is, and the packages of Debian that have them.
PROGRAMS = {
    "cargo": RUST,
    "cmake": ("cmake", *COMPILER),
    "curl-config": ("libcurl4-openssl-dev", "libssl-dev", *COMPILER),
    "gdal-config": ("libgdal-dev", *COMPILER),
    "git": ("git",),
    "krb5-config": ("libkrb5-dev", *COMPILER),
    "make": COMPILER,
    "mysql_config": MYSQL,
    "mariadb_config": MYSQL,
    "pg_config": POSTGRESQL,
    "pkg-config": ("pkg-config", *COMPILER),
    "rustc": RUST,
    "swig": ("swig", *COMPILER),
    "xml2-config": XML,
    "xslt-config": XML,
}
# The same for files that a C compiler reads, by name or by the first folder of it, and for libraries.
HEADERS = {
    "Python.h": ("python3-dev",),
    "ffi.h": ("libffi-dev",),
    "gdal.h": ("libgdal-dev",),
    "geos_c.h": ("libgeos-dev",),
    "gssapi": ("libkrb5-dev",),
    "jpeglib.h": ("libjpeg-dev",),
    "lber.h": ("libldap-dev", "libsasl2-dev"),
    "ldap.h": ("libldap-dev", "libsasl2-dev"),
    "libmemcached": ("libmemcached-dev", "zlib1g-dev"),
    "libpq-fe.h": ("libpq-dev",),
    "libxml": XML[:2],
    "libxslt": XML[:2],
    "magic.h": ("libmagic-dev",),
    "mysql.h": MYSQL[:2],
    "openssl": ("libssl-dev",),
    "sasl": ("libsasl2-dev",),
    "sqlite3.h": ("libsqlite3-dev",),
    "xmlsec": ("libxmlsec1-dev",),
    "yaml.h": ("libyaml-dev",),
    "zlib.h": ("zlib1g-dev",),
}
LIBRARIES = {
    "ffi": ("libffi-dev",),
    "ldap": ("libldap-dev", "libsasl2-dev"),
    "mysqlclient": MYSQL[:2],
    "pq": ("libpq-dev",),
    "ssl": ("libssl-dev",),
    "xml2": XML[:2],
    "z": ("zlib1g-dev",),
}

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

PACKAGE = re.compile(
    r"Failed building wheel for (\S+)|Failed to build '([^']+)'"
    r"|setup\.py install for (\S+): finished with status 'error'|^[│╰].*─> ([A-Za-z0-9][\w.-]*)$",
    re.MULTILINE,
)
COLLECTED = re.compile(r"^Collecting ([A-Za-z0-9][\w.-]*)", re.MULTILINE)

UNFETCHED = re.compile(r"Could not fetch URL (\S+): (?!404 )(.*)")
BROKEN = re.compile(r"(?:ERROR|Error): .*HTTPS?ConnectionPool\(host='([^']+)', port=\d+\): (.*)")
INDEX = (
    (r"Name or service not known|name resolution|No address associated", "its name leads nowhere", ""),
    (r"Connection refused", "it refuses the connection", ""),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|ssl certificate",
        "the server does not trust its certificate",
        "Where a company's proxy or index has a certificate authority of its own, add that to the server's, and set "
        "`cert = /etc/ssl/certs/ca-certificates.crt` in /etc/pip.conf. ",
    ),
    (
        r"\b(40[137]) Client Error|\b(407) Proxy",
        "it answers {}, so it wants a login",
        "Check the address and its login. ",
    ),
    (r"(?:too many )?\b(5\d\d)\b", "it answers {}", ""),
    (r"[Tt]imed out|Timeout|unreachable|No route to host", "it does not answer", ""),
)

OTHERS = (
    (
        r"ERROR: Package '?([^\s']+)'? requires a different Python: (?:.*)",
        "{} needs another Python than the server has",
        "Require a version of it that runs on this Python, or upgrade the server's distribution.",
    ),
    (
        r"ERROR: (\S+\.whl) is not a supported wheel on this platform",
        "{} is made for another Python or another machine",
        "Require it by name, or bring the file for the server's Python.",
    ),
    (
        r"DO NOT MATCH THE HASHES[^\n]*\n\s*(\S+)",
        "what the index has as {} is not what its hash says",
        "Lock the requirements anew where it was published again; else somebody may have tampered with it.",
    ),
    (
        r"Hashes are required in --require-hashes mode|In --require-hashes mode, all requirements must",
        "some requirements have a hash, and one has none",
        "Lock all of them with hashes (`pip-compile --generate-hashes`, `uv export`), or none.",
    ),
    (
        r"(The conflict is caused by):",
        "the requirements contradict each other",
        "Loosen one of them; the packages after `depends on` say what they need.",
    ),
    (
        r"fatal: Could not read from remote repository|fatal: could not read Username|fatal: repository '.*' not found"
        r"|fatal: Authentication failed",
        "a repository that is required can't be read with the rights of the site's account",
        "Give the account's key (~/.ssh on the server) the right to read it, or require a published package.",
    ),
    (r"No space left on device", "the disk of the server is full", "Make room on the server: `df -h` tells where."),
    (
        r"Killed signal terminated program|Cannot allocate memory|MemoryError",
        "the server has too little memory to build it",
        "Give it more, or require a version that has a wheel for the server's Python.",
    ),
    (
        r"No matching distribution found for (\S+)",
        "no index has {} for this server",
        "Mend its name or its version, or have pip ask the index that has it (PIP_EXTRA_INDEX_URL in `environment`).",
    ),
)


def explain(said: str, detail: str, python: str) -> Cause | None:
    """Return why pip failed: (reason, lines that show it, advice), None if it is unknown.

    `said` is what pip has printed, `detail` what it prints with --verbose. `python` is the server's, as 3.11.
    """
    return not_built(said) or wrong_python(said, python) or no_index(said, detail) or other_cause(said)


def not_built(said: str) -> Cause | None:
    """Return the trouble of a package that pip has to build, and what the server lacks for it."""
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
            package = package_in(said, found.start())
            helps = packages if isinstance(packages, tuple) else packages_for(name, packages)
            reason = f"{package or 'a package'} has to be built here, and the server lacks {lacks.format(name)} for it"
            return reason, block_at(said, found.start()), packages_advice(name, helps, package)
    return None


def packages_for(name: str, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the packages of Debian with a file, a library or a program."""
    return table.get(name) or table.get(name.split("/")[0].rstrip("0123456789")) or ()


def packages_advice(name: str, packages: Sequence[str], package: str) -> str:
    """Return what to do about a thing that the server lacks, with the line of the stack file."""
    if not packages:
        return (
            f"Find the package of Debian with {name} (`apt-file search {name}`), add it to the server's `packages` "
            "in the stack file, run `npx pulumi up`, and push again."
        )
    if "libpq-dev" in packages:
        without = "; or require `psycopg[binary]` (psycopg2-binary), which needs none"
    else:
        without = f"; or require a version of {package} that has a wheel" if package else ""
    return (
        f"In the stack file, let the server have `packages: [{', '.join(packages)}]`, run `npx pulumi up`, and push "
        f"again{without}."
    )


def package_in(said: str, at: int) -> str:
    """Return the package that pip was at, as far as it says."""
    named = [group for found in PACKAGE.finditer(said, at) for group in found.groups() if group]
    collected = [found.group(1) for found in COLLECTED.finditer(said, 0, at)]
    return next((name for name in named if name not in ("See",)), collected[-1] if collected else "")


def wrong_python(said: str, python: str) -> Cause | None:
    """Return the trouble of a version that exists for another Python only: pip leaves it out, and finds none."""
    wanted = re.search(
        r"satisfies the requirement ([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?([^\s(;]*) .*\(from versions: ", said
    )
    ignored = re.search(r"require a different python version: (.*)", said)
    if not (wanted and ignored):
        return None
    package, wants = wanted.groups()
    needs = re.findall(r"(\S+) Requires-Python ([^;]+)", ignored.group(1))
    version, python_needed = next(((each, needed) for each, needed in needs if satisfies(each, wants)), (None, ""))
    if version is None:
        return None
    return (
        f"{package} {version} needs Python {python_needed}, and the server has {python}",
        [],
        f"Require a version of {package} that runs on Python {python}, or upgrade the server's distribution.",
    )


def satisfies(version: str, wants: str) -> bool:
    """Tell whether a version is one that a requirement such as `>=6,<7` asks for; of versions made of numbers alone."""
    for clause in filter(None, wants.split(",")):
        number = clause.lstrip("=~<>!")
        compares = clause[: len(clause) - len(number)]
        number = number[:-2] if number.endswith(".*") else number
        here, there = numbers_of(version), numbers_of(number)
        if not here or not there:
            return False
        exact = not clause.endswith(".*")
        length = max(len(here), len(there)) if exact else len(there)
        here, there = ((each + (0,) * length)[:length] for each in (here, there))
        same_series = here[: len(numbers_of(number)) - 1] == there[: len(numbers_of(number)) - 1]
        if not {
            "": here == there,
            "==": here == there,
            "===": here == there,
            "!=": here != there,
            ">=": here >= there,
            "<=": here <= there,
            ">": here > there,
            "<": here < there,
            "~=": here >= there and same_series,
        }.get(compares, False):
            return False
    return True


def numbers_of(version: str) -> tuple[int, ...]:
    """Return a version's numbers, none where it has anything else."""
    return tuple(map(int, version.split("."))) if re.fullmatch(r"\d+(\.\d+)*", version) else ()


def no_index(said: str, detail: str) -> Cause | None:
    """Return the trouble of an index, or a server that it refers to, that can't be reached."""
    found = BROKEN.search(said) or (UNFETCHED.search(detail) if "(from versions: none)" in said else None)
    if not found:
        return None
    host = urlsplit(found.group(1)).netloc.rpartition("@")[2] or found.group(1)
    why, helps = cause_of(INDEX, found.group(2)) or ("it does not give the package", "")
    return (
        f"pip can't get packages from {host}: {why}",
        [re.sub(r"//[^/@\s]*@", "//", found.group())],
        f"{helps}`curl -I https://{host}` on the server shows the same. Another index: PIP_INDEX_URL in the site's "
        "`environment`, or /etc/pip.conf on the server.",
    )


def other_cause(said: str) -> Cause | None:
    """Return the trouble that a row of OTHERS matches."""
    for row in OTHERS:
        found = re.search(row[0], said)
        if found:
            why, helps = cause_of([row], said) or ("", "")
            return why, block_at(said, found.start()), helps
    return None


def block_at(text: str, at: int, most: int = 4) -> list[str]:
    """Return the lines from a place on, to the next empty one."""
    begin = text.rfind("\n", 0, at) + 1
    lines: list[str] = []
    for line in lines_of(text[begin:])[:most]:
        if not line.strip() or "[end of output]" in line:
            break
        lines.append(line.strip())
    return lines
