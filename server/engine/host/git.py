"""The repository."""

from __future__ import annotations

import os
import subprocess

from ..errors import Refused
from ..paths import REPOSITORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_REVISION = "0" * 40
# A reference below refs/replace/ would put another content under a revision that was reviewed.
AS_COMMITTED = {"GIT_NO_REPLACE_OBJECTS": "1"}


def clean_environment() -> dict[str, str]:
    """Return the environment of this process less what git set for the hook."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def git(*words: str, hook: bool = False) -> str:
    """Return what git prints. `hook`: within pre-receive, where only git's own variables reach the objects."""
    command = ["git"] if hook else ["git", "-C", REPOSITORY]
    printed = ended_well(command, words, os.environ if hook else clean_environment())
    return printed.decode(errors="replace").rstrip("\n")


def ended_well(
    command: Sequence[str], words: Sequence[str], environment: Mapping[str, str], given: bytes | None = None
) -> bytes:
    """Return the bytes that a git command prints; `given` are those it reads. Raise Refused where it fails."""
    done = subprocess.run([*command, *words], env={**environment, **AS_COMMITTED}, input=given, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().split("\n")
        raise Refused("git", f"git {words[0]} failed: {said[0]}", said[1:])
    return done.stdout


def branch_revision(branch: str) -> str | None:
    """Return the revision that a branch is at, None while it has none."""
    ref = f"refs/heads/{branch}"
    found = subprocess.run(
        ["git", "-C", REPOSITORY, "rev-parse", "--verify", "--quiet", ref],
        env={**clean_environment(), **AS_COMMITTED},
        stdout=subprocess.PIPE,
    )
    return found.stdout.decode(errors="replace").strip() or None


def written_in(revision: str, hook: bool) -> tuple[str, str]:
    """Return author and subject of a commit. Raise Refused where it is none, as a branch must have."""
    # Less what the account's own settings add: signatures, another encoding.
    form = ["--no-show-signature", "--encoding=UTF-8", "--format=%H%x00%an%x00%s"]
    said = git("log", "--max-count=1", *form, revision, "--", hook=hook).split("\0")
    if len(said) != 3 or said[0] != revision:
        raise Refused(
            "git", f"{revision[:7]} is no commit", advice="Push a commit to the branch: `git push REMOTE HEAD:BRANCH`."
        )
    return said[1], said[2]
