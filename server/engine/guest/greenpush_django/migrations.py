"""Migrations of all databases of a project: what is to be applied, applying it, and taking it back.

Run by a release's own Python, as part of run_django.py. A migration is named as "app.name", and those of several
databases are {alias: [name]}.
"""

from __future__ import annotations

import json
import os

from .asides import PREFIX, forget, give_back_after, set_aside_before
from .copies import size_of_database, why_no_copy
from .databases import databases_to_migrate
from .losses import Losses, kind_of, parts_of
from .unmigrated import without_migrations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TextIO

    Json = dict[str, Any]
    # Names of migrations by the aliases of their databases.
    Pending = dict[str, list[str]]
    # The columns of a database by its tables.
    Shape = dict[str, list[str]]
    # alias, "new" or "gone", table, column or None
    Change = list[Any]


def plan_of_project() -> Json:
    """Return what a push has to know: {
    "migrations": [name], all that the project knows;
    "pending": {alias: [name]}, what is to be applied, in its order;
    "unknown": [name], applied, and of another revision;
    "losses": [{"alias", "migration", "what", "asks"}], see Losses;
    "gone": {alias: [[table, column]]}, see Losses;
    "copies": {alias: {"size": bytes or None, "why": why it can't be copied}}, of databases that lose something;
    "left_alone": [sentence], of databases;
    "without": {application: whether it is the tree's}, those with models and no migrations }.
    """
    aliases, left_alone = databases_to_migrate()
    known, unknown, pending, losses, gone, copies, without = set(), set(), {}, [], {}, {}, {}
    for alias in aliases:
        executor = executor_of(alias)
        executor.loader.check_consistent_history(executor.connection)
        known = set(executor.loader.graph.nodes)
        without = without_migrations(executor.loader)
        # A squashed migration's parts are applied without being known any more.
        replaced = {part for migration in executor.loader.replacements.values() for part in migration.replaces}
        unknown |= set(executor.loader.applied_migrations) - known - replaced
        plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
        if not plan:
            continue
        pending[alias] = [name_of(migration) for migration in plan]
        found = Losses(executor.connection, plan, state_of(executor))
        losses += [{"alias": alias, **loss} for loss in found.found]
        gone[alias] = found.gone
        if found.found:
            copies[alias] = {"size": size_of_database(executor.connection), "why": why_no_copy(alias)}
    return {
        "migrations": sorted(".".join(key) for key in known),
        "pending": pending,
        "unknown": sorted(".".join(key) for key in unknown),
        "losses": losses,
        "gone": gone,
        "copies": copies,
        "left_alone": left_alone,
        "without": without,
    }


