"""The refusals that ask which settings of a tree are meant: their module, and its class where they are classes."""

from __future__ import annotations

import os

from ..errors import Refused
from .layout import SETTINGS, VARIABLE, is_development

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .layout import Finder

# Settings modules that a refusal names.
NAMED = 8


def which_settings(finder: Finder, named: Mapping[str, list[str]]) -> Refused:
    """Return the refusal for settings that have to be named. `named`: which modules each file sets."""
    there = {path: modules for path, modules in named.items() if os.path.isfile(path)}
    empty = finder.modules.is_empty

    def listed(modules: list[str]) -> str:
        return " and ".join(f"{module}, which is empty" if empty(module) else module for module in modules)

    said = [f"{finder.place(path)} sets {listed(modules)}" for path, modules in there.items() if modules]
    full = [module for modules in there.values() for module in modules if not empty(module)]
    if said:
        reason = f"which settings? {', '.join(said)}{why(full) if full else ''}"
    else:
        looked = ", ".join(map(finder.place, there)) or "the pushed tree (no manage.py, no wsgi.py)"
        reason = f"which settings? {SETTINGS} is set nowhere in {looked}"
    found = settings_modules(finder)
    # One of those that are named, the most often first: manage.py names its own as the project's wsgi.py does.
    likely = sorted(full, key=lambda module: ("prod" not in module, -full.count(module)))
    best = next((module for module in [*likely, *found] if not is_development(module)), "MODULE")
    has = f" The tree has {', '.join(found[:NAMED])}." if found else ""
    return Refused(
        "layout", reason, advice=f"Write them into the stack file of {finder.site}: `settings: {best}`.{has}"
    )


def which_class(finder: Finder, named: Mapping[str, list[str]]) -> Refused:
    """Return the refusal for a class of django-configurations that has to be named. `named`: those that files set."""
    module = finder.layout.settings
    said = [f"{finder.place(path)} sets {' and '.join(names)}" for path, names in named.items()]
    all_named = [name for names in named.values() for name in names]
    fit = [name for name in finder.modules.classes(module) if not is_development(name)]
    best = next((name for name in fit if "prod" in name.lower()), "CLASS")
    has = f" {module} has {', '.join(fit[:NAMED])}." if fit else ""
    return Refused(
        "layout",
        f"which class of the settings? {VARIABLE}: {', '.join(said)}{why(all_named)}",
        advice=f"Write it into the stack file of {finder.site}: `environment: {{ {VARIABLE}: {best} }}`.{has}",
    )


def why(names: Sequence[str]) -> str:
    """Return why none of several modules or classes is taken."""
    return ", which is for development" if all(map(is_development, names)) else ", and one of them has to be chosen"


def settings_modules(finder: Finder) -> list[str]:
    """Return the modules of the tree that look like settings, those for production first."""
    found: list[str] = []
    for folder in finder.folders():
        for name in sorted(os.listdir(folder)):
            within = os.path.basename(folder) == "settings" and name != "__init__.py"
            if name.endswith(".py") and (within or name == "settings.py" or name.startswith("settings_")):
                found.append(finder.modules.name(os.path.join(folder, name)) or "")
    modules = {module for module in found if module}
    # What others are made of is seldom whole: `base`.
    parts = {imported for module in modules for imported in finder.modules.imported_by(module)}
    return sorted(
        modules,
        key=lambda module: (
            *("prod" not in module, is_development(module), module in parts),
            *(module.split(".")[-1], module),
        ),
    )
