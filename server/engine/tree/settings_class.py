"""The class that django-configurations takes the settings from: DJANGO_CONFIGURATION, as manage.py and wsgi.py set it.

Source: the documentation of django-configurations.
"""

from __future__ import annotations

import ast

from ..errors import Refused
from .layout import VARIABLE, is_development
from .source import named_in, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def classes_named(manage: str, servers: list[str]) -> dict[str, list[str]]:
    """Return the classes that each of these files sets, of those that set one."""
    named = {path: named_in(path, VARIABLE) for path in (manage, *servers)}
    return {path: names for path, names in named.items() if names}


def which_class(
    named: Mapping[str, list[str]],
    settings: tuple[str, str | None],
    site: str,
    place: Callable[[str], str],
) -> Refused:
    """Return the refusal for a class that has to be named. `settings`: their module and its file."""
    module, path = settings
    said = [f"{place(file)} sets {' and '.join(names)}" for file, names in named.items()]
    all_development = all(is_development(name) for names in named.values() for name in names)
    why = ", which is for development" if all_development else ", and one of them has to be chosen"
    found = (
        [node.name for node in (parse(path) or ast.Module([], [])).body if isinstance(node, ast.ClassDef)]
        if path
        else []
    )
    fit = [name for name in found if not is_development(name)]
    best = next((name for name in fit if "prod" in name.lower()), "CLASS")
    has = f" {module} has {', '.join(fit)}." if fit else ""
    return Refused(
        "layout",
        f"which class of the settings? {VARIABLE}: {', '.join(said)}{why}",
        advice=f"Write it into the stack file of {site}: `environment: {{ {VARIABLE}: {best} }}`.{has}",
    )