def executor_of(alias: str) -> Any:
    """Return what plans and applies the migrations of a database."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    return MigrationExecutor(connections[alias])


def name_of(migration: Any) -> str:
    """Return a migration as app.name."""
    return f"{migration.app_label}.{migration.name}"


def state_of(executor: Any) -> Any:
    """Return the models as the applied migrations have made them."""
    loader = executor.loader
    applied = [key for key in loader.applied_migrations if key in loader.graph.nodes]
    return loader.project_state(applied)


def still_used(gone: dict[str, Any]) -> list[str]:
    """Of tables and columns {alias: [[table, column]]}, those that the models of this release use."""
    from django.apps import apps

    columns = {}
    for model in apps.get_models(include_auto_created=True):
        columns.setdefault(model._meta.db_table, set()).update(
            field.column for field in model._meta.local_concrete_fields
        )
    found = {(table, column) for each in gone.values() for table, column in each}
    return sorted(
        f"{table}.{column}" if column else table
        for table, column in found
        if table in columns and (column is None or column in columns[table])
    )


def apply(pending: Pending, notes: str, aside: Iterable[str] = ()) -> None:
    """Apply what is pending. `notes`: the file that says how far it came, which take_back() wants.

    `aside`: the databases in which what a migration takes is set aside first.
    """
    from django.core.management import call_command
    from django.db import connections

    shapes = {alias: shape_of(connections[alias]) for alias in pending}
    with open(notes, "w", encoding="utf-8") as file:
        note(file, {"shapes": shapes})
        watch_operations(file, aside)
        for alias in pending:
            call_command("migrate", database=alias, interactive=False, verbosity=1)


def note(file: TextIO, about: Any) -> None:
    """Write a line to the file of notes, at once."""
    file.write(json.dumps(about) + "\n")
    file.flush()


def watch_operations(file: TextIO, aside: Iterable[str]) -> None:
    """Have each migration set aside what it takes; and where no transaction holds it together, say how far it is."""
    from django.db.migrations.migration import Migration

    plain = Migration.apply

    def apply_noted(migration: Any, state: Any, editor: Any, *rest: Any, **named: Any) -> Any:
        about = {"alias": editor.connection.alias, "migration": name_of(migration)}
        if about["alias"] in aside:
            set_aside_before(migration, lambda table: note(file, {**about, **table}))
        if not editor.atomic_migration:
            for done, operation in enumerate(migration.operations):
                operation.database_forwards = noted(operation, file, {**about, "done": done})
        return plain(migration, state, editor, *rest, **named)

    Migration.apply = apply_noted


def noted(operation: Any, file: TextIO, about: Any) -> Callable[..., None]:
    """Return the way forward of an operation, which notes its begin and its end."""
    forwards = operation.database_forwards

    def do(*arguments: Any, **named: Any) -> None:
        note(file, {**about, "at": kind_of(operation) or type(operation).__name__})
        forwards(*arguments, **named)
        note(file, {**about, "done": about["done"] + 1})

    return do


def shape_of(connection: Any) -> Shape:
    """{table: [column]} of a database."""
    with connection.cursor() as cursor:
        return {
            table: sorted(column.name for column in connection.introspection.get_table_description(cursor, table))
            for table in connection.introspection.table_names(cursor)
            if not table.startswith(PREFIX)
        }


def take_back(pending: Pending, notes: str) -> Json:
    """Take back what a release has applied, as far as that can be.

    Answers what the databases say: {
    "undone": {alias: [name]},
    "left": {alias: [name]},
    "why": {name: reason}, of what is left or was taken back in part,
    "cut": {name: kind of operation}, what was ended in the middle,
    "returned": [[alias, name]], of which all that was set aside is back,
    "fresh": [alias], of databases that had no table before,
    "changed": [[alias, "new" or "gone", table, column or None]], what is otherwise than before }.
    """
    from django.db import connections

    shapes, last, asides = read_notes(notes)
    answer: Json = {"undone": {}, "left": {}, "why": {}, "cut": {}, "returned": [], "changed": []}
    answer["fresh"] = [alias for alias in pending if alias in shapes and not {*shapes[alias]} - {"django_migrations"}]
    for alias, names in pending.items():
        own = [aside for aside in asides if aside["alias"] == alias]
        take_back_part(alias, names, last.get(alias), own, answer)
        before = applied_of(alias, names)
        take_back_whole(alias, names, own, answer["why"])
        left = applied_of(alias, names)
        answer["undone"][alias] = [name for name in before if name not in left]
        answer["left"][alias] = left
        answer["returned"] += [[alias, name] for name in answer["undone"][alias] if name in migrations_of(own)]
        if not left:
            forget(connections[alias])
        if alias in shapes and not left:
            answer["changed"] += differences(alias, shapes[alias])
    return answer


def migrations_of(asides: list[Any]) -> set[str]:
    """Return the migrations that have set something aside."""
    return {aside["migration"] for aside in asides}


def forget_asides(aliases: Iterable[str]) -> None:
    """Drop what was set aside in some databases."""
    from django.db import connections

    for alias in aliases:
        forget(connections[alias])


def read_notes(path: str) -> tuple[dict[str, Shape], Json, list[Any]]:
    """Return the shapes of the databases before, of each the last note of a migration, and what was set aside."""
    shapes, last, asides = {}, {}, []
    if not os.path.exists(path):
        return shapes, last, asides
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                about = json.loads(line)
            except ValueError:
                # The one at which it was ended.
                break
            shapes = about.get("shapes", shapes)
            if "aside" in about:
                asides.append(about)
            elif "migration" in about:
                last[about["alias"]] = about
    return shapes, last, asides


def applied_of(alias: str, names: list[str]) -> list[str]:
    """Return which of some migrations are applied."""
    applied = {".".join(key) for key in executor_of(alias).loader.applied_migrations}
    return [name for name in names if name in applied]


def take_back_part(alias: str, names: list[str], last: Any, asides: list[Any], answer: Json) -> None:
    """Take back the operations of a migration that was ended in the middle and that no transaction held together."""
    if last is None or last["migration"] not in names or applied_of(alias, [last["migration"]]):
        return
    from django.db.migrations.migration import Migration

    executor = executor_of(alias)
    key = tuple(last["migration"].split(".", 1))
    migration = executor.loader.graph.nodes[key]
    part = Migration(key[1], key[0])
    part.operations = migration.operations[: last["done"]]
    give_back_after(part, [aside for aside in asides if aside["migration"] == last["migration"]])
    # What became of a table or a column, the database tells.
    if last.get("at") in ("RunPython", "RunSQL"):
        answer["cut"][last["migration"]] = last["at"]
    try:
        with executor.connection.schema_editor(atomic=False) as editor:
            part.unapply(state_of(executor), editor)
    except Exception as error:
        answer["why"][last["migration"]] = reason_of(error)


def take_back_whole(alias: str, names: list[str], asides: list[Any], why: dict[str, str]) -> None:
    """Take back migrations, the last first: all but those that can't be, and what these depend on."""
    executor = executor_of(alias)
    executor.progress_callback = tell_undone
    graph, applied = executor.loader.graph, executor.loader.applied_migrations
    needed, plan = {}, []
    for migration, _ in reversed(executor.migration_plan(graph.leaf_nodes(), clean_start=True)):
        key = (migration.app_label, migration.name)
        if key not in applied or name_of(migration) not in names:
            continue
        reason = needed.get(key) or irreversible(migration)
        if reason:
            why[name_of(migration)] = reason
            for other in graph.forwards_plan(key):
                needed.setdefault(other, f"{name_of(migration)} depends on it")
        else:
            plan.append((migration, True))
            give_back_after(migration, [aside for aside in asides if aside["migration"] == name_of(migration)])
    try:
        if plan:
            executor.migrate([], plan=plan)
    except Exception as error:
        for name in applied_of(alias, [name_of(migration) for migration, _ in plan]):
            why[name] = reason_of(error)


