"""Bytecode for the modules below a folder that have none, on all processors: compile_bytecode.py FOLDER.

Run by a virtualenv's own Python. As with pip, a module that doesn't compile is one that nobody imports.
"""

import os
import sys
from compileall import compile_file
from importlib.util import cache_from_source


def compile_below(top):
    modules = [
        os.path.join(folder, name)
        for folder, _, names in os.walk(top)
        for name in names
        if name.endswith(".py") and not os.path.exists(cache_from_source(os.path.join(folder, name)))
    ]
    # A process of its own costs as much as some dozens of modules.
    shares = min(os.cpu_count() or 1, 1 + len(modules) // 100)
    for share in range(shares):
        if share == shares - 1 or os.fork() == 0:
            for module in modules[share::shares]:
                compile_file(module, quiet=2)
            break
    if share == shares - 1:
        for _ in range(shares - 1):
            os.wait()


if __name__ == "__main__":
    compile_below(sys.argv[1])
