"""The lines of the stack file that give a setting its value.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

from .settings_expressions import asked_of
from .settings_sources import Sources, sources_of_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def environment_with(variables: Iterable[str]) -> str:
    """Return the line that gives variables their values, which a person has to fill in."""
    return f"`environment: {{ {', '.join(f'{name}: …' for name in variables)} }}`"


def place(names: tuple[str, ...], keys: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return the file and line of the first of these settings, and the line of the stack file for what it reads.

    `keys`: see Sources.variables_of().
    """
    sources = sources_of_release()
    for name in names:
        where, value, _ = sources.place_of(name)
        if value is not None:
            return where, line_for(sources, name, sources.variables_of(value, keys) or sources.parts_of(name))
    return sources.main, line_for(sources, " or ".join(names), [])


def line_for(sources: Sources, name: str, variables: list[str]) -> str:
    """Return the line of the stack file for a setting that reads these variables."""
    if variables:
        return f"{environment_with(variables)}; what is secret goes into `secrets`"
    laid, called = sources.laid_with(name)
    if laid:
        return f"`files: {{ {laid}: FILE }}`, with {called} in it: the settings take over what it says"
    asked = asked_of(sources.place_of(name)[1])
    if asked:
        return f"the settings get it by `{asked}`, so give it there, or {sources.own_module(name)}"
    return f"the settings read no variable for it, so {sources.own_module(name)}"
