"""The lock of a site: one deploy at a time."""

from __future__ import annotations

import fcntl
import os
import time

from ..console.output import say
from ..errors import Refused
from ..host.files import own
from ..paths import VAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config


def acquire_lock(config: Config, purpose: str) -> int:
    """Wait for the lock; return its descriptor. The kernel releases it with the last process that holds it.

    Raise Refused after limits.lock seconds.
    """
    descriptor = own(os.path.join(VAR, "deploy.lock"), os.O_RDWR | os.O_CREAT)
    deadline = time.monotonic() + config.limits.lock
    waiting = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(descriptor, 500, 0).decode(errors="replace").strip() or "another deploy"
            if time.monotonic() > deadline:
                raise Refused(
                    "lock",
                    f"waited {config.limits.lock} s for {holder}",
                    advice="Push again when it has ended; `www/deploy status` tells.",
                ) from None
            if not waiting:
                say(f"Waiting for {holder}.")
                waiting = True
            time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{purpose}, since {time.strftime('%H:%M:%S')}".encode(), 0)
    return descriptor
