"""What a page of a release ends with."""

from __future__ import annotations

# What visitors ask first.
FRONT_PAGE = "/"


class Answer:
    """What a page ended with: its status; its path, host and scheme; the host of a redirect that leads off the site."""

    __slots__ = ("status", "path", "host", "scheme", "elsewhere")

    def __init__(self, status: int, path: str, host: str, scheme: str, elsewhere: str = "") -> None:
        self.status, self.path, self.host, self.scheme, self.elsewhere = status, path, host, scheme, elsewhere
