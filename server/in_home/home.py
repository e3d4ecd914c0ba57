"""A home, while what is described of it is gone through."""

from __future__ import annotations

from in_home.account import Account
from in_home.journal import Journal
from in_home.report import Failure


class Home:
    """What is described of a home, and what is known of it while that is gone through."""

    def __init__(self, verb: str, account: Account, journal: Journal) -> None:
        self.verb, self.account, self.journal = verb, account, journal
        # A git configuration as it was read last, and what it says.
        self.settings: tuple[bytes, dict[str, str]] | None = None
        # What is missing: nothing below it is looked at.
        self.without: list[str] = []
        # Why git is not asked again.
        self.git_failed: Failure | None = None
        # Folders of whose state something was said: what can't be read below them has that reason.
        self.shut: list[str] = []
