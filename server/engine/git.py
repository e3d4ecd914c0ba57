"""The repository."""

import os
import subprocess

from .paths import REPOSITORY
from .refused import Refused

NO_REVISION = "0" * 40
# A reference below refs/replace/ would put another content under a revision that was reviewed.
AS_COMMITTED = {"GIT_NO_REPLACE_OBJECTS": "1"}


def clean_environment():
    """The environment of this process less what git set for the hook."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def git(*words, hook=False):
    """What git prints. hook: within pre-receive, where only git's own variables reach the objects."""
    command = ["git"] if hook else ["git", "-C", REPOSITORY]
    return ended_well(command, words, os.environ if hook else clean_environment())


def ended_well(command, words, environment):
    done = subprocess.run([*command, *words], env={**environment, **AS_COMMITTED}, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().split("\n")
        raise Refused("git", f"git {words[0]} failed: {said[0]}", said[1:])
    return done.stdout.decode(errors="replace").rstrip("\n")


def branch_revision(config):
    """The revision the deploy branch is at, None while it has none."""
    ref = f"refs/heads/{config['branch']}"
    found = subprocess.run(
        ["git", "-C", REPOSITORY, "rev-parse", "--verify", "--quiet", ref],
        env={**clean_environment(), **AS_COMMITTED},
        stdout=subprocess.PIPE,
    )
    return found.stdout.decode(errors="replace").strip() or None


def written_in(revision, hook):
    """Author and subject of a commit. Raises Refused where it is none, as a branch must have."""
    # Less what the account's own settings add: signatures, another encoding.
    form = ["--no-show-signature", "--encoding=UTF-8", "--format=%H%x00%an%x00%s"]
    said = git("log", "--max-count=1", *form, revision, "--", hook=hook).split("\0")
    if len(said) != 3 or said[0] != revision:
        raise Refused(
            "git", f"{revision[:7]} is no commit", advice="Push a commit to the branch: `git push REMOTE HEAD:BRANCH`."
        )
    return said[1], said[2]


# For what git does to a file on its way out of the repository, .gitattributes are asked: line ends, another encoding,
# identifiers, filters that the account's settings name. None of it: what is deployed is what was reviewed.
AS_IT_IS = "* -text !eol -ident !filter !working-tree-encoding\n"


def export_tree(revision, target, scratch, hook):
    """Write a revision's files to a folder that is not there yet, byte for byte as they were committed.

    `scratch`: a folder for this time: a git directory that has only the objects in common with the repository.
    """
    for folder in (target, scratch, os.path.join(scratch, "info"), os.path.join(scratch, "refs")):
        os.mkdir(folder)
    # A repository's own info/attributes have the last word.
    for name, text in (("HEAD", "ref: refs/heads/none\n"), ("info/attributes", AS_IT_IS)):
        with open(os.path.join(scratch, name), "w", encoding="ascii") as file:
            file.write(text)
    environment = {
        "GIT_OBJECT_DIRECTORY": os.path.join(REPOSITORY, ".git", "objects"),
        **(os.environ if hook else clean_environment()),
        "GIT_DIR": scratch,
        "GIT_WORK_TREE": target,
        "GIT_INDEX_FILE": os.path.join(scratch, "index"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    for words in (["read-tree", revision], ["checkout-index", "--all"]):
        ended_well(["git"], words, environment)
