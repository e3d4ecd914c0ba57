"""Which variables are to be set, where one that is not set has ended the settings.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import ast
import os
import pwd
import re
from itertools import chain

from .settings_expressions import names_of_variables, variables_in
from .settings_model import variables_of_model
from .stack_lines import environment_with
from .tree_files import is_of_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

# As os.environ says it, django-environ, python-decouple, environs.
SAID = re.compile(
    r"'?([A-Z][A-Z0-9_]+)'?|Set the ([A-Z]\w+) environment variable|([A-Z]\w+) not found"
    r"|Environment variable \"([A-Z]\w+)\" not set"
)
# As django-configurations says it, whose settings are a class: no line of the tree is at fault then.
REQUIRED = re.compile(r"required to be set as the environment variable '([A-Z]\w+)'")
# A variable in a sentence.
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
# A sentence that wants one to be set.
WANTED = re.compile(
    rf"\b[Ss]et(?: (?:a|an|the|your))? ({VARIABLE.pattern})"
    rf"|({VARIABLE.pattern})(?: environment variable)? (?:must be|needs to be|is not) set"
)
# What reads a variable: env("A"), env.str("A"), config("A"), os.environ["A"].
READERS = {"env", "config", "environ"}
# Parts of a statement or an expression that are run under a condition. What fails in a `try` may have another value.
CONDITIONAL: dict[type[ast.AST], tuple[str, ...]] = {
    ast.If: ("body", "orelse"),
    ast.IfExp: ("body", "orelse"),
    ast.Try: ("body", "handlers", "orelse"),
    ast.FunctionDef: ("body",),
    ast.Lambda: ("body",),
}


def help_with_variables(error: BaseException, tree: str) -> str:
    """Return the lines to write for variables that are not set, "" where the error is of another kind."""
    return help_with_missing(error, tree) or help_with_fields(error, tree) or help_with_named(error, tree)


def help_with_missing(error: BaseException, tree: str) -> str:
    """Return the lines for all variables that the file lacks, where reading one has ended it."""
    required = REQUIRED.search(str(error))
    if required:
        return f"The settings ask for {required[1]}. {lines_for([required[1]])}"
    if type(error).__name__ not in ("KeyError", "ImproperlyConfigured", "UndefinedValueError", "EnvError"):
        return ""
    found = SAID.match(str(error))
    missing = next(filter(None, found.groups())) if found else ""
    # A helper of the settings may have read it: then the one that called it names the variable.
    places = list(own_places(error.__traceback__, tree)) if missing else []
    for at, (file, line, parsed) in enumerate(places):
        known = {*os.environ, *with_defaults(parsed)}
        needed = names_in(read_in(always(parsed, line)), known)
        if missing in needed:
            files = [file]
            # What imports it reads its own later.
            for outer, at_line, importing in places[at + 1 :]:
                known |= {*with_defaults(importing), *needed}
                later = names_in(read_in(always(importing, at_line)), known) if outer not in files else []
                needed, files = [*needed, *later], [*files, *([outer] if later else [])]
            perhaps = names_in(read_in(ast.walk(parsed)), {*known, *needed, *asked_first(parsed)})
            more = f" Under a condition it reads {', '.join(perhaps)} too." if perhaps else ""
            reads = f"{files[0]} reads" if len(files) == 1 else f"{' and '.join(files)} read"
            return f"{reads} what has no default. {lines_for(needed)}{more}"
    return ""


def help_with_fields(error: BaseException, tree: str) -> str:
    """Return the lines for the variables of a settings model, which have other names than its fields."""
    named = names_in(variables_of_model(error), set(os.environ))
    for file, _, _ in own_places(error.__traceback__, tree) if named else ():
        return f"{file} asks for {' and '.join(named)}. {lines_for(named)}"
    return ""


def help_with_named(error: BaseException, tree: str) -> str:
    """Return the lines for the variables that the application's own sentence names.

    Its file asks for them, or the sentence wants them to be set and the file has the name for nothing else.
    """
    for file, line, parsed in own_places(error.__traceback__, tree):
        said = printed_before(parsed, line) if isinstance(error, SystemExit) else str(error)
        words = set(VARIABLE.findall(said))
        asked = names_in(chain(asked_first(parsed), read_in(ast.walk(parsed))), set(os.environ))
        wanted = names_in(chain(*WANTED.findall(said)), {"", *os.environ, *other_names(parsed)})
        named = [name for name in asked if name in words] or wanted
        if named:
            return f"{file} asks for {' and '.join(named)}. {lines_for(named)}"
    return ""


def printed_before(parsed: ast.Module, line: int) -> str:
    """Return the texts of the condition's part that ends the program at a line: what it has printed is no error's."""
    found: list[ast.stmt] = []
    for each in ast.walk(parsed):
        for part in ("body", "orelse"):
            statements = getattr(each, part, None) if not isinstance(each, ast.Module) else None
            if isinstance(statements, list) and any(has_line(inner, line) for inner in statements):
                # The walk comes to what is within later.
                found = statements
    texts = [each for statement in found for each in ast.walk(statement) if isinstance(each, ast.Constant)]
    return " ".join(each.value for each in texts if isinstance(each.value, str))


def other_names(parsed: ast.Module) -> Iterator[str]:
    """Find the names that a module has, as its settings are, and its texts that are one word."""
    for each in ast.walk(parsed):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def lines_for(names: list[str]) -> str:
    """Return the lines to write for variables."""
    return (
        f"Write it into the stack file: {environment_with(names)}; what is secret goes into `secrets`, or into "
        f"`generated` for a random key.{told_of_database(names)}"
    )


def told_of_database(names: list[str], engine: str = "") -> str:
    """Return which values the URL of a database may have, with a space before; "" where none is among variables.

    `engine`: the one that the settings have fixed.
    """
    url = next((name for name in names if name.endswith("DATABASE_URL")), "")
    if not url:
        return ""
    role = pwd.getpwuid(os.getuid()).pw_name
    postgresql = (
        f" {url} is `postgres:///NAME` for PostgreSQL on the server itself: `packages: [postgresql]` in the stack "
        f"file, then `createuser {role}` and `createdb --owner {role} NAME` of the account postgres there."
    )
    sqlite = " For SQLite it is `sqlite:///${VAR_DIR}/db.sqlite3`."
    return (
        f"{'' if engine.startswith(('sqlite', 'oracle')) else postgresql}{sqlite if engine in ('', 'sqlite3') else ''}"
    )


def names_in(found: Iterator[str], known: set[str]) -> list[str]:
    """Return names once each, without those that are known."""
    return [name for name in dict.fromkeys(found) if name not in known]


def own_places(traceback: TracebackType | None, tree: str) -> Iterator[tuple[str, int, ast.Module]]:
    """Find the places of a traceback of the application, the last first: the file, the line, the parsed file."""
    found: list[tuple[str, int]] = []
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        # Python's own modules have names as `<frozen os>`.
        if os.path.isabs(name) and is_of_tree(name, tree):
            found.append((os.path.realpath(name), traceback.tb_lineno))
        traceback = traceback.tb_next
    for file, line in reversed(found):
        with open(file, "rb") as source:
            yield os.path.relpath(file, tree), line, ast.parse(source.read())


def said_of_conditions(error: BaseException, tree: str, name: str) -> str:
    """Say which variables that are not set have led a file of the tree to one of this name that is not there, with a
    space before; "" for none. Settings choose by them what they are made of, and a site may need no such file.
    """
    for file, line, parsed in own_places(error.__traceback__, tree):
        read, named = names_of_variables(parsed), set[str]()
        for each in ast.walk(parsed):
            if isinstance(each, ast.If) and (has_line(each, line) or has_text(each, name)):
                named.update(variables_in(each.test, read))
        named -= set(os.environ)
        line = environment_with(sorted(named))
        return f" {file} takes another where a variable says so: {line}." if named else ""
    return ""


def has_text(node: ast.AST, text: str) -> bool:
    """Tell whether a text stands in a node."""
    return any(isinstance(each, ast.Constant) and each.value == text for each in ast.walk(node))


def with_defaults(parsed: ast.Module) -> Iterator[str]:
    """Find the variables that django-environ has a default for, as in Env(DEBUG=(bool, False))."""
    for each in ast.walk(parsed):
        if isinstance(each, ast.Call) and names_of(each.func) & {"Env", "FileAwareEnv"}:
            for word in each.keywords:
                if word.arg and isinstance(word.value, ast.Tuple) and len(word.value.elts) == 2:
                    yield word.arg


def asked_first(parsed: ast.Module) -> Iterator[str]:
    """Find the variables that a module asks for before it reads them: `"A" in os.environ`, os.environ.get("A").

    What a dictionary of another name gets may be no variable.
    """
    for each in ast.walk(parsed):
        named: ast.expr | None = None
        if isinstance(each, ast.Compare) and isinstance(each.ops[0], (ast.In, ast.NotIn)):
            named = each.left
        elif isinstance(each, ast.Call) and each.args and asks(each.func):
            named = each.args[0]
        if isinstance(named, ast.Constant) and isinstance(named.value, str):
            yield named.value


def asks(reader: ast.expr) -> bool:
    """Tell whether what is called asks for a variable: os.environ.get, os.getenv, or get of its own."""
    names = names_of(reader)
    return "getenv" in names or ("get" in names and (isinstance(reader, ast.Name) or bool(names & READERS)))


def always(node: ast.AST, line: int) -> Iterator[ast.AST]:
    """Find what is run whatever a condition says, and what a condition has led to that was at `line`."""
    yield node
    for name, value in ast.iter_fields(node):
        children = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST)]
        if name not in CONDITIONAL.get(type(node), ()) or any(has_line(each, line) for each in children):
            for each in children:
                yield from always(each, line)


def has_line(node: ast.AST, line: int) -> bool:
    """Tell whether a line is among those of a node."""
    return getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", None) or 0)


def read_in(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Find the variables that are read without a default, in their order."""
    for each in sorted(
        (each for each in nodes if isinstance(each, (ast.Call, ast.Subscript))), key=lambda it: it.lineno
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
