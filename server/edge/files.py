"""Files of root, replaced whole."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_bytes(path: str) -> bytes:
    """Return the content of a file; nothing where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def write_bytes(path: str, content: bytes, mode: int = 0o600, group: int = 0) -> bool:
    """Replace a file, in one rename; tell whether its content was another."""
    if read_bytes(path) == content and os.path.exists(path):
        return False
    aside = f"{path}.new"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(file.fileno(), os.geteuid(), group if os.geteuid() == 0 else -1)
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(aside, path)
    return True


def read_json(path: str) -> dict[str, Any]:
    """Return a file of JSON; an empty one where there is none."""
    return json.loads(read_bytes(path) or b"{}")


def write_json(path: str, value: dict[str, Any], mode: int = 0o600, group: int = 0) -> bool:
    """Replace a file of JSON, a line for each key; tell whether its content was another."""
    return write_bytes(path, f"{json.dumps(value, indent=1, sort_keys=True)}\n".encode(), mode, group)


def delete(path: str) -> None:
    """Delete a file, which may be gone."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
