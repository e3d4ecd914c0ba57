"""What a migration takes from a database, set aside in that database until its release is live or taken back.

Run by a release's own Python, as part of run_django.py. A column that RemoveField drops is there as a table of keys and
values, a table that DeleteModel drops as its copy. It is made within the migration's own transaction.
"""

from __future__ import annotations

import copy

from .losses import kind_of, narrowed, parts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Forwards = Callable[[str, Any, Any, Any], None]
    Note = Callable[[dict[str, Any]], None]

PREFIX = "greenpush_aside_"


def asides_in(connection: Any) -> list[str]:
    """Return the tables that are there for what was set aside."""
    return [table for table in connection.introspection.table_names() if table.startswith(PREFIX)]


def forget(connection: Any) -> None:
    """Drop what was set aside."""
    with connection.cursor() as cursor:
        for table in asides_in(connection):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)}")


def set_aside_before(migration: Any, note: Note) -> None:
    """Have each operation of a migration that takes rows set them aside first; `note` is told of each table."""
    for at, part in numbered(migration):
        part.database_forwards = setting_aside(part, at, note)


def numbered(migration: Any) -> enumerate[Any]:
    """Return the operations of a migration, those within others too, with their numbers."""
    return enumerate(part for operation in migration.operations for part in parts_of(operation))


def setting_aside(operation: Any, at: int, note: Note) -> Forwards:
    """Return the way forward of an operation, which sets aside first what it takes."""
    forwards = operation.database_forwards

    def do(app_label: str, editor: Any, from_state: Any, to_state: Any) -> None:
        for count, (source, columns) in enumerate(taken_by(operation, app_label, editor.connection, from_state)):
            table = f"{PREFIX}{len(asides_in(editor.connection)) + 1}"
            quoted = editor.quote_name
            chosen = ", ".join(map(quoted, columns)) if columns else "*"
            editor.execute(f"CREATE TABLE {quoted(table)} AS SELECT {chosen} FROM {quoted(source)}", params=None)
            note({"at": at, "count": count, "aside": table, "source": source, "columns": columns})
        forwards(app_label, editor, from_state, to_state)

    return do


def taken_by(operation: Any, app_label: str, connection: Any, state: Any) -> list[Any]:
    """[(table, columns)] that an operation takes; of a whole table, no columns. The first column is the key."""
    kind = kind_of(operation)
    if kind not in ("RemoveField", "DeleteModel", "AlterField"):
        return []
    model = state.apps.get_model(app_label, operation.name if kind == "DeleteModel" else operation.model_name)
    if not operation.allow_migrate_model(connection.alias, model):
        return []
    if kind == "DeleteModel":
        through = [through_of(field) for field in model._meta.local_many_to_many]
        return [(model._meta.db_table, None), *((table, None) for table in through if table)]
    field = model._meta.get_field(operation.name)
    if field.many_to_many:
        table = through_of(field)
        return [(table, None)] if kind == "RemoveField" and table else []
    key = getattr(model._meta.pk, "column", None)
    # Of a key nothing is set aside by the key, and what is computed comes by itself.
    if not key or not field.column or field.primary_key or getattr(field, "generated", False):
        return []
    if kind == "AlterField" and not (narrowed(field, operation.field) or (field.null and not operation.field.null)):
        return []
    return [(model._meta.db_table, [key, field.column])]


def through_of(field: Any) -> Any:
    """Return the table of a relation of many to many, None where it is a model of its own."""
    through = field.remote_field.through
    return through._meta.db_table if through._meta.auto_created else None


def give_back_after(migration: Any, notes: list[Any]) -> None:
    """Have each operation of a migration give back what it had set aside, when it is undone."""
    for at, part in numbered(migration):
        asides = [note for note in notes if note["at"] == at]
        part.database_backwards = giving_back(part, asides)


def giving_back(operation: Any, asides: list[Any]) -> Forwards:
    """Return the way back of an operation, which gives back then what was set aside."""
    backwards = operation.database_backwards

    def do(app_label: str, editor: Any, from_state: Any, to_state: Any) -> None:
        empty = emptied_field(operation, app_label, editor.connection, to_state)
        if empty:
            # A column without a default can't be added to rows that have no value for it.
            empty.null = True
        try:
            backwards(app_label, editor, from_state, to_state)
        finally:
            if empty:
                empty.null = False
        for aside in asides:
            refill(editor, aside)
        if empty and not has_nulls(editor, empty):
            nullable = copy.copy(empty)
            nullable.null = True
            editor.alter_field(empty.model, nullable, empty)

    return do


def emptied_field(operation: Any, app_label: str, connection: Any, state: Any) -> Any:
    """Return the field without NULL whose column comes back empty, None where there is no such."""
    if kind_of(operation) != "RemoveField":
        return None
    model = state.apps.get_model(app_label, operation.model_name)
    field = model._meta.get_field(operation.name)
    if not operation.allow_migrate_model(connection.alias, model) or field.many_to_many or not field.column:
        return None
    return None if field.null or field.primary_key or getattr(field, "generated", False) else field


def has_nulls(editor: Any, field: Any) -> bool:
    """Tell whether a column has rows without a value."""
    table, column = editor.quote_name(field.model._meta.db_table), editor.quote_name(field.column)
    with editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE {column} IS NULL LIMIT 1")
        return cursor.fetchone() is not None


def refill(editor: Any, aside: Any) -> None:
    """Put what was set aside in its place again."""
    quoted = editor.quote_name
    source, table = quoted(aside["source"]), quoted(aside["aside"])
    if aside["columns"]:
        key, column = map(quoted, aside["columns"])
        value = f"(SELECT {table}.{column} FROM {table} WHERE {table}.{key} = {source}.{key})"
        where = f"EXISTS (SELECT 1 FROM {table} WHERE {table}.{key} = {source}.{key})"
        editor.execute(f"UPDATE {source} SET {column} = {value} WHERE {where}", params=None)
        return
    with editor.connection.cursor() as cursor:
        columns = [each.name for each in editor.connection.introspection.get_table_description(cursor, aside["aside"])]
    names = ", ".join(map(quoted, columns))
    editor.execute(f"INSERT INTO {source} ({names}) SELECT {names} FROM {table}", params=None)
    reset_sequence(editor, aside["source"])


def reset_sequence(editor: Any, table: str) -> None:
    """Have PostgreSQL count on from the highest key that came back."""
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        for sequence in editor.connection.introspection.get_sequences(cursor, table):
            column, quoted = editor.quote_name(sequence["column"]), editor.quote_name(table)
            value = f"COALESCE(max({column}), 1), max({column}) IS NOT NULL"
            cursor.execute(f"SELECT setval('{editor.quote_name(sequence['name'])}', {value}) FROM {quoted}")
