"""Bytecode for the modules below a folder that have none, on all processors: compile_bytecode.py FOLDER.

Run by a virtualenv's own Python. As with pip, a module that doesn't compile is one that nobody imports.
pip itself is left out: it is there for deploy.sh, most of which never load it, and compiling it takes a second.
"""

from __future__ import annotations

import os
import sys
from compileall import compile_file
from importlib.util import cache_from_source


def compile_below(top: str) -> None:
    """Compile all modules below a folder that have no bytecode of this Python."""
    modules: list[str] = []
    for folder, folders, names in os.walk(top):
        if os.path.basename(folder) == "site-packages" and "pip" in folders:
            folders.remove("pip")
        paths = (os.path.join(folder, name) for name in names if name.endswith(".py"))
        modules += (path for path in paths if not os.path.exists(cache_from_source(path)))
    # A process of its own costs as much as some dozens of modules.
    shares = min(os.cpu_count() or 1, 1 + len(modules) // 100)
    # Its children take one share each, and it takes the first.
    own = next((share for share in range(1, shares) if os.fork() == 0), 0)
    for module in modules[own::shares]:
        compile_file(module, quiet=2)
    if own == 0:
        for _ in range(shares - 1):
            os.wait()


if __name__ == "__main__":
    compile_below(sys.argv[1])
