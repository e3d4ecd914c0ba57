"""Which databases of the settings a release migrates. Run by a release's own Python, as part of run_django.py."""

from __future__ import annotations

import os

from .data import file_of, in_memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def databases_to_migrate() -> tuple[list[str], list[str]]:
    """Return the aliases whose databases are a release's to migrate, each database once; what was left alone, in words.

    Left alone are databases that the routers give nothing, that can't be written to, that a test copies (MIRROR), and
    one that no router speaks of and that has the tables of another program.
    """
    from django.db import connections

    chosen, said, seen = [], [], set()
    for alias in sorted(connections, key="default".__ne__):
        connection = connections[alias]
        if is_in_memory(connection):
            said += told_of_memory(alias)
        if is_none(connection) or not is_routed(alias):
            continue
        identity = identity_of(connection)
        if identity in seen:
            continue
        seen.add(identity)
        why = "" if alias == "default" else not_ours(connection)
        if why:
            said.append(f"The database {alias} is not migrated: {why}.")
        else:
            chosen.append(alias)
    return chosen, said


def is_none(connection: Any) -> bool:
    """Tell whether nothing outlives the connection: no database at all, or one in memory."""
    return connection.vendor == "unknown" or is_in_memory(connection)


def is_in_memory(connection: Any) -> bool:
    """Tell whether a database is gone with the process that opens it."""
    return connection.vendor == "sqlite" and in_memory(connection.settings_dict.get("NAME"))


def told_of_memory(alias: str) -> list[str]:
    """Say that a database has none of the project's tables, where it has models, and what to write."""
    from django.apps import apps

    if not apps.get_models():
        return []
    # A push waits for `ast` only where there is something to say.
    from .settings_sources import sources_of_release

    sources = sources_of_release()
    where, value, _ = sources.place_of("DATABASES")
    variable = next(iter(sources.variables_of(value, ("NAME",))), "")
    # As dj-database-url and django-environ read it.
    written = "sqlite:///${VAR_DIR}/db.sqlite3" if variable.endswith("URL") else "…"
    named = f" Name one in the stack file: `environment: {{ {variable}: {written} }}`."
    line = named if variable and alias == "default" else ""
    return [f"{where}: the database {alias} is in memory: it has no tables, and keeps nothing.{line}"]


def is_routed(alias: str) -> bool:
    """Tell whether the routers let any application of the project into a database, also one whose models are gone."""
    from django.apps import apps
    from django.db import router

    models = apps.get_models(include_auto_created=True)
    return any(router.allow_migrate(alias, config.label) for config in apps.get_app_configs()) or any(
        router.allow_migrate_model(alias, model) for model in models
    )


def identity_of(connection: Any) -> object:
    """Return what two aliases of one database have in common."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return os.path.realpath(file_of(settings["NAME"]))
    if connection.vendor == "postgresql":
        # Two names may lead to one server: the moment of its start tells it from others.
        return row(connection, "SELECT pg_postmaster_start_time(), current_database(), current_schema()")
    return settings["ENGINE"], settings.get("HOST"), str(settings.get("PORT")), settings["NAME"]


def not_ours(connection: Any) -> str:
    """Tell why a database besides the default one is left alone, "" where it is migrated."""
    from django.db import router

    if connection.settings_dict.get("TEST", {}).get("MIRROR"):
        return "it is a copy of another (MIRROR)"
    if not can_be_written(connection):
        return "it can only be read"
    tables = connection.introspection.table_names()
    if not router.routers and tables and "django_migrations" not in tables:
        return "it has tables of another program, and DATABASE_ROUTERS says nothing of it"
    return ""


def can_be_written(connection: Any) -> bool:
    """Tell whether a database takes changes."""
    if connection.vendor == "sqlite":
        name = os.fspath(connection.settings_dict["NAME"])
        file = file_of(name)
        return "mode=ro" not in name and os.access(file if os.path.exists(file) else os.path.dirname(file), os.W_OK)
    if connection.vendor == "postgresql":
        may = "has_schema_privilege(current_schema(), 'CREATE')"
        return row(connection, f"SELECT current_setting('transaction_read_only') = 'off' AND {may}")[0]
    if connection.vendor == "mysql":
        return not row(connection, "SELECT @@global.read_only")[0]
    return True


def row(connection: Any, statement: str) -> tuple[Any, ...]:
    """Return the one row that a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone())
