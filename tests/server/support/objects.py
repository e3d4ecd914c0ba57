"""Make git objects that no git command makes."""

import subprocess

FILE, PROGRAM, LINK, FOLDER, SUBMODULE = "100644", "100755", "120000", "40000", "160000"


class Objects:
    def __init__(self, repository):
        self.repository = repository

    def git(self, *words, given=b""):
        done = subprocess.run(["git", "-C", self.repository, *words], input=given, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def written(self, kind, content):
        words = ("hash-object", "-t", kind, "-w", "--stdin", "--literally")
        return self.git(*words, given=content).decode().strip()

    def blob(self, content):
        return self.written("blob", as_bytes(content))

    def entries(self, tree):
        """Return the entries of a tree: [(mode, name, id)]."""
        found = []
        for line in self.git("ls-tree", "-z", tree).split(b"\0")[:-1]:
            about, name = line.split(b"\t", 1)
            mode, _, identity = about.decode().split()
            found.append((mode.lstrip("0"), name, identity))
        return found

    def tree(self, entries):
        """Make a tree of unchecked entries, in git's order."""
        entries = [(mode.encode(), as_bytes(name), bytes.fromhex(identity)) for mode, name, identity in entries]
        entries.sort(key=lambda entry: entry[1] + (b"/" if entry[0] == FOLDER.encode() else b""))
        return self.written("tree", b"".join(mode + b" " + name + b"\0" + identity for mode, name, identity in entries))

    def with_more(self, revision, *entries):
        """Make a revision's tree with more entries in its root; they replace entries of the same name."""
        names = [as_bytes(name) for _, name, _ in entries]
        return self.tree([*(entry for entry in self.entries(revision) if entry[1] not in names), *entries])

    def commit(self, tree, parent, author=b"A test <test@localhost> 1700000000 +0000", message=b"Hostile\n", more=b""):
        head = "".join(f"{kind} {identity}\n" for kind, identity in (("tree", tree), ("parent", parent)) if identity)
        committer = b"committer A test <test@localhost> 1700000000 +0000\n"
        return self.written("commit", head.encode() + b"author " + author + b"\n" + committer + more + b"\n" + message)


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()
