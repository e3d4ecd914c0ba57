"""What the expressions of settings say: the environment variables that they read, and what they may have given.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import ast
import re

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
# The variable that dj-database-url and django-environ read where they are given no name.
URL, READ_URL = "DATABASE_URL", ("dj_database_url.config", "env.db", "env.db_url")


def named_by(node: ast.AST) -> str:
    """Return what an expression may be called in another module: configuration.DEBUG, getattr(it, "DEBUG", False)."""
    if isinstance(node, ast.Attribute):
        return node.attr
    text = node.value if isinstance(node, ast.Constant) else None
    return text if isinstance(text, str) and VARIABLE.fullmatch(text) else ""


def assigns_to(node: ast.AST, name: str) -> bool:
    """Tell whether a statement gives a name its value, or a part of it, as NAME["default"] = … does."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    whole = [target.value if isinstance(target, ast.Subscript) else target for target in targets]
    return any(isinstance(each, ast.Name) and each.id == name for each in whole)


def is_stored(name: ast.Name) -> bool:
    """Tell whether a name gets a value where it stands."""
    return isinstance(name.ctx, ast.Store)


def rank(statement: ast.Assign | ast.AnnAssign) -> tuple[bool, int]:
    """Return what tells which of several statements has given a setting its value."""
    value = statement.value
    empty = (isinstance(value, ast.Dict) and not value.keys) or (
        isinstance(value, (ast.List, ast.Tuple)) and not value.elts
    )
    return not empty, statement.lineno


def could_be(value: ast.AST | None, has: object) -> bool:
    """Tell whether an expression may have given what a setting has: one under a condition may not have been run."""
    if isinstance(value, ast.Dict) and isinstance(has, dict):
        # Django adds to DATABASES and the like what they leave out.
        pairs = [(key.value, each) for key, each in zip(value.keys, value.values) if isinstance(key, ast.Constant)]
        return all(key in has and could_be(each, has[key]) for key, each in pairs)
    if isinstance(value, (ast.List, ast.Tuple)) and isinstance(has, (list, tuple)):
        # Others may have been added since.
        return all(each.value in has for each in value.elts if isinstance(each, ast.Constant))
    return not isinstance(value, ast.Constant) or value.value == has


def not_equal_to(value: ast.AST | None) -> str | None:
    """Return the text that makes an expression false, as of `X != "FALSE"` or `not X`; None for another expression."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return "1"
    if not (isinstance(value, ast.Compare) and isinstance(value.ops[0], (ast.NotEq, ast.NotIn))):
        return None
    texts = [each.value for each in ast.walk(value.comparators[0]) if isinstance(each, ast.Constant)]
    return next((each for each in texts if isinstance(each, str)), None)


def names_of_variables(parsed: ast.Module) -> dict[str, str]:
    """Return the names of a module that have the value of an environment variable, or are made of one that has:
    {name: variable}.
    """
    read: dict[str, str] = {}
    for each in ast.walk(parsed):
        if isinstance(each, ast.Assign):
            variable = variable_in(each.value) or next(iter(variables_in(each.value, read)), "")
            read.update({target.id: variable for target in each.targets if isinstance(target, ast.Name)})
    return read


def asked_of(value: ast.AST | None) -> str:
    """Return where an expression gets a text from that is no variable, as config.get("database", "host"); else ""."""
    nodes = sorted((each for each in ast.walk(value) if hasattr(each, "col_offset")), key=placed) if value else ()
    for node in nodes:
        named = node.args[:1] if isinstance(node, ast.Call) else [node.slice] if isinstance(node, ast.Subscript) else []
        of = node.func if isinstance(node, ast.Call) else getattr(node, "value", None)
        is_method = isinstance(of, ast.Attribute) and isinstance(of.value, ast.Name) and of.value.id != "os"
        keyed = isinstance(node, ast.Subscript) or is_method
        if keyed and any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in named):
            return ast.unparse(node)
    return ""


def placed(node: ast.AST) -> tuple[int, int]:
    """Return where an expression stands."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def variables_in(value: ast.AST, read: dict[str, str]) -> list[str]:
    """Return the environment variables of an expression, by the names that have their values too."""
    found = [read.get(each.id, "") if isinstance(each, ast.Name) else variable_of(each) for each in ast.walk(value)]
    return [name for name in found if name]


def variable_in(value: ast.AST | None) -> str:
    """Return the environment variable that an expression reads, as far as it looks like one; else ""."""
    found = map(variable_of, ast.walk(value)) if value is not None else ()
    return next(filter(None, found), "")


def variable_of(node: ast.AST) -> str:
    """Return the environment variable that a call or the like names, "" where it names none."""
    part: ast.AST | None = None
    if isinstance(node, ast.Call):
        if ast.unparse(node.func) in READ_URL and not node.args:
            return URL
        of_value = variable_of_value(node)
        if of_value:
            return of_value
        part = node.args[0] if node.args else None
    elif isinstance(node, ast.Subscript):
        part = node.slice
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        part = node.left if ast.unparse(node.comparators[0]) in ("os.environ", "environ") else None
    text = part.value if isinstance(part, ast.Constant) else None
    return text if isinstance(text, str) and VARIABLE.fullmatch(text) else ""


def variable_of_value(node: ast.AST | None, setting: str = "") -> str:
    """Return the environment variable of a value of django-configurations, "" for another expression.

    `setting`: the name that the value is given to, which the variable is called after where it has no other.
    """
    if not isinstance(node, ast.Call):
        return ""
    words = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
    called = ast.unparse(node.func)
    is_value = (called.startswith("values.") or called.endswith("Value")) and words.get("environ", True)
    name = words.get("environ_name") or (setting if is_value else "")
    prefix = str(words.get("environ_prefix", "DJANGO") or "").rstrip("_")
    return "_".join(filter(None, (prefix, name))) if name else ""
