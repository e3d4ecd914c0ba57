"""Which tasks an application leaves to a process of their own, which Greenpush does not run yet.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import os
import sys

from .tree_files import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# What an installed application is called, and the command that runs its tasks.
QUEUES = {
    "background_task": ("django-background-tasks", "manage.py process_tasks"),
    "django_dramatiq": ("Dramatiq", "manage.py rundramatiq"),
    "django_q": ("Django Q", "manage.py qcluster"),
    "django_rq": ("RQ", "manage.py rqworker"),
    "django_tasks.backends.database": ("django-tasks", "manage.py db_worker"),
    "django_tasks_db": ("django-tasks", "manage.py db_worker"),
    "huey.contrib.djhuey": ("Huey", "manage.py run_huey"),
    "procrastinate.contrib.django": ("Procrastinate", "manage.py procrastinate worker"),
}
# Settings of those that run a task where it is asked for, and the key that says so.
AT_ONCE = {"django_q": ("Q_CLUSTER", "sync"), "huey.contrib.djhuey": ("HUEY", "immediate")}


def said_of_tasks(settings: Any, tree: str) -> list[str]:
    """Say which tasks nobody runs; a sentence each. `tree`: its Procfile is said already."""
    known = text_of(os.path.join(tree, "Procfile"))
    return [
        f"tasks of {name} wait for `{command}`, which is not run: Greenpush has no processes besides web yet"
        for name, command in (*queues(settings), *celery_apps())
        if command.split()[1 if command.startswith("manage.py") else 0] not in known
    ]


def queues(settings: Any) -> Iterator[tuple[str, str]]:
    """Give the name and the command of each queue that is installed."""
    from django.apps import apps

    for label, queue in QUEUES.items():
        setting, key = AT_ONCE.get(label, ("", ""))
        options = getattr(settings, setting, None) if setting else None
        at_once = isinstance(options, dict) and options.get(key)
        if apps.is_installed(label) and not at_once:
            yield queue


def celery_apps() -> Iterator[tuple[str, str]]:
    """Give the name and the command of the application of Celery that was loaded with the project."""
    if "celery" not in sys.modules:
        return
    app = sys.modules["celery"].current_app
    # Celery's own, which it makes where a project has none.
    if app.main and app.main != "default" and not runs_at_once(app):
        yield "Celery", f"celery -A {app.main} worker"


def runs_at_once(app: Any) -> bool:
    """Tell whether Celery runs a task where it is asked for."""
    try:
        return bool(app.conf.task_always_eager)
    except Exception:
        # Its settings are the application's to load, and are not asked for here.
        return False
