"""Static files as nginx serves them: with times that browsers can rely on, and compressed beside.

Run by a release's own Python, as part of run_django.py.

nginx makes a file's ETag of its time of change and its size. So a file that is the same as in the live release takes
over the time of that one: a browser that has it is told 304 after a push. One that has changed gets a later time.
"""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Types that get smaller, and the bytes below which that is not worth a file, and above which not worth the time.
TEXTS = (
    *(".css", ".csv", ".eot", ".htm", ".html", ".ico", ".js", ".json", ".map", ".md", ".mjs", ".otf", ".rst", ".svg"),
    *(".ttf", ".txt", ".wasm", ".webmanifest", ".xhtml", ".xml"),
)
SMALLEST, LARGEST = 1024, 50_000_000
# Bytes to compare at once.
PART = 1 << 20


def settle(root: str, before: str, brotli: bool) -> list[str]:
    """Give the files below a folder their times, and compress them. Return what there is to say of it, in sentences.

    `before` is the same folder of the live release, "" where there is none.
    """
    encodings = [GZIP, *([found_brotli()] if brotli else [])]
    replaced: list[str] = []
    for folder, _, names in os.walk(root):
        there = set(names)
        like = before and os.path.normpath(os.path.join(before, os.path.relpath(folder, root)))
        for name in names:
            if any(name.endswith(each.ending) and name[: -len(each.ending)] in there for each in encodings):
                continue
            file = StaticFile(os.path.join(folder, name), like and os.path.join(like, name))
            if file.about is None:
                continue
            file.keep_time()
            for each in encodings:
                if name + each.ending in there:
                    replaced += [] if file.keep_compressed(each) else [os.path.relpath(file.path + each.ending, root)]
                elif name.lower().endswith(TEXTS):
                    file.compress(each)
    return said_of_replaced(replaced)


def said_of_replaced(names: list[str]) -> list[str]:
    """Say which files were not what their name says, in a list of one sentence."""
    if not names:
        return []
    first = ", ".join(names[:3])
    return [
        f"of static files, {first}{', ...' if len(names) > 3 else ''} had another content than the file that is "
        "compressed there, which nginx would have served: compressed anew"
    ]


class Encoding:
    """A way to compress files: the ending of their names; what compresses; whether a file is compressed of a content
    with this checksum and size.
    """

    def __init__(self, ending: str, compress: Callable[[bytes], bytes], is_of: Callable[[str, int, int], bool]) -> None:
        self.ending, self.compress, self.is_of = ending, compress, is_of


def is_gzip_of(path: str, checksum: int, size: int) -> bool:
    """Tell by the last bytes of a gzip file what it is compressed of; see RFC 1952."""
    with open(path, "rb") as file:
        # The shortest file has 18 bytes.
        if file.read(2) != b"\x1f\x8b" or os.fstat(file.fileno()).st_size < 18:
            return False
        file.seek(-8, os.SEEK_END)
        return file.read() == checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def is_believed(path: str, checksum: int, size: int) -> bool:
    """Take a file for what its name says, because its format has no checksum."""
    return True


GZIP = Encoding(".gz", lambda content: gzip.compress(content, 9, mtime=0), is_gzip_of)


def found_brotli() -> Encoding:
    """Return brotli: the module of the application's virtualenv, else the distribution's program."""
    try:
        import brotli

        return Encoding(".br", brotli.compress, is_believed)
    except ImportError:
        import subprocess

        def compress(content: bytes) -> bytes:
            program = ["/usr/bin/brotli", "--quality=11", "--stdout"]
            return subprocess.run(program, input=content, stdout=subprocess.PIPE, check=True).stdout

        return Encoding(".br", compress, is_believed)


class StaticFile:
    """A static file, and the file of the same name in the live release."""

    def __init__(self, path: str, other: str) -> None:
        self.path, self.other = path, other
        self.about, self.before = regular(path), regular(other) if other else None
        self.is_same = self._is_same()
        self._checksum: int | None = None

    def _is_same(self) -> bool:
        here, there = self.about, self.before
        if here is None or there is None or here.st_size != there.st_size:
            return False
        if os.path.samestat(here, there):
            return True
        with open(self.path, "rb", 0) as own, open(self.other, "rb", 0) as other:
            while True:
                part = own.read(PART)
                if part != other.read(PART):
                    return False
                if not part:
                    return True

    def keep_time(self) -> None:
        """Take over the time of the file before if that is the same, else have a later one."""
        here, there = self.about, self.before
        # A file with another name is one of an earlier release, whose time counts.
        if here is None or there is None or here.st_nlink > 1:
            return
        if self.is_same:
            os.utime(self.path, ns=(there.st_atime_ns, there.st_mtime_ns))
        elif int(here.st_mtime) <= int(there.st_mtime):
            later = (int(there.st_mtime) + 1) * 10**9
            os.utime(self.path, ns=(later, later))

    def keep_compressed(self, encoding: Encoding) -> bool:
        """Keep what the application has compressed, as WhiteNoise does it. Tell whether it is compressed of this file:
        where it is not, it is replaced.
        """
        about, path = os.stat(self.path), self.path + encoding.ending
        compressed = regular(path)
        if compressed is None:
            return True
        if encoding.is_of(path, self.checksum(), about.st_size):
            if compressed.st_nlink == 1:
                os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
            return True
        os.unlink(path)
        self._write(path, encoding.compress(self._content()))
        return False

    def compress(self, encoding: Encoding) -> None:
        """Compress it, where that is worth it, or take what it was compressed to in the live release."""
        size = os.stat(self.path).st_size
        if not SMALLEST <= size <= LARGEST:
            return
        path, other = self.path + encoding.ending, self.other + encoding.ending
        if self.is_same and regular(other) and encoding.is_of(other, self.checksum(), size):
            share(other, path)
            return
        compressed = encoding.compress(self._content())
        if len(compressed) < size:
            self._write(path, compressed)

    def checksum(self) -> int:
        """Return the CRC-32 of its content."""
        if self._checksum is None:
            self._checksum = 0
            with open(self.path, "rb", 0) as file:
                while part := file.read(PART):
                    self._checksum = zlib.crc32(part, self._checksum)
        return self._checksum

    def _content(self) -> bytes:
        with open(self.path, "rb") as file:
            return file.read()

    def _write(self, path: str, content: bytes) -> None:
        about = os.stat(self.path)
        with open(path, "xb") as file:
            os.fchmod(file.fileno(), stat.S_IMODE(about.st_mode))
            file.write(content)
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def apart(root: str, ending: str, target: str) -> None:
    """Put compressed files of a folder into another one, under the names of what they are compressed of."""
    for folder, _, names in os.walk(root):
        there = set(names)
        compressed = [name for name in names if name.endswith(ending) and name[: -len(ending)] in there]
        below = os.path.normpath(os.path.join(target, os.path.relpath(folder, root)))
        if compressed:
            os.makedirs(below, exist_ok=True)
        for name in compressed:
            if regular(os.path.join(folder, name)):
                share(os.path.join(folder, name), os.path.join(below, name[: -len(ending)]))


def regular(path: str) -> os.stat_result | None:
    """Return what the system knows of a file, None where there is none or something else."""
    try:
        about = os.lstat(path)
    except OSError:
        return None
    return about if stat.S_ISREG(about.st_mode) else None


def share(source: str, target: str) -> None:
    """Make a hard link, or a copy where there can be none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
