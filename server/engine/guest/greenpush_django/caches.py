"""Whether the caches that the settings name answer: a front page may need none, and each login one.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

# Those without a server of their own. The table of one in the database may be made later in the push, by `first`.
WITHOUT_SERVER = tuple(f"django.core.cache.backends.{name}." for name in ("locmem", "dummy", "filebased", "db"))
SESSIONS = ("django.contrib.sessions.backends.cache", "django.contrib.sessions.backends.cached_db")
# Seconds that a try to reach one may take; clients try several times.
PATIENCE = 5


def said_of_caches(settings: Any) -> list[str]:
    """Say which caches do not answer; a sentence each. Raise the error of the one that keeps sessions."""
    asked = {
        alias for alias, each in settings.CACHES.items() if not str(each.get("BACKEND", "")).startswith(WITHOUT_SERVER)
    }
    if not asked:
        return []
    from django.core.cache import caches

    keeps = settings.SESSION_CACHE_ALIAS if settings.SESSION_ENGINE in SESSIONS else ""
    said: list[str] = []
    before = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE, PATIENCE)
    try:
        for alias in sorted(asked):
            try:
                caches[alias].get("greenpush")
            except Exception as error:
                if alias == keeps:
                    raise
                said.append(told(alias, error))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return said


def without_table(settings: Any) -> list[str]:
    """Say which caches are a table that the database does not have; a sentence each."""
    tables = {
        alias: str(each.get("LOCATION"))
        for alias, each in settings.CACHES.items()
        if str(each.get("BACKEND", "")).endswith("db.DatabaseCache")
    }
    if not tables:
        return []
    from django.core.cache import caches
    from django.db import connections, router

    from .unreached import no_table

    said: list[str] = []
    for alias, name in tables.items():
        database = router.db_for_write(getattr(caches[alias], "cache_model_class", None))
        if name not in connections[database].introspection.table_names():
            said.append(no_table(alias, name).rstrip("."))
    return said


def too_late(*_: object) -> NoReturn:
    """End a try to reach a server that says nothing."""
    raise TimeoutError(f"no answer within {PATIENCE} s")


def told(alias: str, error: Exception) -> str:
    """Say that a cache does not answer, and what to write."""
    from .unreached import help_with

    said = f"the cache {alias} does not answer, so pages that use it fail: {type(error).__name__}: {error}"
    return f"{said} {help_with(error)}".rstrip()
