"""uv and the wheels that Greenpush brings, as install.sh brings them to a server; kept for the next run."""

import fcntl
import hashlib
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BROUGHT = os.path.join(ROOT, "server", "tools")


def tools():
    """Return the folder that has them."""
    requirements = os.path.join(BROUGHT, "requirements.txt")
    with open(requirements, "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:12]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "greenpush", f"tools-{version}")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(folder, "uv")):
            subprocess.run(["sh", os.path.join(BROUGHT, "install.sh"), requirements, folder], check=True)
    return folder
