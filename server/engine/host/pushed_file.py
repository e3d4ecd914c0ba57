"""Reading files of a pushed tree, which may be links to anything."""

from __future__ import annotations

import errno
import os
import stat

from ..errors import Refused

# Bytes of a file that is read whole.
WHOLE = 1_000_000


def read_pushed(step: str, path: str, largest: int = WHOLE) -> bytes:
    """Return the content of a file of a pushed tree. Its name may be a link to a device, a pipe or a folder.

    Raise Refused if it is not a regular file, or too large; FileNotFoundError if there is none.
    """
    about = os.path.basename(path)
    try:
        # Don't wait for a pipe's writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except ValueError:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), about) from None
    except OSError as error:
        # As of a terminal that this process has none of.
        if error.errno in (errno.ENXIO, errno.ENODEV):
            raise no_file(step, about) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise no_file(step, about)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise Refused(step, f"{about} has more than {largest // 1_000_000} MB", advice="Make it smaller.")
    return content


def text_if_any(path: str) -> str:
    """Return the text of a file of a pushed tree, "" where there is none that can be read."""
    try:
        return read_pushed("", path).decode(errors="replace")
    except (OSError, Refused):
        return ""


def no_file(step: str, about: str) -> Refused:
    """Return the refusal for what is not a regular file."""
    return Refused(step, f"{about} is no file", advice=f"Commit {about} as a file with the text itself.")


def interpreter(script: str) -> list[str]:
    """Return the words that run a script: the interpreter of its first line, or /bin/sh.

    A shell gets -e: a script that goes on after an error would hide it behind the status of its last line.
    """
    first = read_pushed("deploy.sh", script).split(b"\n", 1)[0]
    if first.startswith(b"\xef\xbb\xbf") or first.endswith(b"\r"):
        raise Refused(
            "deploy.sh",
            "it is saved as Windows does, which no interpreter takes",
            advice="Save it as UTF-8 without a byte order mark, and with the line ends of Unix (LF).",
        )
    words = first[2:].decode(errors="surrogateescape").split() if first.startswith(b"#!") else []
    words = words or ["/bin/sh"]
    return [*words, *(["-e"] if words[-1].endswith("sh") else []), script]
