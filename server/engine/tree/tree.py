"""A tree of git, to be written to the disk."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Tree:
    """A tree to write: its revision, its folder in the codebase, where its objects are (variables of git's), and a
    function that tells the address it came from.
    """

    def __init__(
        self, revision: str, folder: str, objects: Mapping[str, str], address: Callable[[], str | None]
    ) -> None:
        self.revision, self.folder, self.objects, self.address = revision, folder, objects, address
