"""What to write where a database can't be reached, or is none that the application can use.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import os
import pwd
import re
import shlex

from .settings_sources import sources_of_release
from .settings_values import paths_in
from .stack_lines import environment_with, place
from .tree_files import tree_of_release
from .unset import told_of_database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What drivers say where nobody answers at the address, or knows the account or the database.
REFUSED = (
    *("connection to server", "could not connect", "Connection refused", "Can't connect", "could not translate host"),
    *("password authentication failed", "Peer authentication failed", "Access denied for user", "connection failed"),
    # psycopg 3 and MariaDB's client, of a host that has no address.
    *("connection is bad", "failed to resolve host", "Unknown server host", "Unknown MySQL server host"),
)
PASSWORD = ("no password supplied", 'password authentication failed for user "', "Peer authentication failed")
# What Django says of settings without a database, and of fields that only PostgreSQL has.
NO_DATABASE = ("DATABASES is improperly configured", "CharFields must define a 'max_length'")
# What Django says where the driver of a database is not installed.
DRIVER = re.compile(r"Error loading \S+(?: or \S+)? module")
# What of DATABASES tells one server from another.
SERVER = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
# PostgreSQL's, of which its socket is named too.
PORT = "5432"
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


def help_with_database(kind: str, text: str) -> str:
    """Return where the settings name a database that an error is about, and what to write; "" for another error.

    `kind`: the error's class, with its module; `text`: what it says.
    """
    if "unable to open database file" in text:
        return no_folder()
    if kind.endswith("OperationalError") and any(each in text for each in REFUSED):
        return no_database(any(each in text for each in PASSWORD))
    if "permission denied for schema" in text:
        return not_the_owner()
    return other_driver() if DRIVER.match(text) else ""


def help_without_database(text: str) -> str:
    """Say the same where an error is one of NO_DATABASE."""
    return no_name() if "supply the NAME" in text else other_database()


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
    return f"{where}: DATABASES {has}. Name one in the stack file: {environment_with(needed)}."


def no_database(wants_password: bool) -> str:
    """Say which database the settings name. `wants_password`: PostgreSQL answers, and wants one or another role."""
    from django.conf import settings

    where, variable = place(("DATABASES",), SERVER)
    value = sources_of_release().place_of("DATABASES")[1]
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
    # Of one variable for all its value is told; PostGIS and the like have URLs of another kind.
    is_usual = engines == {"postgresql"}
    url = told_of_database(sources_of_release().variables_of(value, SERVER), "postgresql") if is_usual else ""
    return (
        f"{where}: {'; '.join(servers)}. Make it on the server, after `packages: [{package}]` in the stack file by "
        f"{made}; {'or name another' if first.get('NAME') else 'and name it'} in the stack file: {variable}."
        f"{url or (password if wants_password else '')}"
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
    found = {key: sources.variables_of(value, (key,)) for key in SERVER}
    # What is empty may stay so, and so may PostgreSQL's own port.
    usual = ("", PORT)
    read = {
        key: given[0]
        for key, given in found.items()
        if given and (key == "NAME" or str(database.get(key) or "") not in usual)
    }
    is_role = "USER" in read or database.get("USER") in ("", None, role)
    lacks = "HOST" if database.get("HOST") else "" if database.get("NAME") else "NAME"
    if lacks not in read or not is_role or len({*read.values()}) < len(read):
        return "", "", ""
    # That of the account postgres is no application's; Django takes it where there is no name.
    name = str(database.get("NAME") or "postgres")
    name = role if name == "postgres" and "NAME" in read else name
    values = {"NAME": name, "USER": role, "PASSWORD": '""', "HOST": '""', "PORT": PORT}
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
    return (
        f"{where}: default is a database of {engine}. Where another is meant, name it in the stack file: "
        f"{environment_with(variables)}."
    )


def no_folder() -> str:
    """Say which file of a SQLite database lies in a folder that is not there."""
    from django.conf import settings

    tree = tree_of_release()
    for name in dir(settings):
        for path in paths_in(getattr(settings, name, None) if name.isupper() else None, SQLITE):
            folder = os.path.dirname(os.path.realpath(path))
            inside = os.path.relpath(folder, tree)
            if not os.path.isdir(folder) and not inside.startswith(".."):
                where, _ = place((name,))
                return (
                    f"{where}: {name} names {os.path.basename(path)} in the folder {inside}, which the tree does not "
                    f"have. Write `shared: [{inside}]` into the stack file: then it is there, and outlives a release."
                )
    return ""
