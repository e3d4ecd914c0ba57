"""What a migration takes from a database that undoing it does not bring back.

Run by a release's own Python, as part of run_django.py. Nothing is rendered: models are looked at as the migrations
describe them (django.db.migrations.state), which holds for those of the past too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Tables that Django fills by itself.
FILLED_BY_DJANGO = {"django_migrations", "django_content_type", "auth_permission", "django_site"}

# Kinds of fields of which each holds what the ones before it hold.
WIDER = (
    ("SmallAutoField", "PositiveSmallIntegerField", "SmallIntegerField"),
    ("AutoField", "PositiveIntegerField", "IntegerField"),
    ("BigAutoField", "PositiveBigIntegerField", "BigIntegerField"),
)
TEXTS = {"CharField", "SlugField", "FileField", "FilePathField", "TextField"}
# Their columns are like those of what they refer to.
REFERENCES = {"ForeignKey", "OneToOneField"}


class Losses:
    """What a plan of migrations would take from a database.

    `found`: [{"migration", "what", "asks", "of_rows"}], where there are rows to lose. `asks` is false for what runs
    again as it is, a data migration whose reverse does nothing; `of_rows` true for what can be set aside.
    `gone`: [(table, column)] that earlier code may use still; without a column, the table.
    """

    def __init__(self, connection: Any, plan: Any, state: Any) -> None:
        self.connection = connection
        self.found: list[dict[str, Any]] = []
        self.gone: list[tuple[str, str | None]] = []
        # The tables and columns of the database by the names that the plan has given them so far. What it makes itself
        # is not among them: it has nobody's rows.
        self.table_of = {table: table for table in connection.introspection.table_names()}
        self.columns_of: dict[str, dict[str, str]] = {}
        self.any_rows: bool | None = None
        for migration in plan:
            for operation in migration.operations:
                for part in parts_of(operation):
                    self._look(migration, part, state)
                operation.state_forwards(migration.app_label, state)

    def _look(self, migration: Any, operation: Any, state: Any) -> None:
        try:
            if self._is_routed(migration, operation):
                look = getattr(self, f"_look_{kind_of(operation)}", self._look_other)
                look(migration, operation, state)
        except Exception as error:
            # An operation of the application's own may be like none of Django's.
            if self._has_any_rows():
                about = f"{type(operation).__name__} can't be looked at ({type(error).__name__}: {error})"
                self._add(migration, about, of_rows=False)

    def _is_routed(self, migration: Any, operation: Any) -> bool:
        """Tell whether the routers let an operation change this database, as it asks them itself."""
        from django.db import router

        kind = kind_of(operation)
        named = operation.name if kind in ("DeleteModel", "RenameModel", "AlterModelTable") else None
        name = getattr(operation, "model_name", named)
        hints = {**({"model_name": name.lower()} if name else {}), **getattr(operation, "hints", {})}
        return router.allow_migrate(self.connection.alias, migration.app_label, **hints)

    def _look_other(self, migration: Any, operation: Any, _: Any) -> None:
        if not operation.reversible and self._has_any_rows():
            self._add(migration, f"{type(operation).__name__} can't be undone", of_rows=False)

    def _add(self, migration: Any, what: str, asks: bool = True, of_rows: bool = True) -> None:
        name = f"{migration.app_label}.{migration.name}"
        self.found.append({"migration": name, "what": what, "asks": asks, "of_rows": of_rows})

    def _look_RunPython(self, migration: Any, operation: Any, _: Any) -> None:
        noop = type(operation).noop
        if operation.code is not noop:
            self._look_reverse(migration, "RunPython", operation.reverse_code, noop)

    def _look_RunSQL(self, migration: Any, operation: Any, _: Any) -> None:
        noop = type(operation).noop
        if operation.sql != noop:
            self._look_reverse(migration, "RunSQL", operation.reverse_sql, noop)

    def _look_reverse(self, migration: Any, kind: str, reverse: Any, noop: Any) -> None:
        if reverse is None and self._has_any_rows():
            self._add(migration, f"{kind} has no reverse", of_rows=False)
        elif reverse == noop and self._has_any_rows():
            self._add(migration, f"the reverse of {kind} does nothing", asks=False, of_rows=False)

    def _look_DeleteModel(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.name.lower()]
        if not is_table(model):
            return
        table = self._table(model)
        self._goes(table)
        throughs = list(self._throughs(model))
        if any(map(self._has_rows, [table, *throughs])):
            self._add(migration, f"DeleteModel {operation.name} drops the rows of {self.table_of.get(table, table)}")
        for each in (table, *throughs):
            self.table_of.pop(each, None)

    def _look_RemoveField(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.model_name.lower()]
        field = model.fields.get(operation.name)
        if not is_table(model) or field is None or getattr(field, "generated", False):
            return
        table = self._table(model)
        about = f"RemoveField {model.name}.{operation.name}"
        if field.many_to_many:
            through = self._through(model, operation.name, field)
            if through:
                self._goes(through)
            if through and self._has_rows(through):
                self._add(migration, f"{about} drops the rows of {self.table_of[through]}")
            self.table_of.pop(through, None)
            return
        column = column_of(field, operation.name)
        own = self._column(table, column)
        if own is None:
            return
        self._goes(table, column)
        if self._has_rows(table):
            self._add(migration, f"{about} drops what {self.table_of[table]}.{own} holds")
        del self._columns(table)[column]

    def _look_AlterField(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.model_name.lower()]
        before = model.fields.get(operation.name)
        if not is_table(model) or before is None or before.many_to_many or operation.field.many_to_many:
            return
        table, column = self._table(model), column_of(before, operation.name)
        own = self._column(table, column)
        if own is None:
            return
        self._renames(table, column, column_of(operation.field, operation.name))
        about = f"AlterField {model.name}.{operation.name}"
        narrower = narrowed(before, operation.field)
        if narrower and self._has_rows(table):
            self._add(migration, f"{about}: {narrower}")
        elif before.null and not operation.field.null and self._has_rows(table, f"{self._quoted(own)} IS NULL"):
            self._add(migration, f"{about} gives a value to rows that have none")

    def _look_RenameField(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.model_name.lower()]
        field = model.fields.get(operation.old_name)
        if is_table(model) and field is not None and not field.many_to_many:
            column = column_of(field, operation.old_name)
            self._renames(self._table(model), column, column_of(field, operation.new_name))
        elif is_table(model) and field is not None:
            old = self._through(model, operation.old_name, field)
            self._renames_table(old, self._through(model, operation.new_name, field))

    def _look_RenameModel(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.old_name.lower()]
        if is_table(model) and not model.options.get("db_table"):
            renamed = model.clone()
            renamed.name = operation.new_name
            self._moves(model, renamed)

    def _look_AlterModelTable(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.name.lower()]
        if is_table(model):
            moved = model.clone()
            moved.options["db_table"] = operation.table
            self._moves(model, moved)

    def _moves(self, model: Any, other: Any) -> None:
        """Note that a model's table, and those of its relations, get the names that another state of it has."""
        old = [self._table(model), *(self._through(model, name, field) for name, field in relations_of(model))]
        new = [self._table(other), *(self._through(other, name, field) for name, field in relations_of(other))]
        for one, another in zip(old, new):
            self._renames_table(one, another)

    def _renames_table(self, old: str | None, new: str | None) -> None:
        if old and new and old != new:
            self._goes(old)
            own = self.table_of.pop(old, None)
            if own is not None:
                self.table_of[new] = own

    def _renames(self, table: str, old: str | None, new: str | None) -> None:
        own = self._column(table, old)
        if own is not None and old != new:
            self._goes(table, old)
            columns = self._columns(table)
            del columns[old]
            if new is not None:
                columns[new] = own

    def _goes(self, table: str, column: str | None = None) -> None:
        """Note that a table or a column of the database goes, by the name that earlier code has for it."""
        if table in self.table_of:
            entry = (self.table_of[table], column and self._column(table, column))
            if entry not in self.gone:
                self.gone.append(entry)

    def _columns(self, table: str) -> dict[Any, str]:
        """Return the columns of the database's table, by the names that the plan has given them so far."""
        own = self.table_of[table]
        if own not in self.columns_of:
            with self.connection.cursor() as cursor:
                found = self.connection.introspection.get_table_description(cursor, own)
            self.columns_of[own] = {column.name: column.name for column in found}
        return self.columns_of[own]

    def _column(self, table: str, column: str | None) -> str | None:
        """Return the database's name of a column, None where it has none yet."""
        return self._columns(table).get(column) if table in self.table_of else None

    def _table(self, model: Any) -> str:
        from django.db.backends.utils import truncate_name

        table = model.options.get("db_table") or f"{model.app_label}_{model.name_lower}"
        return truncate_name(table, self.connection.ops.max_name_length())

    def _through(self, model: Any, name: str, field: Any) -> Any:
        """Return the table of a relation of many to many that has no model of its own."""
        from django.db.backends.utils import truncate_name

        if getattr(field.remote_field, "through", None):
            return None
        return field.db_table or truncate_name(f"{self._table(model)}_{name}", self.connection.ops.max_name_length())

    def _throughs(self, model: Any) -> Any:
        return filter(None, (self._through(model, name, field) for name, field in relations_of(model)))

    def _quoted(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    def _has_rows(self, table: str, condition: str = "1 = 1") -> bool:
        if table not in self.table_of:
            return False
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {self._quoted(self.table_of[table])} WHERE {condition} LIMIT 1")
            return cursor.fetchone() is not None

    def _has_any_rows(self) -> bool:
        """Tell whether somebody's rows are there: what runs any code may do anything to any of them."""
        if self.any_rows is None:
            names = {name for name, own in self.table_of.items() if own not in FILLED_BY_DJANGO}
            self.any_rows = any(map(self._has_rows, sorted(names)))
        return self.any_rows


def parts_of(operation: Any) -> list[Any]:
    """Return the operations of one that change the database."""
    if kind_of(operation) == "SeparateDatabaseAndState":
        return [part for each in operation.database_operations for part in parts_of(each)]
    return [operation]


def kind_of(operation: Any) -> str:
    """Return the name of Django's own operation that one is, or is made from."""
    for each in type(operation).__mro__:
        if each.__module__.startswith("django.db.migrations.operations"):
            return each.__name__
    return ""


def is_table(model: Any) -> bool:
    """Tell whether a model has a table that migrations change."""
    return model.options.get("managed", True) and not model.options.get("proxy", False)


def relations_of(model: Any) -> list[tuple[str, Any]]:
    """Return the relations of many to many of a model: [(name, field)]."""
    return [(name, field) for name, field in model.fields.items() if field.many_to_many]


def column_of(field: Any, name: str) -> str | None:
    """Return the column of a field by that name, None where it has none."""
    field = field.clone()
    field.set_attributes_from_name(name)
    return getattr(field, "column", None)


def narrowed(before: Any, after: Any) -> str:
    """Return how a field holds less than before, in words; "" where it doesn't."""
    one, other = before.get_internal_type(), after.get_internal_type()
    if one != other and not holds(other, one):
        return f"{one} becomes {other}"
    for limit in ("max_length", "max_digits", "decimal_places"):
        old, new = getattr(before, limit, None), getattr(after, limit, None)
        if new is not None and (old is not None or one in TEXTS) and (old is None or new < old):
            return f"{limit} becomes {new}, from {'no limit' if old is None else old}"
    if one == other == "DecimalField" and whole_digits(after) < whole_digits(before):
        return f"it has {whole_digits(after)} digits before the point, from {whole_digits(before)}"
    return ""


def whole_digits(field: Any) -> int:
    """Return the digits before the point of a field of decimals."""
    return (field.max_digits or 0) - (field.decimal_places or 0)


def holds(kind: str, other: str) -> bool:
    """Tell whether a kind of field holds all that another one does."""
    if kind in REFERENCES or other in REFERENCES:
        return True
    if kind in TEXTS and other in TEXTS:
        return True
    ranks = {name: rank for rank, names in enumerate(WIDER) for name in names}
    if kind in TEXTS and other in ranks:
        return True
    if kind in ranks and other in ranks:
        return ranks[kind] >= ranks[other]
    return (other, kind) == ("DateField", "DateTimeField")
