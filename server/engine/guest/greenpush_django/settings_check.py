"""What of the settings is for development, and must not meet visitors.

Run by a release's own Python, as part of run_django.py. The settings are asked as they are loaded; their text is read
only to say where a value comes from, and what to write.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator
    from typing import Any

    from .settings_sources import Sources

    Json = dict[str, Any]

# What the stack gives, before the tree's own programs add to it: what one of them takes from a file is of the tree.
GIVEN = dict(os.environ)
# The shortest key that is looked for in the tree: a shorter one may stand there by chance.
KEY_LENGTH = 16
# What the lines to write may need besides.
IMPORT = "import os"
# Names that a settings module for development has.
DEVELOPMENT = {"dev", "devel", "develop", "development", "local"}
PRODUCTION = ("production", "prod", "live", "deploy")
# What signs sessions and logins with the SECRET_KEY.
SIGNING = ("django.contrib.auth", "django.contrib.sessions")
# What asks for the host name of each request, and whose middleware before it leaves that name alone.
COMMON = "django.middleware.common.CommonMiddleware"
KNOWN = ("django.", "whitenoise.", "corsheaders.")


def findings(settings: Any) -> list[Json]:
    """Return what is not safe: [{"kind", "where", "what", "write", "own"}].

    `kind` is the setting of the stack file that allows it, or "" for what goes with another; `own` tells how
    the lines come in without a commit.
    """
    module: str = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    if not settings.DEBUG and is_right(settings, key_of(settings)) and not is_for_development(module):
        return []
    # A push waits for `ast` only where there is something to say.
    from .settings_sources import sources_of_release

    sources = sources_of_release()
    found = [*debug(settings, sources), *secret_key(settings, sources), *development(module, sources)]
    if any(each["kind"] == "debug" for each in found) and not settings.ALLOWED_HOSTS:
        where, *_ = sources.place_of("ALLOWED_HOSTS")
        write = laid(sources, "ALLOWED_HOSTS", '"${ALLOWED_HOSTS}".split(",")')
        write = write or 'ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")'
        found.append(finding("", where, "ALLOWED_HOSTS is empty: without DEBUG each page answers 400", write))
    # The lines to write have to work where they are written.
    files = {each["where"].partition(":")[0] for each in found if "os.environ" in each["write"]}
    for file in sorted(files):
        if not sources.knows_os(file):
            found.append(finding("", f"{file}:1", "it has no os, which these lines need", IMPORT))
    own = sources.own_module("these lines")
    return [{**each, "own": own} for each in found]


def refuses_host(settings: Any, host: str) -> bool:
    """Tell whether Django answers 400 to whatever is asked for a host name.

    False where the application's own middleware comes first: it may answer itself, or change the name.
    """
    from django.core.exceptions import DisallowedHost
    from django.http import HttpRequest

    middleware: list[str] = list(settings.MIDDLEWARE)
    if COMMON not in middleware:
        return False
    if not all(each.startswith(KNOWN) for each in middleware[: middleware.index(COMMON)]):
        return False
    request = HttpRequest()
    request.META["HTTP_HOST"] = host
    try:
        request.get_host()
    except DisallowedHost:
        # What redirects to another name first does not ask for this one.
        return not settings.SECURE_SSL_HOST
    return False


def finding(kind: str, where: str, what: str, write: str) -> Json:
    """Return what is found: its kind, its place, the sentence, the line to write."""
    return {"kind": kind, "where": where, "what": what, "write": write}


def key_of(settings: Any) -> str:
    """Return the SECRET_KEY, "" where there is none."""
    try:
        key = settings.SECRET_KEY
    except Exception:
        return ""
    return key.decode(errors="replace") if isinstance(key, bytes) else str(key)


def is_right(settings: Any, key: str) -> bool:
    """Tell whether a key is one that the stack gives, or none where nothing signs with it."""
    return key in GIVEN.values() if key else not any(each.startswith(SIGNING) for each in settings.INSTALLED_APPS)


def is_for_development(module: str) -> bool:
    """Tell whether a settings module says that it is for development. Its first package may be called so by chance."""
    return bool(DEVELOPMENT & set(re.split(r"[._]", (module.partition(".")[2] or module).lower())))


def debug(settings: Any, sources: Sources) -> Iterator[Json]:
    """Find DEBUG."""
    if not settings.DEBUG:
        return
    where, value, variable = sources.place_of("DEBUG")
    better = better_module(sources)
    if variable:
        write = f"environment: {{ {variable}: {off(value, variable)} }}   (in the stack file)"
    elif better and is_for_development(os.path.splitext(where.partition(":")[0])[0].replace("/", ".")):
        write = f"settings: {better}   (in the stack file)"
    else:
        write = laid(sources, "DEBUG", "False") or 'DEBUG = os.environ.get("DEBUG") == "True"'
    yield finding("debug", where, "DEBUG is True: visitors who meet an error read the settings", write)


def laid(sources: Sources, name: str, value: str) -> str:
    """Return what to write for a setting in the module that is each server's own, "" where there is none."""
    place, called = sources.laid_with(name)
    return f"files: {{ {place}: FILE }}, with {called} = {value} in it   (in the stack file)" if place else ""


