"""Advice for common errors of applications."""

from __future__ import annotations

import re

from ..errors import Refused
from .causes import cause_of, have_packages, search_package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

BUILT = (
    "collectstatic writes the manifest anew, from what the project's finders see. Where a build makes the file, have "
    "each release built: `build: [npm ci, npm run build]` in the stack file, or what the project's documentation "
    "names. Where built files are committed with their manifest (staticfiles.json in STATIC_ROOT), keep it: "
    "`collectstatic: false` in the stack file. Else put the file where a finder looks: STATICFILES_DIRS, or an "
    "application's static folder."
)
NOT_INSTALLED = (
    "Where a package brings it, have that installed: `extraRequirements: [PACKAGE]` of the site in the stack file, "
    "where PACKAGE often has the module's name, `groups` or `extras` of its lock file, or another file "
    "(`requirements`). For the project's own, look at `root`."
)
TOO_OLD = (
    "The versions that are locked are too old for it: lock newer ones, or set `python` in the stack file to "
    "one that they know."
)
OTHER_VERSION = "What imports it was written for another one: lock versions of both that go together."
NO_ROW = (
    "Where a fixture or a command of the application makes it, have that run once, after the migrations: "
    "`first: [python manage.py loaddata NAME]` of the site in the stack file."
)
EXTENSION = (
    "Have it made on the server, by the account postgres in the application's database: `psql DATABASE -c 'CREATE "
    'EXTENSION "{}"\'`. Then push again.'
)
# A long line is cut within the name.
NO_MODULE = r"No module named '([^'\s]+)|Error loading (psycopg2|MySQLdb)\b"
# Modules that Python had, as of "Removed" in its What's New of 3.10 to 3.13, and what it has moved.
GONE = (
    r"No module named '(formatter|parser|symbol|binhex|distutils|imp|asynchat|asyncore|smtpd|aifc|audioop|cgi|cgitb"
    r"|chunk|crypt|imghdr|mailcap|nis|nntplib|ossaudiodev|pipes|sndhdr|spwd|sunau|telnetlib|uu|xdrlib|lib2to3)[.']"
)
MOVED = r"cannot import name '(\w+)' from 'collections'|module 'collections' has no attribute '(\w+)'"
# What a module says that was written in C for an older one.
UNLOADED = r"SystemError: initialization of (\w+) (?:raised unreported|failed without raising an) exception"
SETUPTOOLS = (
    "Have a version with it installed: `extraRequirements: [setuptools<81]` of the site in the stack file; or lock a "
    "newer version of what asks for it."
)
# What is loaded only as the application runs, so that nothing had to be built for it. The names of these packages are
# the same in all releases of Debian and Ubuntu.
LACKS_LIBRARY = "The server lacks the library {}."
LIBRARIES = (
    # As WeasyPrint's documentation names them for Debian.
    (
        r"cannot load library '(lib(?:gobject|pango|harfbuzz)[^']*)'",
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    ),
    (r"cannot load library '(libcairo[^']*)'", ("libcairo2",)),
    (r"Could not find the (GDAL|GEOS) library", ("gdal-bin",)),
    (r"failed to find (libmagic)\b", ("file",)),
    (r"(libGL\.so[\d.]*): cannot open shared object", ("libgl1",)),
)
KNOWN = (
    *((pattern, LACKS_LIBRARY, have_packages(names)) for pattern, names in LIBRARIES),
    (
        r"cannot load library '([^']+)'|(lib[\w.+-]+\.so[\d.]*): cannot open shared object file",
        LACKS_LIBRARY,
        search_package("{}"),
    ),
    (
        r"No module named 'pkg_resources\b",
        "pkg_resources is of setuptools, and its newer versions lack it.",
        SETUPTOOLS,
    ),
    (GONE, "This Python has no {} any more.", TOO_OLD),
    (MOVED, "This Python has moved {} of collections.", TOO_OLD),
    (UNLOADED, "This Python does not load the compiled module {}.", TOO_OLD),
    (
        r"cannot import name '\w+' from '([\w.]+)' \([^)]*/site-packages/",
        "The version of {} that is installed does not have it.",
        OTHER_VERSION,
    ),
    (
        NO_MODULE,
        "Nothing that is installed, and no folder of the project, has the module {}.",
        NOT_INSTALLED,
    ),
    (
        r'permission denied to create extension "([\w-]+)"',
        "PostgreSQL lets nobody but a superuser make the extension {}.",
        EXTENSION,
    ),
    # Not Django's own line, which a traceback shows: … for '%s'" % name.
    (r"Missing staticfiles manifest entry for '([^'%]+)'", "The manifest of static files has no {}.", BUILT),
    (r"The file '([^']+)' could not be found with <", "Static files name {}, and no finder sees it.", BUILT),
    (r"DoesNotExist: (\w+) matching query does not exist", "The database has no {} that this needs.", NO_ROW),
)


def with_help(error: BaseException, brings: Callable[[str], str] | None = None) -> BaseException:
    """Return a refusal with advice if its text matches a known error, otherwise unchanged.

    `brings` returns the line to write for a module that is missing, "" where nothing of the tree tells.
    """
    if isinstance(error, Refused):
        text = "\n".join([error.reason, *error.lines])
        found = cause_of(KNOWN, text)
        if found:
            why, helps = found
            if helps == NOT_INSTALLED and brings:
                helps = brings(missing_in(text)) or helps
            error.advice = f"{why} {helps} {error.advice}".strip()
    return error


def missing_in(text: str) -> str:
    """Return the module that a text says is missing."""
    found = re.search(NO_MODULE, text)
    return next(filter(None, found.groups())) if found else ""
