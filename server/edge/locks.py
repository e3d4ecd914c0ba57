"""What must not run twice at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager

from . import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

# Of a run: certbot wants to be alone, and an `up` brings the certificates of all sites at once.
RUN = "certificates"
# Of nginx's configuration, as server/lib/services.sh has it: who tests it or has nginx read it sees whole files only.
NGINX = "nginx"


@contextmanager
def alone(name: str) -> Generator[None]:
    """Wait until nobody else holds a lock, and hold it."""
    os.makedirs(paths.LOCKS, 0o700, exist_ok=True)
    descriptor = os.open(os.path.join(paths.LOCKS, name), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
