"""What to write where a database or a cache can't be reached, or a variable is not set.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import os
import pwd
import re
import shlex
from traceback import walk_tb

from .absent_paths import help_with_path
from .elsewhere import help_with_folder
from .settings_check import line_for_key
from .settings_sources import Sources, asked_of, sources_of_release
from .settings_values import paths_in
from .unset import help_with_variables, said_of_conditions, told_of_database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What drivers say where nobody answers at the address, or knows the account or the database.
REFUSED = (
    *("connection to server", "could not connect", "Connection refused", "Can't connect", "could not translate host"),
    *("password authentication failed", "Peer authentication failed", "Access denied for user", "connection failed"),
    "connection is bad",
)
PASSWORD = ("no password supplied", 'password authentication failed for user "', "Peer authentication failed")
# What Django says of settings without a database, and of fields that only PostgreSQL has.
NO_DATABASE = ("DATABASES is improperly configured", "CharFields must define a 'max_length'")
# What databases say of a table that they don't have.
NO_TABLE = re.compile(r"(?:no such table: |relation \"|Table ')([\w.]+)")
# What Django says where the driver of a database is not installed.
DRIVER = re.compile(r"Error loading \S+(?: or \S+)? module")
# A setting in a sentence.
SETTING = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
REDIS = ("redis.exceptions.", "kombu.exceptions.", "valkey.exceptions.")
# What of DATABASES tells one server from another.
SERVER = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
# Debian's package of a database server, and what makes a database there.
MADE = {
    "mysql": (
        "mariadb-server",
        "`CREATE DATABASE {name}; CREATE USER {owner}@localhost IDENTIFIED {role}; GRANT ALL ON {name}.* TO "
        "{owner}@localhost` in root's `mariadb`",
    ),
    "postgresql": ("postgresql", "`createuser {role}` and `createdb --owner {owner} {name}` of the account postgres"),
}
SQLITE = (".sqlite3", ".sqlite", ".db")


def help_with(error: BaseException | None) -> str:
    """Return where the settings name what could not be reached and what to write, "" for an error of another kind."""
    try:
        return found_help(error)
    except Exception:
        # Without settings there is nothing to say of them.
        return ""


def found_help(error: BaseException | None) -> str:
    """See help_with."""
    while error is not None:
        variables = help_with_variables(error, os.path.realpath(tree_of_release()))
        if variables:
            return variables
        kind, text = f"{type(error).__module__}.{type(error).__name__}", str(error)
        if isinstance(error, OSError):
            folder = help_with_folder(error)
            if folder:
                return folder
        path = help_with_path(error, os.path.realpath(tree_of_release()))
        if path:
            return path
        if isinstance(error, ModuleNotFoundError) and error.name:
            # What brings the module the engine says.
            chosen = said_of_conditions(error, os.path.realpath(tree_of_release()), error.name).lstrip()
            if chosen:
                return chosen
        if "unable to open database file" in text:
            return no_folder()
        if kind.startswith(REDIS) and "Error" in kind and any(each in text for each in ("connecting to", *REFUSED)):
            return no_redis()
        if kind.endswith("OperationalError") and any(each in text for each in REFUSED):
            return no_database(any(each in text for each in PASSWORD))
        if "permission denied for schema" in text:
            return not_the_owner()
        if DRIVER.match(text):
            return other_driver()
        if "SECRET_KEY setting must not be empty" in text:
            return no_key()
        if kind.endswith((".SystemCheckError", ".ImproperlyConfigured")):
            named = cache_without_address(error) or named_setting(text)
            if named:
                return named
        if kind.endswith((".DisallowedHost", ".AnswersSo")):
            return unknown_host(error)
        table = cache_table(text)
        if table:
            return table
        if any(each in text for each in NO_DATABASE):
            return no_name() if "supply the NAME" in text else other_database()
        error = error.__cause__ or error.__context__
    return ""


def no_name() -> str:
    """Say which variables of the settings name the database."""
    from django.conf import settings

    where, line = place(("DATABASES",), ("NAME",))
    value = sources_of_release().place_of("DATABASES")[1]
    engine = str(settings.DATABASES["default"]["ENGINE"]).rpartition(".")[2]
    url = told_of_database(sources_of_release().variables_of(value, ("NAME",)), engine)
    return f"{where}: the database default, of {engine}, has no NAME. Name one in the stack file: {line}.{url}"


def other_database() -> str:
    """Say that the settings name no database, or none that can hold the application's models, "" where they do."""
    from django.conf import settings

    engine = str(settings.DATABASES.get("default", {}).get("ENGINE") or "django.db.backends.dummy").rpartition(".")[2]
    if engine.startswith("postgresql"):
        return ""
    sources = sources_of_release()
    where, _, variable = sources.place_of("DATABASES")
    needed = sources.conditions_of("DATABASES") or [variable or "…"]
    has = "names no database" if engine == "dummy" else f"names a database of {engine}, and the models need PostgreSQL"
    names = ", ".join(f"{name}: …" for name in needed)
    return f"{where}: DATABASES {has}. Name one in the stack file: `environment: {{ {names} }}`."


