"""The journal of a component: what its removal undoes."""

from __future__ import annotations

import os

from in_home.report import Failure, has_control


class Journal:
    """The notes of an apply in the record: `made`, and `made.new` while the apply runs."""

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
        """Note a line if this apply (`new`) or an earlier one made the thing."""
        if (new or self.applied(line)) and not self.made_now(line):
            self.add(line)

    def add(self, line: str) -> None:
        # A line break within the line would begin another one, and root would undo whatever the account wrote there.
        if has_control(line.replace("\t", "")):
            raise Failure(f"{line.split(chr(9))[1]}: has a line break where none can be", "Look at it on the server.")
        with open(os.path.join(self.record, "made.new"), "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{line}\n")

    def inherit(self, kind: str, path: str) -> None:
        """Keep the original state that an earlier apply noted, whatever was changed by hand since."""
        for line in self.lines("made"):
            if line.startswith(f"{kind}\t{path}\t") and not self.made_now(line):
                self.add(line)

    def kept(self, path: str) -> str:
        """Return where earlier versions kept what they replaced: in the record."""
        return os.path.join(self.record, "kept", path.replace("/", ":"))
