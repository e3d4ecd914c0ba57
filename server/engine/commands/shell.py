"""What sshd runs for a key that has a role: `deploy shell ROLE NAME`, as the forced command of that key.

What the person asked for is in SSH_ORIGINAL_COMMAND. Unless the role is `shell`, no shell sees it: the words are
compared with what the role may do. `run` is the one command that runs whatever it is given.
"""

from __future__ import annotations

import os
import pwd
import shlex
import sys

from ..console.output import say
from ..errors import Refused
from ..paths import REPOSITORY, WWW
from ..release.history import PERSON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# Commands of `deploy`, each with the most arguments that it may have.
LOOKING = {"status": 1, "releases": 1, "log": 2}
WORKING = {"rollback": 2, "recover": 0, "restart": 0, "redeploy": 2, "restore": 1, "maintenance": 1, "run": 1000}
# The commands of each role besides git; None is everything that the account may do.
ROLES: dict[str, dict[str, int] | None] = {"push": LOOKING, "operate": {**LOOKING, **WORKING}, "shell": None}
GIT = ("receive-pack", "upload-pack")
USUAL_UMASK = 0o022


def command_shell(words: list[str]) -> list[str] | None:
    """Do what a person asks for over SSH, if their role allows it; return the words of a command of `deploy`."""
    role, name = words if len(words) == 2 else ("", " ".join(words))
    asked = os.environ.pop("SSH_ORIGINAL_COMMAND", "")
    # sshd may have taken these over from the client.
    for variable in [variable for variable in os.environ if variable.startswith(("GIT_", "GREENPUSH_"))]:
        del os.environ[variable]
    os.environ[PERSON] = name
    if role not in ROLES:
        raise Refused("shell", f"{role!r} is no role", advice=f"Roles are {', '.join(ROLES)}: mend the key's line.")
    allowed = ROLES[role]
    if allowed is None:
        return login(asked)
    try:
        words = shlex.split(asked)
    except ValueError:
        words = []
    git = git_command(words)
    if git:
        os.execvp("git", ["git", git, REPOSITORY])
    if len(words) > 1 and is_deploy(words[0]) and len(words) - 2 <= allowed.get(words[1], -1):
        return words[1:]
    may = ", ".join(f"deploy {word}" for word in allowed)
    say(f"{name} has the role {role} here, which lets git push and fetch {REPOSITORY}, and run: {may}.")
    sys.exit(1)


def login(asked: str) -> NoReturn:
    """Become the account's shell: one of its own without a command, else one for the command, as sshd does it."""
    shell = pwd.getpwuid(os.getuid()).pw_shell or "/bin/sh"
    os.umask(USUAL_UMASK)
    if not asked:
        os.execv(shell, [f"-{os.path.basename(shell)}"])
    # sshd's own, where that is what its configuration names: a program only within it.
    if asked.split(maxsplit=1)[0] == "internal-sftp":
        asked = "/usr/lib/openssh/sftp-server"
    os.execv(shell, [os.path.basename(shell), "-c", asked])


def git_command(words: list[str]) -> str | None:
    """Return the git command that the words ask for, where it is one of a push or a fetch of this very repository."""
    if len(words) == 3 and words[0] == "git" and words[1] in GIT:
        verb, path = words[1:]
    elif len(words) == 2 and words[0].startswith("git-") and words[0][4:] in GIT:
        verb, path = words[0][4:], words[1]
    else:
        return None
    path = path.rstrip("/")
    for ending in (".git", "/"):
        path = path[: -len(ending)] if path.endswith(ending) else path
    return verb if is_same(path, REPOSITORY) else None


def is_deploy(word: str) -> bool:
    """Tell whether a word calls this program."""
    return word == "deploy" or (
        os.path.basename(word) == "deploy" and "/" in word and is_same(os.path.dirname(word), WWW)
    )


def is_same(word: str, path: str) -> bool:
    """Tell whether a path, as a person writes it from their home, is this one."""
    home = os.path.expanduser("~")
    word = word[2:] if word.startswith("~/") else word
    return bool(word) and os.path.realpath(os.path.join(home, word)) == os.path.realpath(path)
