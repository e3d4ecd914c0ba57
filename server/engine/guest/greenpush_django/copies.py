"""Copies of databases, and bringing one back. Run by a release's own Python, as part of run_django.py."""

from __future__ import annotations

import os
import shutil

from .data import back_up, file_of
from .databases import row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def size_of_database(connection: Any) -> int | None:
    """Bytes of a database, None where it can't be told."""
    if connection.vendor == "sqlite":
        file = file_of(connection.settings_dict["NAME"])
        return sum(os.path.getsize(part) for part in (file, f"{file}-wal") if os.path.exists(part))
    if connection.vendor == "postgresql":
        return row(connection, "SELECT pg_database_size(current_database())")[0]
    return None


def why_no_copy(alias: str) -> str:
    """Tell why a database can't be copied, "" where it can."""
    from django.db import connections

    vendor = connections[alias].vendor
    if vendor == "sqlite":
        return ""
    if vendor != "postgresql":
        return f"Greenpush copies SQLite and PostgreSQL, and no {vendor}"
    return "" if shutil.which("pg_dump") else "pg_dump is not on the server (`packages: [postgresql-client]`)"


def copy(alias: str, path: str) -> None:
    """Copy a database to a file, whole, while others write to it."""
    from django.db import connections

    connection = connections[alias]
    aside = f"{path}.new"
    if connection.vendor == "sqlite":
        back_up(file_of(connection.settings_dict["NAME"]), aside)
    else:
        call(connection, "pg_dump", "--format=custom", f"--file={aside}")
    os.chmod(aside, 0o600)
    os.rename(aside, path)


def restore(alias: str, path: str) -> None:
    """Put what a copy has in the place of all that its database has."""
    from django.db import connections

    connection = connections[alias]
    if connection.vendor == "sqlite":
        back_up(path, file_of(connection.settings_dict["NAME"]))
        return
    quoted = connection.ops.quote_name
    tables = [quoted(table) for table in connection.introspection.table_names()]
    connection.close()
    import subprocess

    script = f"{path}.sql"
    try:
        # What came since is in no copy, and keeps what is from being taken away.
        drop = f"DROP TABLE IF EXISTS {', '.join(tables)} CASCADE;\n" if tables else ""
        with open(script, "w", encoding="utf-8", opener=private) as file:
            file.write(drop)
            file.flush()
            words = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--file=-", path]
            subprocess.run(words, stdout=file, check=True)
        call(connection, "psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}")
    finally:
        os.unlink(script)


def private(path: str, flags: int) -> int:
    """Open a file that nobody else may read, as an opener of open()."""
    return os.open(path, flags, 0o600)


def call(connection: Any, program: str, *words: str) -> None:
    """Run a program of PostgreSQL on a database; its password goes by the environment."""
    import subprocess

    words_of_client, environment = connection.client_class.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *words, *words_of_client[1:]]
    subprocess.run(command, env={**os.environ, **(environment or {})}, check=True)
