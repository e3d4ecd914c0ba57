"""Flush what was written to its disk."""

from __future__ import annotations

import subprocess

from ..errors import Refused


def sync_to_disk(path: str) -> None:
    """Wait until all data of a path's file system is on its disk: a live release has to outlast a power cut."""
    done = subprocess.run(["sync", "-f", path], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        advice = "Look at the server's disk: `dmesg` tells more."
        raise Refused("disk", f"what was written to {path} can't be stored", done.stderr.splitlines(), advice)
