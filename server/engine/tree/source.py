"""What Python files of a tree say, read and never run."""

from __future__ import annotations

import ast
import os
from functools import lru_cache

from ..errors import Refused
from ..host.pushed_file import read_pushed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = "DJANGO_SETTINGS_MODULE"


@lru_cache(maxsize=16)
def parse(path: str) -> ast.Module | None:
    """Return a file's syntax tree, None where there is no such file, or this Python can't read it.

    Read once: several questions are asked of the settings of a tree, which nothing changes while they are.
    """
    try:
        return ast.parse(read_pushed("layout", path))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError, Refused):
        return None


def named_in(path: str, variable: str = SETTINGS) -> list[str]:
    """Return the values that a manage.py, wsgi.py or asgi.py sets a variable to, in their order."""
    found: list[str] = []
    for node in ast.walk(parse(path) or ast.Module([], [])):
        value: ast.expr | None = None
        if isinstance(node, ast.Call) and is_environ(node.func, "setdefault") and len(node.args) == 2:
            value = node.args[1] if text_of(node.args[0]) == variable else None
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = node.targets[0]
            value = node.value if is_environ(target.value) and text_of(target.slice) == variable else None
        text = text_of(value)
        if text and text not in found:
            found.append(text)
    return found


def assigned_in(path: str, name: str) -> str:
    """Return the text that a file itself assigns to a name, "" where it assigns none."""
    found = ""
    for node in statements((parse(path) or ast.Module([], [])).body):
        if isinstance(node, ast.Assign) and assigns(node, name):
            found = text_of(node.value)
    return found


def has_text(path: str, text: str) -> bool:
    """Tell whether a file has a text in its code."""
    return any(text_of(node) == text for node in ast.walk(parse(path) or ast.Module([], [])))


def assigns(node: ast.Assign, name: str) -> bool:
    """Tell whether a statement assigns to a name."""
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def is_environ(node: ast.expr, method: str = "") -> bool:
    """Tell whether an expression is os.environ, or a method of it."""
    if method:
        return isinstance(node, ast.Attribute) and node.attr == method and is_environ(node.value)
    return (node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")) == "environ"


def text_of(node: ast.AST | None) -> str:
    """Return the text of an expression: a literal, or the default of os.environ.get() and os.getenv(); else ""."""
    if isinstance(node, ast.Constant):
        # What can't be printed is no name of a module, and could not be written to a file either.
        return node.value if isinstance(node.value, str) and node.value.isprintable() else ""
    if isinstance(node, ast.Call) and len(node.args) == 2:
        asks = is_environ(node.func, "get") or getattr(node.func, "attr", getattr(node.func, "id", "")) == "getenv"
        return text_of(node.args[1]) if asks else ""
    return ""


class Modules:
    """The modules of a tree: `folders` are those that Python looks into, the first one first."""

    __slots__ = ("folders",)

    def __init__(self, *folders: str) -> None:
        self.folders = folders

    def path(self, module: str) -> str | None:
        """Return a module's file, None where the tree has none."""
        for folder in self.folders:
            base = os.path.join(folder, *module.split("."))
            for path in (os.path.join(base, "__init__.py"), f"{base}.py"):
                if os.path.isfile(path):
                    return path
        return None

    def is_empty(self, module: str) -> bool:
        """Tell whether a module of the tree has no statement, besides a text that says what it is."""
        path = self.path(module)
        tree = parse(path) if path else None
        return tree is not None and all(isinstance(each, ast.Expr) and text_of(each.value) for each in tree.body)

    def classes(self, module: str) -> list[str]:
        """Return the classes that a module of the tree has, in their order."""
        path = self.path(module)
        tree = parse(path) if path else None
        return [each.name for each in (tree or ast.Module([], [])).body if isinstance(each, ast.ClassDef)]

    def name(self, path: str) -> str | None:
        """Return the module that a file is, None where it can be none."""
        for folder in sorted(self.folders, key=len, reverse=True):
            if path.startswith(f"{folder}/"):
                parts = os.path.relpath(path, folder)[: -len(".py")].split("/")
                parts = parts[:-1] if parts[-1] == "__init__" else parts
                return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None
        return None

    def imported_by(self, module: str) -> set[str]:
        """Return the modules that a module takes names from."""
        path = self.path(module)
        found: set[str] = set()
        for node in ast.walk((parse(path) if path else None) or ast.Module([], [])):
            if isinstance(node, ast.ImportFrom):
                origin = absolute(module, path or "", node)
                found |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
        return found

    def assigned(self, module: str, name: str) -> tuple[str, str] | None:
        """Return the text that a module assigns to a name, by itself or by `from … import *`, and the file."""
        return self._assigned(module, name, set())

    def _assigned(self, module: str, name: str, seen: set[str]) -> tuple[str, str] | None:
        path = self.path(module)
        if path is None or path in seen:
            return None
        seen.add(path)
        found: tuple[str, str] | None = None
        for node in statements((parse(path) or ast.Module([], [])).body):
            if isinstance(node, ast.Assign):
                if assigns(node, name):
                    text = text_of(node.value)
                    found = (text, path) if text else None
            elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                origin = absolute(module, path, node)
                found = (self._assigned(origin, name, seen) if origin else None) or found
        return found


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Return the statements of a module, those within `if` and `try` too, in their order."""
    left: list[ast.stmt] = body[::-1]
    while left:
        node = left.pop()
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.ExceptHandler, ast.With)):
            for part in ("finalbody", "orelse", "handlers", "body"):
                left.extend(reversed(getattr(node, part, [])))


def absolute(module: str, path: str, node: ast.ImportFrom) -> str:
    """Return the module that a `from` in a module names."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    up = node.level - (1 if os.path.basename(path) == "__init__.py" else 0)
    package = parts[: len(parts) - up] if up else parts
    return ".".join([*package, *((node.module or "").split(".") if node.module else [])])
