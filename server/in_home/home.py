"""A home while its description is worked through."""

from __future__ import annotations

from in_home.account import Account
from in_home.journal import Journal
from in_home.report import Failure


class Home:
    """A home with its account and journal, and what is known of it while its description is worked through."""

    def __init__(self, verb: str, account: Account, journal: Journal) -> None:
        self.verb, self.account, self.journal = verb, account, journal
        # The git configuration that was read last: its text and its settings.
        self.settings: tuple[bytes, dict[str, str]] | None = None
        # Paths that are missing. What is below them is skipped.
        self.without: list[str] = []
        # Why git is not run again.
        self.git_failed: Failure | None = None
        # Folders with a wrong mode or owner: that is why something below them can't be read.
        self.shut: list[str] = []