def no_database(wants_password: bool) -> str:
    """Say which database the settings name. `wants_password`: PostgreSQL answers, and wants one or another role."""
    from django.conf import settings

    where, variable = place(("DATABASES",), SERVER)
    role = pwd.getpwuid(os.getuid()).pw_name
    password = f" By PostgreSQL's socket, without a host, the site needs no password, as the role {role} and no other."
    servers = [
        f"{alias} is the database {each.get('NAME') or 'of no name'} of {each.get('USER') or 'the account'}, "
        f"at {each.get('HOST') or 'a socket of the server'}"
        for alias, each in settings.DATABASES.items()
        if not str(each.get("ENGINE", "")).endswith("sqlite3")
    ]
    engines = {str(each.get("ENGINE", "")).rpartition(".")[2] for each in settings.DATABASES.values()}
    is_mysql = "mysql" in engines
    first = next((each for each in settings.DATABASES.values() if each.get("NAME")), settings.DATABASES["default"])
    lines, owner, name = ("", "", "") if is_mysql else by_socket(first, role)
    if lines:
        return (
            f"{where}: {'; '.join(servers)}. For PostgreSQL on the server itself, by its socket and without a "
            f"password: `packages: [postgresql]` and `environment: {{ {lines} }}` in the stack file, then "
            f"{MADE['postgresql'][1].format(role=owner, owner=owner, name=name)} there. For another: {variable}."
        )
    package, made = MADE["mysql" if is_mysql else "postgresql"]
    owner = shlex.quote(str(first.get("USER") or role))
    # With a host it asks for a password; MariaDB asks every account for one that is not named as the site's.
    with_host = first.get("HOST") and not str(first["HOST"]).startswith("/")
    asked = f"--pwprompt {owner}" if with_host else owner
    if is_mysql:
        asked = "BY 'PASSWORD'" if with_host or owner != role else "VIA unix_socket"
    made = made.format(role=asked, owner=owner, name=shlex.quote(str(first.get("NAME") or "NAME")))
    return (
        f"{where}: {'; '.join(servers)}. Make it on the server, after `packages: [{package}]` in the stack file by "
        f"{made}; {'or name another' if first.get('NAME') else 'and name it'} in the stack file: {variable}."
        f"{password if wants_password else ''}"
    )


def not_the_owner() -> str:
    """Say in which database the role may make no tables: since version 15 of PostgreSQL that is its owner's alone."""
    from django.conf import settings

    where, line = place(("DATABASES",), ("NAME",))
    database: dict[str, Any] = settings.DATABASES["default"]
    role, name = str(database.get("USER") or pwd.getpwuid(os.getuid()).pw_name), database.get("NAME")
    if name:
        return (
            f"{where}: the database {name} belongs to another role. On the server, as the account postgres: "
            f'`psql -c \'ALTER DATABASE "{name}" OWNER TO "{role}"\'`.'
        )
    return (
        f"{where}: the database default has no NAME, so PostgreSQL takes postgres, which is nobody's to fill. Name one "
        f"in the stack file: {line}. `createdb --owner {role} NAME` of the account postgres makes it there."
    )


def by_socket(database: dict[str, Any], role: str) -> tuple[str, str, str]:
    """Return the variables with which the settings reach PostgreSQL by its socket, the role and the database then; ""
    for the variables where they read none for the host, or for the role if that is another one.

    Settings that name neither host nor database reach it by its name.
    """
    sources = sources_of_release()
    value = sources.place_of("DATABASES")[1]
    found = {key: sources.variables_of(value, (key,)) for key in ("NAME", "USER", "PASSWORD", "HOST")}
    # What is empty may stay so.
    read = {key: given[0] for key, given in found.items() if given and (database.get(key) or key == "NAME")}
    is_role = "USER" in read or database.get("USER") in ("", None, role)
    lacks = "HOST" if database.get("HOST") else "" if database.get("NAME") else "NAME"
    if lacks not in read or not is_role or len({*read.values()}) < len(read):
        return "", "", ""
    # That of the account postgres is no application's; Django takes it where there is no name.
    name = str(database.get("NAME") or "postgres")
    name = role if name == "postgres" and "NAME" in read else name
    values = {"NAME": name, "USER": role, "PASSWORD": '""', "HOST": '""'}
    return ", ".join(f"{variable}: {values[key]}" for key, variable in read.items()), role, shlex.quote(name)


