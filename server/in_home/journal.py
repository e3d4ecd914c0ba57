"""The journal of a component: what is ours to take away again."""

from __future__ import annotations

import os

from in_home.report import Failure, has_control


class Journal:
    """What an apply has noted in the record: `made`, and `made.new` while it goes on."""

    def __init__(self, record: str) -> None:
        self.record = record

    def lines(self, name: str) -> list[str]:
        try:
            with open(os.path.join(self.record, name), encoding="utf-8", errors="surrogateescape") as file:
                return [line for line in file.read().split("\n") if line]
        except FileNotFoundError:
            return []

    def applied(self, *lines: str) -> bool:
        return any(line in lines for line in self.lines("made"))

    def made_now(self, *lines: str) -> bool:
        return any(line in lines for line in self.lines("made.new"))

    def own(self, line: str, new: bool = False) -> None:
        """Note a line if it is made now, or was by an earlier apply."""
        if (new or self.applied(line)) and not self.made_now(line):
            self.add(line)

    def add(self, line: str) -> None:
        # A line break within it would make two lines of it, and what the second has root undo is somebody else's word.
        if has_control(line.replace("\t", "")):
            raise Failure(f"{line.split(chr(9))[1]}: has a line break where none can be", "Look at it on the server.")
        with open(os.path.join(self.record, "made.new"), "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{line}\n")

    def inherit(self, kind: str, path: str) -> None:
        """Keep what an earlier apply noted of before, whatever was changed by hand since."""
        for line in self.lines("made"):
            if line.startswith(f"{kind}\t{path}\t") and not self.made_now(line):
                self.add(line)

    def kept(self, path: str) -> str:
        """Where an earlier version put what it replaced: into the record."""
        return os.path.join(self.record, "kept", path.replace("/", ":"))
