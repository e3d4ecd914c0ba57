"""The text of the settings: where a setting gets its value, and where a text stands in the tree."""

from __future__ import annotations

import ast
import os
import re
import sys

# Bytes of the largest file that is read.
LARGEST = 1_000_000
SKIPPED = {"node_modules", "__pycache__", ".git", ".venv", "venv"}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


class Sources:
    """The files of a settings module and of those that it takes all names from, as far as they lie in the tree."""

    def __init__(self, module: str, tree: str) -> None:
        self.module, self.tree = module, tree
        self.trees: dict[str, ast.Module] | None = None

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
        return self.trees

    def add(self, name: str) -> None:
        """Add a module, and those that it takes all names from."""
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if self.trees is None or not file or file in self.trees:
            return
        if not os.path.realpath(file).startswith(f"{self.tree}/"):
            return
        try:
            with open(file, "rb") as source:
                self.trees[file] = ast.parse(source.read())
        except (OSError, ValueError, SyntaxError):
            return
        package = getattr(module, "__package__", "") or ""
        taken = [each for each in ast.walk(self.trees[file]) if isinstance(each, ast.ImportFrom)]
        for each in reversed([each for each in taken if any(alias.name == "*" for alias in each.names)]):
            base = package.rsplit(".", each.level - 1)[0] if each.level > 1 else package if each.level else ""
            self.add(".".join(part for part in (base, each.module) if part))

    def place_of(self, name: str) -> tuple[str, ast.AST | None, str]:
        """Return where a setting is given its value, the expression, and the environment variable that it reads.

        Where that is unknown: the module's file, None and "".
        """
        has = getattr(sys.modules.get(self.module), name, None)
        for file, parsed in self.parsed().items():
            last: ast.Assign | ast.AnnAssign | None = None
            for each in ast.walk(parsed):
                targets = (
                    each.targets
                    if isinstance(each, ast.Assign)
                    else [each.target]
                    if isinstance(each, ast.AnnAssign)
                    else []
                )
                named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
                if named and isinstance(each, (ast.Assign, ast.AnnAssign)) and could_be(each.value, has):
                    last = each if last is None or each.lineno > last.lineno else last
            if last is not None:
                return f"{self.named(file)}:{last.lineno}", last.value, variable_in(last.value)
        return self.main, None, ""

    def conditions_of(self, name: str) -> list[str]:
        """Return the environment variables of the conditions under which a setting gets its value, or a part of it."""
        found: list[str] = []
        for parsed in self.parsed().values():
            read = {
                target.id: variable_in(each.value)
                for each in ast.walk(parsed)
                if isinstance(each, ast.Assign)
                for target in each.targets
                if isinstance(target, ast.Name)
            }
            for each in ast.walk(parsed):
                if isinstance(each, ast.If) and any(assigns_to(inner, name) for inner in each.body):
                    named = [read.get(part.id, "") for part in ast.walk(each.test) if isinstance(part, ast.Name)]
                    found += [*named, variable_in(each.test)]
        return list(dict.fromkeys(filter(None, found)))

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
    tree = os.path.join(os.environ["VIRTUAL_ENV"], "codebase")
    return Sources(os.environ.get("DJANGO_SETTINGS_MODULE", ""), os.path.realpath(tree))


def assigns_to(node: ast.AST, name: str) -> bool:
    """Tell whether a statement gives a name its value, or a part of it, as NAME["default"] = … does."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    whole = [target.value if isinstance(target, ast.Subscript) else target for target in targets]
    return any(isinstance(each, ast.Name) and each.id == name for each in whole)


def could_be(value: ast.AST | None, has: object) -> bool:
    """Tell whether an expression may have given what a setting has: one under a condition may not have been run."""
    if isinstance(value, ast.Dict) and isinstance(has, dict):
        # Django adds to DATABASES and the like what they leave out.
        pairs = [(key.value, each) for key, each in zip(value.keys, value.values) if isinstance(key, ast.Constant)]
        return all(key in has and could_be(each, has[key]) for key, each in pairs)
    return not isinstance(value, ast.Constant) or value.value == has


def variable_in(value: ast.AST | None) -> str:
    """Return the environment variable that an expression reads, as far as it looks like one; else ""."""
    for each in ast.walk(value) if value is not None else ():
        part = each.args[0] if isinstance(each, ast.Call) and each.args else None
        if isinstance(each, ast.Subscript):
            part = each.slice
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and VARIABLE.fullmatch(part.value):
            return part.value
    return ""
