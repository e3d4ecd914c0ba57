"""Export of a revision: byte for byte, with its submodules. Pointers of Git LFS are refused."""

from __future__ import annotations

import os
import re
import stat
from functools import partial

from ..errors import Refused
from ..host.files import remove_tree
from ..host.git import clean_environment, ended_well
from ..paths import REPOSITORY
from .submodules import Submodules, own_address
from .tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..release.job import Job

# .gitattributes can have git change a file on export: line ends, encoding, identifiers, filters of the account's
# settings. All of that is off, so that what is deployed is what was reviewed.
AS_IT_IS = "* -text !eol -ident !filter !working-tree-encoding\n"
FILES, SUBMODULE = (b"100644", b"100755"), b"160000"
# What Git LFS commits in the place of a file, always between these sizes in bytes.
POINTER = re.compile(rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v\d+\r?\n(?:.*\n)*oid sha256:[0-9a-f]{64}")
POINTER_SIZES = range(100, 1024)
# Files that a refusal names.
NAMED = 20


def export_revision(job: Job, hook: bool) -> list[str]:
    """Export a job's revision to its release's codebase; return the commits of its submodules.

    Raise Refused if a submodule can't be fetched, or a file is a pointer of Git LFS.
    """
    objects = {"GIT_OBJECT_DIRECTORY": os.path.join(REPOSITORY, ".git", "objects")}
    trees = [Tree(job.revision, "", {**objects, **(os.environ if hook else clean_environment())}, own_address)]
    submodules, pointers = Submodules(job), list[str]()
    # Each may name further ones.
    for tree in trees:
        target, scratch = job.release.path("codebase", tree.folder), job.release.path("git")
        environment = write_tree(tree, target, scratch)
        entries = entries_of(environment)
        found = pointers_in(target, [name for mode, _, name in entries if mode in FILES])
        pointers += [os.path.join(tree.folder, name) for name in not_meant(found, scratch, environment)]
        named = [(name, commit) for mode, commit, name in entries if mode == SUBMODULE]
        for folder, commit, address in submodules.of(tree, named, environment) if named else ():
            objects = {**clean_environment(), "GIT_OBJECT_DIRECTORY": submodules.objects(folder, commit, address)}
            trees.append(Tree(commit, folder, objects, partial(str, address)))
        remove_tree(scratch)
    if pointers:
        raise left_elsewhere(pointers)
    return [tree.revision for tree in trees[1:]]


def write_tree(tree: Tree, target: str, scratch: str) -> dict[str, str]:
    """Write a revision's files to a folder; return the environment in which git knows them.

    `scratch`: a folder for this time: a git directory that has only the objects in common with the repository.
    """
    if tree.folder:
        # git has left an empty one; what lies behind a link of the tree is none of its folders.
        codebase = os.path.realpath(target[: -len(tree.folder)])
        if os.path.realpath(target) != os.path.join(codebase, tree.folder):
            raise Refused("export", f"the submodule {tree.folder} lies behind a link", advice="Give it its own path.")
        os.rmdir(target)
    for folder in (target, scratch, os.path.join(scratch, "info"), os.path.join(scratch, "refs")):
        os.mkdir(folder)
    # A repository's own info/attributes have the last word.
    for name, text in (("HEAD", "ref: refs/heads/none\n"), ("info/attributes", AS_IT_IS)):
        with open(os.path.join(scratch, name), "w", encoding="ascii") as file:
            file.write(text)
    environment = {
        **tree.objects,
        "GIT_DIR": scratch,
        "GIT_WORK_TREE": target,
        "GIT_INDEX_FILE": os.path.join(scratch, "index"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    for words in (["read-tree", tree.revision], ["checkout-index", "--all"]):
        ended_well(["git"], words, environment)
    return environment


def entries_of(environment: Mapping[str, str]) -> list[tuple[bytes, str, str]]:
    """Return what a tree has, those of its folders too: [(mode, id, path)]."""
    found: list[tuple[bytes, str, str]] = []
    for entry in ended_well(["git"], ["ls-files", "--stage", "-z"], environment).split(b"\0")[:-1]:
        about, _, path = entry.partition(b"\t")
        mode, identity, _ = about.split()
        found.append((mode, identity.decode(), os.fsdecode(path)))
    return found


def pointers_in(folder: str, names: Sequence[str]) -> list[str]:
    """Return the files that are pointers of Git LFS."""
    found: list[str] = []
    for name in names:
        path = os.path.join(folder, name)
        about = os.lstat(path)
        if stat.S_ISREG(about.st_mode) and about.st_size in POINTER_SIZES:
            with open(path, "rb") as file:
                if POINTER.match(file.read()):
                    found.append(name)
    return found


def not_meant(pointers: list[str], scratch: str, environment: Mapping[str, str]) -> list[str]:
    """Return the pointers less those of which .gitattributes say that their text itself is meant (`-filter`)."""
    if not pointers:
        return []
    os.unlink(os.path.join(scratch, "info", "attributes"))
    given = b"".join(os.fsencode(name) + b"\0" for name in pointers)
    said = ended_well(["git"], ["check-attr", "--cached", "-z", "--stdin", "filter"], environment, given)
    fields = said.split(b"\0")
    return [os.fsdecode(name) for name, value in zip(fields[::3], fields[2::3]) if value != b"unset"]


def left_elsewhere(pointers: list[str]) -> Refused:
    """Return the refusal for files whose content is in Git LFS."""
    lines = pointers[:NAMED]
    if len(pointers) > NAMED:
        lines.append(f"... and {len(pointers) - NAMED} more")
    pattern = f"*{os.path.splitext(pointers[0])[1]}"
    return Refused(
        "export",
        f"Git LFS has the content of {len(pointers)} {'files' if pointers[1:] else 'file'}, and git a pointer to it",
        lines,
        "A push brings no files of LFS. Have git itself hold them: "
        f"`git lfs untrack '{pattern}'`, `git add --renormalize .`, commit, push. "
        "Where the text of a pointer is meant, say `PATH -filter` in .gitattributes.",
    )
