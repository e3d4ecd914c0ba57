"""Disk and memory that a deploy has to leave for the live release."""

from __future__ import annotations

import os

from ..errors import Refused
from ..paths import WWW

# Bytes of each.
RESERVE = 50_000_000


def check_headroom(step: str) -> None:
    """Raise Refused if too little is left. A step calls this again and again while its programs run.

    The kernel would end the new version too when memory runs out (see oom_score_adj). But before that it may drop
    programs from memory and read them again for minutes, and visitors wait meanwhile.
    """
    left = disk_left()
    if left < RESERVE:
        raise Refused(
            step,
            f"the disk of {WWW} has {left // 1_000_000} MB left, and the site needs at least {RESERVE // 1_000_000}",
            advice="Make room on the server: `df -h` tells where. `releases` in the stack file sets how many stay.",
        )
    left = memory_left()
    if left < RESERVE:
        raise Refused(
            step,
            f"the server has {max(left, 0) // 1_000_000} MB of memory left, and the site needs at least "
            f"{RESERVE // 1_000_000}",
            advice="That is too little memory for two versions at once: give it more, or the site fewer workers.",
        )


def has_ample_headroom() -> bool:
    """Tell whether there is room to keep something that a later push may use."""
    return disk_left() > 10 * RESERVE


def disk_left() -> int:
    """Return the bytes that the site can still write."""
    disk = os.statvfs(WWW)
    return disk.f_bavail * disk.f_frsize


def memory_left() -> int:
    """Return the bytes of memory and swap left, of the machine or of its container, whichever is less."""
    machine = numbers_in("/proc/meminfo")
    left = [1024 * (machine["MemAvailable:"] + machine["SwapFree:"])]
    try:
        limit, used = (number_in(f"/sys/fs/cgroup/memory.{name}") for name in ("max", "current"))
        own = numbers_in("/sys/fs/cgroup/memory.stat")
        # What was read from files is given up when programs need it.
        left.append(limit - used + own["active_file"] + own["inactive_file"])
    except (OSError, ValueError):
        # No container, or one without a limit.
        pass
    return min(left)


def number_in(path: str) -> int:
    """Read a file of the kernel that has one number."""
    with open(path, encoding="ascii") as file:
        return int(file.read())


def numbers_in(path: str) -> dict[str, int]:
    """Return the numbers of a file of the kernel, by the word before them."""
    with open(path, encoding="ascii") as file:
        lines = (line.split() for line in file)
        return {words[0]: int(words[1]) for words in lines}
