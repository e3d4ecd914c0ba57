"""What to write where what the settings name can't be reached or used, or a variable is not set.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import os
import re
from traceback import walk_tb

from .absent_paths import help_with_path
from .elsewhere import help_with_folder
from .settings_check import GIVEN, laid, line_for_key
from .settings_sources import sources_of_release
from .stack_lines import line_for, place
from .tree_files import is_of_tree, tree_of_release
from .unreached_databases import NO_DATABASE, REFUSED, help_with_database, help_without_database
from .unset import help_with_variables, said_of_conditions

# What databases say of a table that they don't have.
NO_TABLE = re.compile(r"(?:no such table: |relation \"|Table ')([\w.]+)")
# A setting in a sentence.
SETTING = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
REDIS = ("redis.exceptions.", "kombu.exceptions.", "valkey.exceptions.")


def help_with(error: BaseException | None) -> str:
    """Return where the settings name what could not be reached and what to write, "" for an error of another kind."""
    try:
        return found_help(error)
    except Exception:
        # Without settings there is nothing to say of them.
        return ""


def found_help(error: BaseException | None) -> str:
    """See help_with."""
    tree = tree_of_release()
    while error is not None:
        variables = help_with_variables(error, tree)
        if variables:
            return variables
        kind, text = f"{type(error).__module__}.{type(error).__name__}", str(error)
        if isinstance(error, OSError):
            folder = help_with_folder(error)
            if folder:
                return folder
        path = help_with_path(error, tree)
        if path:
            return path
        if isinstance(error, ModuleNotFoundError) and error.name:
            # What brings the module the engine says.
            chosen = said_of_conditions(error, tree, error.name).lstrip()
            if chosen:
                return chosen
        if kind.startswith(REDIS) and "Error" in kind and any(each in text for each in ("connecting to", *REFUSED)):
            return no_redis()
        database = help_with_database(kind, text)
        if database:
            return database
        if "SECRET_KEY setting must not be empty" in text:
            return no_key()
        if kind.endswith(".SystemCheckError") and any(each in text for each in REFUSED):
            database = help_with_databases()
            if database:
                return database
        if kind.endswith((".SystemCheckError", ".ImproperlyConfigured")):
            named = cache_without_address(error) or named_setting(text)
            if named:
                return named
        if kind.endswith((".DisallowedHost", ".AnswersSo")):
            return unknown_host(error)
        table = cache_table(text)
        if table:
            return table
        if any(each in text for each in NO_DATABASE):
            return help_without_database(text)
        error = error.__cause__ or error.__context__
    return ""


def help_with_databases() -> str:
    """Ask each database, where a check of the application's packages has met one that does not answer."""
    from django.db import connections

    for alias in connections:
        try:
            connections[alias].ensure_connection()
        except Exception as error:
            return help_with_database(type(error).__name__, str(error))
    return ""


def no_redis() -> str:
    """Say where the settings name Redis."""
    where, variable = place(("CACHES", "CELERY_BROKER_URL", "CHANNEL_LAYERS"))
    return (
        f"{where} names a Redis that does not answer. Name one in the stack file: {variable}. On the server itself it "
        "is redis://localhost:6379, with `packages: [redis-server]`."
    )


def cache_without_address(error: BaseException) -> str:
    """Say which cache has failed because the settings name no address for it, "" where it is another error."""
    from django.conf import settings

    modules = {frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)}
    for alias, each in settings.CACHES.items():
        if not each.get("LOCATION") and str(each.get("BACKEND", "")).rpartition(".")[0] in modules:
            where, variable = place(("CACHES",), ("LOCATION",))
            return (
                f"{where}: the cache {alias} has no LOCATION. Name one in the stack file: {variable}. For a Redis on "
                "the server itself it is redis://localhost:6379, with `packages: [redis-server]`."
            )
    return ""


def no_key() -> str:
    """Say what gives the settings the site's SECRET_KEY."""
    sources = sources_of_release()
    return f"{sources.place_of('SECRET_KEY')[0]}: SECRET_KEY is empty. Write {line_for_key(sources)}."


def named_setting(text: str) -> str:
    """Say where a setting that a check names gets its value, and which variable it reads, or that it gets none though
    there is a variable of that name; else "".
    """
    sources = sources_of_release()
    names = dict.fromkeys(SETTING.findall(text.partition("WARNINGS:\n")[0]))
    for name in names:
        where, value, _ = sources.place_of(name)
        variables = sources.variables_of(value, ())
        if variables:
            of = f"{name} is of the variable {variables[0]}" if variables[0] != name else f"{name} is of that variable"
            return f"{where}: {of}. Write {line_for(sources, name, variables)} in the stack file."
    absent = [name for name in names if name in GIVEN and sources.parsed() and not sources.place_of(name)[1]]
    if not absent:
        return ""
    line = laid(sources, absent[0], f'"${{{absent[0]}}}"')
    own = sources.own_module(f'`{absent[0]} = os.environ["{absent[0]}"]`')
    how = f"Write {line}." if line else f"{own[0].upper()}{own[1:]}."
    return f"{sources.main} sets no {absent[0]}, and the environment has a variable of that name. {how}"


def unknown_host(error: BaseException) -> str:
    """Say which settings the application's own function goes by that refuses a request, "" where it reads none."""
    from django.conf import settings

    tree = tree_of_release()
    codes = [frame.f_code for frame, _ in walk_tb(error.__traceback__)]
    codes += [each for each in [getattr(error, "code", None)] if each]
    own = [each for each in codes if is_of_tree(each.co_filename, tree)]
    names = own[-1].co_names if own else ()
    for name in names:
        if name.isupper() and isinstance(getattr(settings, name, None), (str, list, tuple)):
            where, line = place((name,))
            return f"{os.path.relpath(own[-1].co_filename, tree)} goes by {name} of {where}. Say it: {line}."
    return ""


def cache_table(text: str) -> str:
    """Say which command makes the table of a cache that a database lacks, "" where it is another table."""
    from django.conf import settings

    found = NO_TABLE.search(text)
    if not found:
        return ""
    name = found.group(1).rpartition(".")[2]
    for alias, each in settings.CACHES.items():
        if each.get("BACKEND", "").endswith("db.DatabaseCache") and each.get("LOCATION") == name:
            return no_table(alias, name)
    return ""


def no_table(alias: str, name: str) -> str:
    """Say what makes the table that a cache is."""
    return (
        f"{place(('CACHES',))[0]}: the cache {alias} is the table {name}, which no migration makes. Have it made once: "
        "`first: [python manage.py createcachetable]` of the site in the stack file."
    )
