"""Which variables the settings read and have no default for, where one that is not set ended them.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import ast
import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

# As os.environ says it, django-environ, python-decouple.
SAID = re.compile(r"'?([A-Z][A-Z0-9_]+)'?|Set the ([A-Z]\w+) environment variable|([A-Z]\w+) not found")
# What reads a variable: env("A"), env.str("A"), config("A"), os.environ["A"].
READERS = {"env", "config", "environ"}


def help_with_variables(error: BaseException, tree: str) -> str:
    """Return the lines to write for all variables that the file lacks, "" where the error is of another kind."""
    if type(error).__name__ not in ("KeyError", "ImproperlyConfigured", "UndefinedValueError"):
        return ""
    found = SAID.match(str(error))
    file = last_own(error.__traceback__, tree)
    if not found or not file:
        return ""
    with open(file, "rb") as source:
        needed = dict.fromkeys(each for each in required(ast.parse(source.read())) if each not in os.environ)
    if next(filter(None, found.groups())) not in needed:
        return ""
    names = ", ".join(f"{name}: …" for name in needed)
    return (
        f"{os.path.relpath(file, tree)} reads what has no default. Write it into the stack file: "
        f"`environment: {{ {names} }}`; what is secret goes into `secrets`, or into `generated` for a random key."
    )


def last_own(traceback: TracebackType | None, tree: str) -> str:
    """Return the last file of a traceback that is the application's, "" where none is."""
    file = ""
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        # Python's own modules have names as `<frozen os>`.
        if os.path.isabs(name) and os.path.realpath(name).startswith(f"{tree}/"):
            file = os.path.realpath(name)
        traceback = traceback.tb_next
    return file


def required(parsed: ast.Module) -> Iterator[str]:
    """Find the variables that a module reads without a default, in their order."""
    for each in sorted(
        (each for each in ast.walk(parsed) if isinstance(each, (ast.Call, ast.Subscript))), key=lambda it: it.lineno
    ):
        if isinstance(each, ast.Call):
            alone = len(each.args) == 1 and not any(word.arg in ("default", None) for word in each.keywords)
            reader, part = each.func, each.args[0] if alone else None
            if isinstance(reader, ast.Attribute) and reader.attr == "get":
                continue
        else:
            reader, part = each.value, each.slice
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and names_of(reader) & READERS:
            yield part.value


def names_of(reader: ast.AST) -> set[str]:
    """Return the names of what is called or looked into: {"os", "environ"}."""
    return {
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(reader)
        if isinstance(each, (ast.Name, ast.Attribute))
    }