def off(value: ast.AST | None, variable: str) -> str:
    """Return what turns a variable off."""
    from .settings_expressions import not_equal_to

    other = not_equal_to(value)
    if other is not None:
        return f'"{other}"'
    called = getattr(getattr(value, "func", None), "id", "")
    if called == "int":
        return '"0"'
    return '""' if called == "bool" or GIVEN.get(variable) == "False" else '"False"'


def secret_key(settings: Any, sources: Sources) -> Iterator[Json]:
    """Find a SECRET_KEY that others know."""
    key = key_of(settings)
    if is_right(settings, key):
        return
    where, write = sources.place_of("SECRET_KEY")[0], line_for_key(sources)
    if not key:
        yield finding("insecureSecretKey", where, "SECRET_KEY is empty: no login works, and most pages fail", write)
    elif key.startswith("django-insecure-"):
        what = "SECRET_KEY begins with django-insecure-: who knows it can forge sessions"
        yield finding("insecureSecretKey", where, what, write)
    elif len(key) >= KEY_LENGTH:
        place = sources.place_of_text(key)
        if place:
            what = "SECRET_KEY stands in the tree: who reads the repository can forge sessions"
            yield finding("insecureSecretKey", place, what, write)


def line_for_key(sources: Sources) -> str:
    """Return what to write so that the settings have the site's key."""
    *_, variable = sources.place_of("SECRET_KEY")
    if variable and variable not in GIVEN:
        return f"generated: [{variable}]   (in the stack file)"
    if better_module(sources):
        return f"settings: {better_module(sources)}   (in the stack file)"
    line = laid(sources, "SECRET_KEY", '"${SECRET_KEY}"')
    return line or 'SECRET_KEY = os.environ.get("SECRET_KEY", "for development")'


def development(module: str, sources: Sources) -> Iterator[Json]:
    """Find a settings module that says it is for development."""
    if not is_for_development(module):
        return
    others = [each for each in sources.other_modules() if not is_for_development(each)]
    better = better_module(sources)
    what = f"the settings module {module} is one for development by its name"
    if others and not better:
        what += f"; beside it are {', '.join(others)}"
    write = f"settings: {better or others[0] if others else 'the.module.for.production'}   (in the stack file)"
    yield finding("developmentSettings", sources.main, what, write)


def better_module(sources: Sources) -> str:
    """Return the settings module beside this one that is for a site by its name, "" where there is none."""
    others = sources.other_modules()
    return next((each for word in PRODUCTION for each in others if word in each.rpartition(".")[2]), "")
