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
        self.tables = set(connection.introspection.table_names())
        self.any_rows: bool | None = None
        for migration in plan:
            for operation in migration.operations:
                for part in parts_of(operation):
                    self._look(migration, part, state)
                operation.state_forwards(migration.app_label, state)
        # What this very plan makes, nobody uses yet.
        self.gone = [(table, column) for table, column in self.gone if table in self.tables]

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
        self.gone.append((table, None))
        tables = [table, *(through for through in self._throughs(model))]
        if any(map(self._has_rows, tables)):
            self._add(migration, f"DeleteModel {operation.name} drops the rows of {table}")

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
                self.gone.append((through, None))
            if through and self._has_rows(through):
                self._add(migration, f"{about} drops the rows of {through}")
            return
        column = column_of(field, operation.name)
        if column is None:
            return
        self.gone.append((table, column))
        if self._has_rows(table):
            self._add(migration, f"{about} drops what {table}.{column} holds")

    def _look_AlterField(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.model_name.lower()]
        before = model.fields.get(operation.name)
        if not is_table(model) or before is None or before.many_to_many or operation.field.many_to_many:
            return
        table, column = self._table(model), column_of(before, operation.name)
        if column is None:
            return
        if column_of(operation.field, operation.name) != column:
            self.gone.append((table, column))
        about = f"AlterField {model.name}.{operation.name}"
        narrower = narrowed(before, operation.field)
        if narrower and self._has_rows(table):
            self._add(migration, f"{about}: {narrower}")
        elif before.null and not operation.field.null and self._has_rows(table, f"{self._quoted(column)} IS NULL"):
            self._add(migration, f"{about} gives a value to rows that have none")

    def _look_RenameField(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.model_name.lower()]
        field = model.fields.get(operation.old_name)
        if is_table(model) and field is not None and not field.many_to_many:
            column = column_of(field, operation.old_name)
            if column != column_of(field, operation.new_name):
                self.gone.append((self._table(model), column))

    def _look_RenameModel(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.old_name.lower()]
        if is_table(model) and not model.options.get("db_table"):
            self.gone.append((self._table(model), None))

    def _look_AlterModelTable(self, migration: Any, operation: Any, state: Any) -> None:
        model = state.models[migration.app_label, operation.name.lower()]
        if is_table(model) and self._table(model) != operation.table:
            self.gone.append((self._table(model), None))

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
        related = [(name, field) for name, field in model.fields.items() if field.many_to_many]
        return filter(None, (self._through(model, name, field) for name, field in related))

    def _quoted(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    def _has_rows(self, table: str, condition: str = "1 = 1") -> bool:
        if table not in self.tables:
            return False
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {self._quoted(table)} WHERE {condition} LIMIT 1")
            return cursor.fetchone() is not None

    def _has_any_rows(self) -> bool:
        """Tell whether somebody's rows are there: what runs any code may do anything to any of them."""
        if self.any_rows is None:
            self.any_rows = any(map(self._has_rows, sorted(self.tables - FILLED_BY_DJANGO)))
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
