"""The text of the settings: where a setting gets its value, and where a text stands in the tree."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections import deque

from .settings_expressions import (
    URL,
    assigns_to,
    could_be,
    is_stored,
    named_by,
    names_of_variables,
    rank,
    variable_in,
    variable_of_value,
    variables_in,
)
from .tree_files import is_of_tree, tree_of_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Bytes of the largest file that is read.
LARGEST = 1_000_000
SKIPPED = {"node_modules", "__pycache__", ".git", ".venv", "venv"}


class Sources:
    """The files of a settings module and of those that it takes all names from, as far as they lie in the tree."""

    def __init__(self, module: str, tree: str) -> None:
        self.module, self.tree = module, tree
        self.trees: dict[str, ast.Module] | None = None
        # The package of each file.
        self.packages: dict[str, str] = {}

    @property
    def main(self) -> str:
        """Return the file of the settings module, by its path in the tree; the module's name where it has none."""
        file = getattr(sys.modules.get(self.module), "__file__", None)
        return self.named(file) if file else self.module

    def named(self, path: str) -> str:
        """Return a path as it is in the tree."""
        return os.path.relpath(os.path.realpath(path), self.tree)

    def parsed(self) -> dict[str, ast.Module]:
        """Return the files, the module that has the last word first."""
        if self.trees is None:
            self.trees = {}
            self.add(self.module)
            for each in self.classes():
                self.add(each.__module__)
        return self.trees

    def add(self, name: str) -> None:
        """Add a module, and those that it takes all names from."""
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if self.trees is None or not file or file in self.trees:
            return
        # django-split-settings runs these files in the module.
        for included in reversed(getattr(module, "__included_files__", ())):
            self.parse(included, getattr(module, "__package__", ""))
        if not self.parse(file, getattr(module, "__package__", "")):
            return
        taken = [each for each in ast.walk(self.trees[file]) if isinstance(each, ast.ImportFrom)]
        for each in reversed([each for each in taken if any(alias.name == "*" for alias in each.names)]):
            self.add(module_named(self.packages[file], each))

    def parse(self, file: str, package: str | None) -> bool:
        """Add a file if it is one of the tree that can be read; tell whether it is."""
        if self.trees is None or not is_of_tree(file, self.tree):
            return False
        try:
            with open(file, "rb") as source:
                self.trees[file] = ast.parse(source.read())
        except (OSError, ValueError, SyntaxError):
            return False
        self.packages[file] = package or ""
        return True

    def laid(self) -> set[str]:
        """Return the files that the stack file lays into the tree."""
        try:
            with open(os.path.join(os.path.dirname(self.tree), "files.json"), encoding="utf-8") as file:
                return set(json.load(file))
        except (OSError, ValueError):
            return set()

    def module_to_lay(self) -> str:
        """Return the module, by its path in the tree, that the settings take all names from where it is there, as
        `try: from .local_settings import *`, and that is not of the tree: it may be one of the stack file's. Else "".
        """
        for file, parsed in self.parsed().items():
            for each in ast.walk(parsed):
                body = optional_of(each)
                for path in (*(self.taken_by(file, node) for node in body), self.run_by(file, body)):
                    absent = not os.path.lexists(path) or self.named(path) in self.laid()
                    if path.startswith(f"{self.tree}/") and absent:
                        return self.named(path)
        return ""

    def taken_by(self, file: str, node: ast.stmt) -> str:
        """Return the path of the module that a statement takes all names from, "" for another statement."""
        if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*":
            return ""
        above, _, last = module_named(self.packages[file], node).rpartition(".")
        folders = list(getattr(sys.modules.get(above), "__path__", ())) if above else [os.getcwd()]
        return os.path.join(os.path.realpath(folders[0]), f"{last}.py") if folders else ""

    def run_by(self, file: str, body: list[ast.stmt]) -> str:
        """Return the path of the file that statements run as the settings' own, as `exec(open("local.py").read())`; ""
        for others.
        """
        calls = [each for node in body for each in ast.walk(node) if isinstance(each, ast.Call)]
        opened = [each.args[0] for each in calls if ast.unparse(each.func) == "open" and each.args]
        if not opened or not any(ast.unparse(each.func) == "exec" for each in calls):
            return ""
        try:
            # The settings have done the same.
            path = eval(ast.unparse(opened[0]), {**vars(sys.modules[self.module]), "__file__": file})
            return os.path.realpath(os.fspath(path))
        except Exception:
            return ""

    def own_module(self, what: str) -> str:
        """Return how the stack file gives the settings something: by a module that it lays in, beside that of the tree.

        That module may be there already.
        """
        if self.main in self.laid():
            return f"write {what} into {self.main}, which `files` of the stack file lays in"
        package, folder = self.module.rpartition(".")[0], os.path.dirname(self.main)
        if os.path.basename(self.main) == "__init__.py":
            folder = os.path.dirname(folder)
        lines = "`files`"
        if self.main.endswith(".py") and not self.main.startswith(".."):
            module, place = f"{package}.site_settings".lstrip("."), os.path.join(folder, "site_settings.py")
            lines = (
                f"`settings: {module}` and `files: {{ {place}: FILE }}`, with `from {self.module} import *` and {what}"
            )
            base = os.environ.get("DJANGO_CONFIGURATION")
            if base:
                lines = (
                    f"`settings: {module}`, `environment: {{ DJANGO_CONFIGURATION: Site }}` and `files: {{ {place}: "
                    f"FILE }}`, with `from {self.module} import {base}`, `class Site({base}):` and in it {what}"
                )
        return f"lay a settings module of your own into the tree: {lines}"

    def laid_with(self, name: str) -> tuple[str, str]:
        """Return the module of the stack file that a setting takes its value from, as `DEBUG = configuration.DEBUG`,
        and what is called so there; else that of module_to_lay() and the setting.
        """
        value = self.place_of(name)[1]
        wanted = sorted({named_by(each) for each in ast.walk(value)} if value is not None else ())
        for place in sorted(each for each in self.laid() if each.endswith(".py")):
            try:
                with open(os.path.join(self.tree, place), "rb") as file:
                    given = ast.parse(file.read()).body
            except (OSError, ValueError, SyntaxError):
                continue
            found = [each for each in wanted if any(assigns_to(inner, each) for inner in given)]
            if found:
                return place, found[0]
        return self.module_to_lay(), name

    def place_of(self, name: str) -> tuple[str, ast.AST | None, str]:
        """Return where a setting is given its value, the expression, and the environment variable that it reads.

        Where that is unknown: the module's file, None and "".
        """
        has = getattr(sys.modules.get(self.module), name, None)
        for file, parsed in self.parsed().items():
            last: ast.Assign | ast.AnnAssign | None = None
            for each in self.walked(parsed):
                targets = (
                    each.targets
                    if isinstance(each, ast.Assign)
                    else [each.target]
                    if isinstance(each, ast.AnnAssign)
                    else []
                )
                named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
                if named and isinstance(each, (ast.Assign, ast.AnnAssign)) and could_be(each.value, has):
                    # An empty one gives nothing, where others have their say too.
                    last = each if last is None or rank(each) > rank(last) else last
            if last is not None:
                variable = variable_in(last.value) or variable_of_value(last.value, name)
                return f"{self.named(file)}:{last.lineno}", last.value, variable
        return self.main, None, ""

    def classes(self) -> tuple[type, ...]:
        """Return the class of django-configurations that counts, and those that it is made of."""
        chosen = getattr(sys.modules.get(self.module), os.environ.get("DJANGO_CONFIGURATION", ""), None)
        return chosen.__mro__ if isinstance(chosen, type) else ()

    def walked(self, parsed: ast.Module) -> Iterator[ast.AST]:
        """Find what a module has, without the classes of django-configurations that are not the one that counts."""
        names = {each.__name__ for each in self.classes()}
        left: deque[ast.AST] = deque([parsed])
        while left:
            node = left.popleft()
            yield node
            for each in ast.iter_child_nodes(node):
                if not names or not isinstance(each, ast.ClassDef) or each.name in names:
                    left.append(each)

    def conditions_of(self, name: str) -> list[str]:
        """Return the environment variables of the conditions under which a setting gets its value, or a part of it."""
        found: list[str] = []
        for parsed in self.parsed().values():
            read = names_of_variables(parsed)
            for each in ast.walk(parsed):
                if isinstance(each, ast.If) and any(assigns_to(inner, name) for inner in each.body):
                    found += variables_in(each.test, read)
        return list(dict.fromkeys(found))

    def parts_of(self, name: str) -> list[str]:
        """Return the environment variables that a setting and its parts are made of, as of NAME["default"] = …, and
        those of the conditions. Of a database's URL and its parts, the URL.
        """
        found: list[str] = []
        for parsed in self.parsed().values():
            read = names_of_variables(parsed)
            nodes = list(ast.walk(parsed))
            for each in nodes:
                if isinstance(each, ast.If) and any(assigns_to(inner, name) for inner in each.body):
                    found += variables_in(each.test, read)
                elif isinstance(each, ast.Assign) and assigns_to(each, name):
                    found += variables_in(each.value, read)
            # What the modules before it said of the setting counts no more.
            if any(isinstance(each, ast.Name) and each.id == name and is_stored(each) for each in nodes):
                break
        return [URL] if URL in found else list(dict.fromkeys(found))

    def variables_of(self, value: ast.AST | None, keys: tuple[str, ...]) -> list[str]:
        """Return the environment variables that an expression reads, itself or by a name that has one.

        `keys`: where these of its dictionaries read one each, those; else the first.
        """
        read = {name: has for parsed in self.parsed().values() for name, has in names_of_variables(parsed).items()}

        def first_of(part: ast.AST) -> str:
            named = [read.get(each.id, "") for each in ast.walk(part) if isinstance(each, ast.Name)]
            return variable_in(part) or next(filter(None, named), "")

        if value is None:
            return []
        dictionaries = [each for each in ast.walk(value) if isinstance(each, ast.Dict)]
        pairs = [pair for each in dictionaries for pair in zip(each.keys, each.values)]
        found = [first_of(part) for key, part in pairs if isinstance(key, ast.Constant) and key.value in keys]
        return list(dict.fromkeys(filter(None, found or [first_of(value)])))

    def knows_os(self, name: str) -> bool:
        """Tell whether a file of the tree imports os."""
        for file, parsed in self.parsed().items():
            if self.named(file) == name:
                imports = [each for each in ast.walk(parsed) if isinstance(each, ast.Import)]
                return any(alias.name == "os" and not alias.asname for each in imports for alias in each.names)
        return True

    def place_of_text(self, text: str) -> str:
        """Return where a text stands in the tree's modules and .env files, "" where it does not."""
        wanted = {text.encode(), repr(text)[1:-1].encode()}
        for folder, folders, names in os.walk(self.tree):
            folders[:] = [each for each in folders if each not in SKIPPED]
            for name in names:
                if not (name.endswith((".py", ".env")) or name.startswith(".env")):
                    continue
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > LARGEST:
                    continue
                with open(path, "rb") as file:
                    content = file.read()
                at = max(content.find(each) for each in wanted)
                if at >= 0:
                    line = content.count(b"\n", 0, at) + 1
                    return f"{self.named(path)}:{line}"
        return ""

    def other_modules(self) -> list[str]:
        """Return the settings modules beside this one."""
        package, _, own = self.module.rpartition(".")
        file = getattr(sys.modules.get(self.module), "__file__", None)
        if not file:
            return []
        if os.path.basename(file) == "__init__.py":
            # Those of a package are in it: settings/__init__.py takes its names from one of them.
            package = self.module
        if not package:
            return []
        stems = sorted(
            name[:-3]
            for name in os.listdir(os.path.dirname(file))
            if name.endswith(".py") and name[:-3] not in ("__init__", own)
        )
        # In a package of its own each module is one of settings; in the project's, those that say so.
        whole = "settings" in package.rpartition(".")[2]
        chosen = [stem for stem in stems if whole or "settings" in stem or stem in ("production", "prod")]
        return [f"{package}.{stem}" for stem in chosen if "test" not in stem]


def sources_of_release() -> Sources:
    """Return the text of the settings of the release that runs."""
    return Sources(os.environ.get("DJANGO_SETTINGS_MODULE", ""), tree_of_release())


def module_named(package: str, node: ast.ImportFrom) -> str:
    """Return the module that a `from` in a package's module names."""
    base = package.rsplit(".", node.level - 1)[0] if node.level else ""
    return ".".join(part for part in (base, node.module) if part)


def optional_of(node: ast.AST) -> list[ast.stmt]:
    """Return what the settings go on without: what a `try` holds that does not end in an error, or an `if` that looks
    for a file first. [] for another statement.
    """
    if isinstance(node, ast.If):
        return node.body if re.search(r"\b(?:exists|isfile|is_file)\(", ast.unparse(node.test)) else []
    if not isinstance(node, ast.Try):
        return []
    raised = any(isinstance(each, ast.Raise) for handler in node.handlers for each in handler.body)
    return [] if raised else node.body
