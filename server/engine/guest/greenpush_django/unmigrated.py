"""Applications that have models and no migrations: nothing makes their tables.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

from .tree_files import is_of_tree, tree_of_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def without_migrations(loader: Any) -> dict[str, bool]:
    """Return the labels of applications with models and without a migration, and whether the tree has them."""
    from django.apps import apps

    migrated = {label for label, _ in loader.disk_migrations}
    tree = tree_of_release()
    return {
        each.label: is_of_tree(each.path, tree)
        for each in apps.get_app_configs()
        if each.label not in migrated and any(has_table(model) for model in each.get_models())
    }


def has_table(model: Any) -> bool:
    """Tell whether a migration would make a table for a model."""
    return model._meta.managed and not model._meta.proxy and not model._meta.swapped