def tell_undone(action: str, migration: Any = None, _: Any = None) -> None:
    """Print each migration that is taken back, as Django's own command does: UndoStep counts them in the log."""
    if action == "unapply_success":
        print(f"  Unapplying {name_of(migration)}... OK", flush=True)


def irreversible(migration: Any) -> str:
    """Tell why a migration can't be undone, "" where it can."""
    for operation in migration.operations:
        for part in parts_of(operation):
            if not part.reversible:
                return f"{type(part).__name__} has no reverse"
    return ""


def reason_of(error: Exception) -> str:
    """Return an error in words."""
    return f"{type(error).__name__}: {str(error).strip() or 'no reason given'}"


def differences(alias: str, before: Shape) -> list[Change]:
    """Return what tables and columns a database has more or less than before: [[alias, "new" or "gone", table,
    column]].
    """
    from django.db import connections

    now = shape_of(connections[alias])
    found = [("new", table, None) for table in now.keys() - before.keys() - {"django_migrations"}]
    found += [("gone", table, None) for table in before.keys() - now.keys()]
    for table in before.keys() & now.keys():
        found += [("new", table, name) for name in now[table] if name not in before[table]]
        found += [("gone", table, name) for name in before[table] if name not in now[table]]
    return [[alias, *each] for each in sorted(found, key=str)]


def still_changed(changes: list[Change]) -> list[Change]:
    """Of what a refused push changed, as `differences` has it, what is still so and not what the project wants."""
    from django.apps import apps
    from django.db import connections

    wanted = {
        (model._meta.db_table, column)
        for model in apps.get_models(include_auto_created=True)
        for column in [None, *(field.column for field in model._meta.local_concrete_fields)]
    }
    shapes, pending = {}, {}
    for alias in {change[0] for change in changes}:
        executor = executor_of(alias)
        pending[alias] = executor.migration_plan(executor.loader.graph.leaf_nodes())
        shapes[alias] = shape_of(connections[alias])

    def is_still_so(change: Change) -> bool:
        alias, how, table, column = change
        # Where nothing is pending, migrations have made of it what the models say.
        if (table, column) in wanted and not pending[alias]:
            return False
        now = shapes[alias]
        return (table in now and (column is None or column in now[table])) == (how == "new")

    return [change for change in changes if is_still_so(change)]
