"""The virtualenvs on disk: which of them can be used, and how long one is kept."""

from __future__ import annotations

import os
import re
import time

from ..errors import Refused
from ..host.disk import sync_to_disk
from ..host.files import write_file
from ..host.headroom import has_ample_headroom
from ..paths import VENVS
from .requirements import version_of

# The mark's content for a virtualenv of a refused push, which is kept for the next push.
REFUSED = "of a push that was refused\n"
# Seconds that it is kept.
FOR_THE_NEXT = 24 * 3600


def venv_complete(name: str) -> bool:
    """Tell whether a virtualenv was made to its end, and its Python is still the one that it was made with."""
    return os.path.exists(os.path.join(VENVS, name, "complete")) and not outlived(name)


def outlived(name: str) -> str | None:
    """Return why a virtualenv no longer runs, for example after an upgrade of the distribution; None if it runs."""
    path = os.path.join(VENVS, name)
    made = made_with(path)
    python = os.path.realpath(os.path.join(path, "bin", "python"))
    if not os.path.exists(python):
        return f"it was made with Python {made}, and {python} is gone"
    now = version_of(python)
    if made == now and os.path.isdir(os.path.join(path, "lib", f"python{now}")):
        return None
    return f"it was made with Python {made}, and {python} is {now}"


def made_with(path: str) -> str:
    """Return the version of Python that a virtualenv was made with, as 3.11."""
    try:
        with open(os.path.join(path, "pyvenv.cfg"), encoding="utf-8") as file:
            found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else "?"


def kept_venv(key: str) -> str | None:
    """Return the newest virtualenv of these requirements that can be used, None where there is none."""
    names = (name for name in os.listdir(VENVS) if re.fullmatch(rf"{key}(\.\d+)?", name) and venv_complete(name))
    return max(names, key=lambda name: int(name.partition(".")[2] or 0), default=None)


def complete_venv(name: str, mark: str = "") -> None:
    """Mark a virtualenv as complete. Once it is safely on the disk, other releases may use it too."""
    path = os.path.join(VENVS, name)
    sync_to_disk(path)
    os.chmod(path, 0o755)
    write_file(os.path.join(path, "complete"), mark, 0o444)
    os.chmod(path, 0o555)


def keep_venv(name: str) -> None:
    """Keep the virtualenv of a push that is refused now, unless the reason is a full disk."""
    try:
        if has_ample_headroom():
            complete_venv(name, REFUSED)
    except (Refused, OSError):
        # The next push makes it again.
        pass


def waits_for_next(name: str) -> bool:
    """Tell whether a virtualenv that no release has is kept for a push to come."""
    try:
        with open(os.path.join(VENVS, name, "complete"), encoding="utf-8") as file:
            young = time.time() - os.fstat(file.fileno()).st_mtime < FOR_THE_NEXT
            return file.read() == REFUSED and young and has_ample_headroom()
    except OSError:
        return False
