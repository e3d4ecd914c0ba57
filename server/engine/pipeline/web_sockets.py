"""Which application runs of a tree that has one for WSGI, and one for ASGI that answers WebSockets."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from glob import escape, glob

from ..console.output import say
from ..runtime.asgi import UVICORN, worker_in
from ..tree.source import Modules, absolute, parse
from .missing_module import line_for_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..release.release import Release

# How many modules away from the application's an import is looked for: its routes, and what they lead to.
DEPTH = 2


def choose_application(release: Release) -> None:
    """Choose that of ASGI where what it needs is installed, else that of WSGI, and say what is missing."""
    lacks = what_lacks(release)
    if not lacks:
        release.save(wsgi="", durable=False)
        return
    say(f"    {release.wsgi} runs all the same, so nobody answers WebSockets: {lacks}")
    release.save(asgi="", durable=False)


def what_lacks(release: Release) -> str:
    """Return in a sentence what the application of ASGI needs and is not installed, "" for nothing."""
    if not worker_in(release):
        return f"no package that is installed runs {release.asgi}. {UVICORN} brings one."
    folders = [os.path.join(release.codebase, folder) for folder in release.python_path]
    modules = Modules(release.project, *map(os.path.normpath, folders))
    for file, name in imports_of(modules, release.asgi.partition(":")[0]):
        if not is_installed(release, name.partition(".")[0]):
            helps = line_for_module(release, name)
            return f"{os.path.relpath(file, release.codebase)} imports {name}, which is not installed. {helps}".rstrip()
    return ""


def imports_of(modules: Modules, module: str) -> Iterator[tuple[str, str]]:
    """Find what a module of the tree and those that it imports always import from elsewhere: each with the file."""
    waiting, seen = [(module, 0)], {module}
    while waiting:
        at, depth = waiting.pop(0)
        path = modules.path(at) or ""
        # What stands under a condition or a `try` may be missing.
        for node in (parse(path) or ast.Module([], [])).body:
            for name in names_of(at, path, node):
                if not in_tree(modules, name):
                    yield path, name
                elif name not in seen and depth < DEPTH and modules.path(name):
                    seen.add(name)
                    waiting.append((name, depth + 1))


def names_of(module: str, path: str, node: ast.stmt) -> list[str]:
    """Return the modules that a statement of a module imports."""
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    origin = absolute(module, path, node)
    # Each name may be a module of a package.
    return [origin, *(f"{origin}.{each.name}" for each in node.names)]


def in_tree(modules: Modules, name: str) -> bool:
    """Tell whether the tree has the first part of a module's name. A folder needs no __init__.py."""
    top = name.partition(".")[0]
    return bool(modules.path(top)) or any(os.path.isdir(os.path.join(folder, top)) for folder in modules.folders)


def is_installed(release: Release, name: str) -> bool:
    """Tell whether Python itself or a release's virtualenv has a module."""
    known: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())
    if name in known or (not known and importlib.util.find_spec(name)):
        return True
    at = os.path.join(escape(release.path("lib")), "python*", "site-packages", escape(name))
    return bool(glob(at) or glob(f"{at}.py") or glob(f"{at}.*so"))
