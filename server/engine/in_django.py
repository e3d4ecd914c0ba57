"""What the engine asks of Django, in one start of it: in_django.py ANSWER VERB...

Run by a release's own Python in its codebase. ANSWER is the file that gets what there is to answer, as JSON.

check GATE [migrate] [collectstatic] [shared=PATH]...: take data out of the release, collect static files, close the
descriptor GATE, check the project, answer which migrations it has, which the database lacks (pending) and which it has
besides (unknown), what was said of data, and the places it was taken from (homes).
migrate: apply what is pending.
undo MIGRATION...: take these back where they are applied, the last first.
ask PATH HOST SCHEME: answer a request without a server, so that its error is shown.
"""

import atexit
import json
import os
import sys


def main(answer, verb, *rest):
    from in_django_data import NotKept, keep_data
    from in_django_static import collect

    sys.path[0] = os.getcwd()
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    if verb == "migrate":
        call_command("migrate", interactive=False, verbosity=1)
    elif verb == "ask":
        from django.test import Client

        path, host, scheme = rest
        Client().get(path, secure=scheme == "https", HTTP_HOST=host)
    elif verb == "undo":
        tell(answer, {"undone": undo_applied(set(rest))})
    else:
        named = [word.partition("=")[2] for word in rest if word.startswith("shared=")]
        try:
            said, homes = keep_data(settings, os.getcwd(), os.environ["VAR_DIR"], named)
        except NotKept as reason:
            tell(answer, {"not_kept": str(reason)})
            end_now()
        said += collect(settings, "collectstatic" in rest)
        os.close(int(rest[0]))
        call_command("check")
        result = {"migrations": [], "pending": [], "unknown": []}
        if "migrate" in rest and settings.DATABASES:
            result = migrations_of_project()
        result.update(said=said, homes=homes)
        tell(answer, result)
        end_now()


def end_now():
    """End without taking Django apart again, which takes longer than a check: the person who pushes waits."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def tell(answer, result):
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(result, file)


def migrations_of_project():
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["default"])
    executor.loader.check_consistent_history(connections["default"])
    known = executor.loader.graph.nodes
    # A squashed migration's parts are applied without being known any more.
    replaced = {part for migration in executor.loader.replacements.values() for part in migration.replaces}
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {
        "migrations": sorted(".".join(key) for key in known),
        "pending": [f"{migration.app_label}.{migration.name}" for migration, _ in plan],
        "unknown": sorted(".".join(key) for key in set(executor.loader.applied_migrations) - set(known) - replaced),
    }


def undo_applied(names):
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["default"])
    whole = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    applied = executor.loader.applied_migrations
    plan = [
        (migration, True)
        for migration, _ in reversed(whole)
        if f"{migration.app_label}.{migration.name}" in names and (migration.app_label, migration.name) in applied
    ]
    if plan:
        executor.migrate([], plan=plan)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


if __name__ == "__main__":
    main(*sys.argv[1:])