def other_driver() -> str:
    """Say which variables choose the database whose driver is not installed, "" where none does."""
    from django.conf import settings

    sources = sources_of_release()
    where, value, _ = sources.place_of("DATABASES")
    variables = sources.variables_of(value, ("ENGINE", "NAME")) if value is not None else []
    if not variables:
        return ""
    engine = str(settings.DATABASES.get("default", {}).get("ENGINE") or "").rpartition(".")[2]
    names = ", ".join(f"{name}: …" for name in variables)
    return (
        f"{where}: default is a database of {engine}. Where another is meant, name it in the stack file: `environment: "
        f"{{ {names} }}`."
    )


def no_redis() -> str:
    """Say where the settings name Redis."""
    where, variable = place(("CACHES", "CELERY_BROKER_URL", "CHANNEL_LAYERS"))
    return (
        f"{where} names a Redis that does not answer. Let the server have `packages: [redis-server]` in the stack "
        f"file, or name another there: {variable}."
    )


def cache_without_address(error: BaseException) -> str:
    """Say which cache has failed because the settings name no address for it, "" where it is another error."""
    from django.conf import settings

    modules = {frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)}
    for alias, each in settings.CACHES.items():
        if not each.get("LOCATION") and str(each.get("BACKEND", "")).rpartition(".")[0] in modules:
            where, variable = place(("CACHES",), ("LOCATION",))
            return (
                f"{where}: the cache {alias} has no LOCATION. Name one in the stack file: {variable}. For a Redis on "
                "the server itself it is redis://localhost:6379, with `packages: [redis-server]`."
            )
    return ""


def no_key() -> str:
    """Say what gives the settings the site's SECRET_KEY."""
    sources = sources_of_release()
    return f"{sources.place_of('SECRET_KEY')[0]}: SECRET_KEY is empty. Write {line_for_key(sources)}"


def named_setting(text: str) -> str:
    """Say where a setting that a check names gets its value, and which variable it reads; "" where it reads none."""
    sources = sources_of_release()
    for name in dict.fromkeys(SETTING.findall(text.partition("WARNINGS:\n")[0])):
        where, value, _ = sources.place_of(name)
        variables = sources.variables_of(value, ())
        if variables:
            return (
                f"{where}: {name} is of {variables[0]}. Write {line_for(sources, name, variables)} in the stack file."
            )
    return ""


def unknown_host(error: BaseException) -> str:
    """Say which settings the application's own function goes by that refuses a request, "" where it reads none."""
    from django.conf import settings

    tree = os.path.realpath(tree_of_release())
    codes = [frame.f_code for frame, _ in walk_tb(error.__traceback__)]
    codes += [each for each in [getattr(error, "code", None)] if each]
    own = [each for each in codes if os.path.realpath(each.co_filename).startswith(f"{tree}/")]
    names = own[-1].co_names if own else ()
    for name in names:
        if name.isupper() and isinstance(getattr(settings, name, None), (str, list, tuple)):
            where, line = place((name,))
            return f"{os.path.relpath(own[-1].co_filename, tree)} goes by {name} of {where}. Say it: {line}."
    return ""


def cache_table(text: str) -> str:
    """Say which command makes the table of a cache that a database lacks, "" where it is another table."""
    from django.conf import settings

    found = NO_TABLE.search(text)
    if not found:
        return ""
    name = found.group(1).rpartition(".")[2]
    for alias, each in settings.CACHES.items():
        if each.get("BACKEND", "").endswith("db.DatabaseCache") and each.get("LOCATION") == name:
            return (
                f"{place(('CACHES',))[0]}: the cache {alias} is the table {name}, which no migration makes. Have it "
                "made once: `first: [python manage.py createcachetable]` of the site in the stack file."
            )
    return ""


def no_folder() -> str:
    """Say which file of a SQLite database lies in a folder that is not there."""
    from django.conf import settings

    tree = tree_of_release()
    for name in dir(settings):
        for path in paths_in(getattr(settings, name, None) if name.isupper() else None, SQLITE):
            folder = os.path.dirname(os.path.realpath(path))
            inside = os.path.relpath(folder, os.path.realpath(tree))
            if not os.path.isdir(folder) and not inside.startswith(".."):
                where, _ = place((name,))
                return (
                    f"{where}: {name} names {os.path.basename(path)} in the folder {inside}, which the tree does not "
                    f"have. Write `shared: [{inside}]` into the stack file: then it is there, and outlives a release."
                )
    return ""


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
        lines = ", ".join(f"{variable}: …" for variable in variables)
        return f"`environment: {{ {lines} }}`; what is secret goes into `secrets`"
    laid, called = sources.laid_with(name)
    if laid:
        return f"`files: {{ {laid}: FILE }}`, with {called} in it: the settings take over what it says"
    asked = asked_of(sources.place_of(name)[1])
    if asked:
        return f"the settings get it by `{asked}`, so give it there, or {sources.own_module(name)}"
    return f"the settings read no variable for it, so {sources.own_module(name)}"


def tree_of_release() -> str:
    """Return the release's tree."""
    return os.path.join(os.environ["VIRTUAL_ENV"], "codebase")
