"""Malicious pushes: each is refused with a readable message, or goes live, and the site goes on serving."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support import example
from support.engine_test import EngineTest
from support.objects import FILE, FOLDER, LINK, PROGRAM, SUBMODULE, Objects

# The result of a push: LIVE, REFUSED by git itself, EITHER by the engine or not at all, or what the person reads.
LIVE, BY_GIT, EITHER = "Live: release", "BY_GIT", "REFUSED at|Live: release"
AUTHOR = b"A test <test@localhost> 1700000000 +0000"
# What no terminal may get: all that it acts on, and what makes text look like other text.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

# The text of a commit: author line, message, further header.
WORDS = {
    "a subject in another encoding": (AUTHOR, "Grüße\n".encode("latin-1"), b""),
    "an author in another encoding": ("Jörg <j@x> 1700000000 +0000".encode("latin-1"), b"Subject\n", b""),
    "an encoding that there is none of": (AUTHOR, b"Gr\xfc\xdfe\n", b"encoding no-such-thing\n"),
    "an encoding that is there": (AUTHOR, b"Gr\xfc\xdfe\n", b"encoding ISO-8859-1\n"),
    "a subject with escapes": (AUTHOR, b"\x1b[2J\x1b]0;title\x07 red\n", b""),
    "a subject with C1 controls": (AUTHOR, "\x9b31m\x85 next\n".encode(), b""),
    "a subject with separators of lines": (AUTHOR, "one\u2028remote: Live\u2029two\n".encode(), b""),
    "a subject that turns around": (AUTHOR, "\u202eevil\u2066 \u200f\n".encode(), b""),
    "a subject with carriage returns": (AUTHOR, b"shown\rhidden\r\n", b""),
    "a subject without an end": (AUTHOR, b"x" * 200_000, b""),
    "a message with a null": (AUTHOR, b"one\0two\n", b""),
    "no message": (AUTHOR, b"", b""),
    "an author with escapes": (b"\x1b[31mRoot\x07\x9b <x> 1700000000 +0000", b"Subject\n", b""),
    "an author without a name": (b" <> 1700000000 +0000", b"Subject\n", b""),
    "an author without a time": (b"Nobody", b"Subject\n", b""),
    "a time after all times": (b"A <b> 99999999999999999999999 +9999", b"Subject\n", b""),
    "an author without an end": (b"y" * 100_000 + b" <x> 1700000000 +0000", b"Subject\n", b""),
}

# deploy.sh as a whole, and what the person reads where it is refused.
SCRIPTS = {
    "line ends of Windows": (b"#!/bin/sh\r\nset -e\r\n", "REFUSED at deploy.sh: it is saved as Windows does"),
    "a byte order mark": (b"\xef\xbb\xbf#!/bin/sh\nexit 0\n", "REFUSED at deploy.sh: it is saved as Windows does"),
    "#! alone": (b"#!\n", LIVE),
    "#! alone without an end": (b"#!", LIVE),
    "#! and blanks": (b"#!   \t \n", LIVE),
    "nothing at all": (b"", LIVE),
    "an interpreter that is not there": (b"#!/nothing/there\n", "REFUSED at deploy.sh: .*: /nothing/there"),
    "an interpreter that is a folder": (b"#!/etc\n", "REFUSED at deploy.sh: .*: /etc"),
    "an interpreter that no file can be": (b"#!/bin/\0sh\n", "REFUSED at deploy.sh: embedded null byte"),
    "an interpreter in another encoding": (b"#!/bin/\xff\n", "REFUSED at deploy.sh: "),
    "a binary": (b"\x7fELF\x02\x01\x01\0\0\0\0\0", "REFUSED at deploy.sh: exit status"),
    "a first line without an end": (b"#!/bin/sh " + b"x" * 900_000, "REFUSED at deploy.sh: "),
    "megabytes": (b"#" * 2_000_000, "REFUSED at deploy.sh: deploy.sh has more than 1 MB"),
    "escapes in its output": (b"printf '\\033[2J\\007\\302\\205\\342\\200\\250\\377 done\\n'\n", LIVE),
    "escapes in its error": (b"printf '\\033]0;x\\007bad\\n'\nexit 5\n", "REFUSED at deploy.sh: exit status 5"),
    "a line without an end": (b"head -c 300000 /dev/zero | tr '\\0' x\n", LIVE),
    "something in the background": (b"sleep 1000 &\nsetsid sleep 1000 >/dev/null 2>&1 &\n", "left 2 processes"),
    "a fork bomb": (
        b'bomb() { if [ "$1" -lt 6 ]; then bomb $(($1 + 1)) & bomb $(($1 + 1)) & fi; sleep 1000; }\n'
        b"bomb 0 &\nsleep 1\n",
        r"REFUSED at deploy.sh: it left \d+ processes",
    ),
    "a kill of who watches over it": (b"kill -9 $PPID\nsleep 1\n", "REFUSED at deploy.sh: "),
    "its own codebase removed": (b"rm -rf ../codebase\n", "REFUSED at django: No such file or directory"),
    "its environment removed": (b"rm ../env\n", "REFUSED at "),
    "its release removed": (b'rm -rf "$(dirname "$PWD")"\n', "REFUSED at "),
    "its record spoilt": (b"echo '{' >../release.json\n", EITHER),
    "its record a pipe": (b"mkfifo ../django.json\n", LIVE),
    "its temporary folder a link": (b"rm -rf ../tmp\nln -s /etc ../tmp\n", LIVE),
    "its static files a link": (b"rm -rf ../static\nln -s ../../var ../static\n", EITHER),
}

SETTINGS = "codebase/settings/test.py"
# Files of the application with more text at their end.
APPENDED = {
    "settings that end the program": (
        SETTINGS,
        "import sys; sys.exit(0)",
        "REFUSED at django: it ended",
    ),
    "settings that vanish": (SETTINGS, "import os; os._exit(0)", "REFUSED at django: it ended"),
    "settings that fail": (SETTINGS, "import sys; sys.exit(9)", "REFUSED at django: exit status 9"),
    "settings with escapes": (
        SETTINGS,
        r"raise ValueError('\x1b[31m\u2028\x9b')",
        r"ValueError: \\x1b",
    ),
    "an error of several lines": (
        SETTINGS,
        r"raise ValueError('one\ntwo\rthree')",
        "ValueError: one",
    ),
    "a url module with a null": ("codebase/urls.py", "\0", "REFUSED at django: "),
    "a wsgi that ends": ("codebase/wsgi.py", "import os; os._exit(0)", "REFUSED at boot: "),
    "a wsgi with escapes": (
        "codebase/wsgi.py",
        r"raise ValueError('\x1b[31m\u202e')",
        r"ValueError: \\x1b",
    ),
}

# requirements.pip as a whole.
REQUIREMENTS = {
    "of a device": (b"-r /dev/zero\n", "REFUSED at virtualenv: zero is no file"),
    "of itself": (f"{example.REQUIREMENTS}-r requirements.pip\n".encode(), EITHER),
    "of a name that no file has": (b"-r a\0b\n", "REFUSED at virtualenv: "),
    "of a folder": (b"-r pages\n", "REFUSED at virtualenv: pages is no file"),
    "megabytes": (b"#" * 2_000_000, "REFUSED at virtualenv: requirements.pip has more than 1 MB"),
    "binary": (bytes(range(256)) * 4, "REFUSED at virtualenv: "),
    "an option": (b"--no-such-option\n", "REFUSED at virtualenv: "),
    "escapes": (b"\x1b[31mnothing\x07==1\n", "REFUSED at virtualenv: "),
    "empty": (b"", "REFUSED at virtualenv: requirements.pip brings no Django"),
}


class Hostile(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good_revision = cls.site.git("rev-parse", "HEAD")
        cls.objects = Objects(cls.site.clone)
        cls.pipe = os.path.join(cls.site.scratch, "pipe")
        os.mkfifo(cls.pipe)

    def with_file(self, path, content, mode=FILE):
        """The tree of the good revision with one file, at a path of folders that are there, replaced."""
        return self.replaced(self.good_revision, path.split("/"), mode, self.objects.blob(content))

    def replaced(self, tree, names, mode, identity):
        if len(names) > 1:
            (below,) = (entry[2] for entry in self.objects.entries(tree) if entry[1] == names[0].encode())
            mode, identity = FOLDER, self.replaced(below, names[1:], mode, identity)
        return self.objects.with_more(tree, (mode, names[0], identity))

    def check(self, what, tree, reads=LIVE, author=AUTHOR, message=b"Hostile\n", more=b"", ref="refs/heads/main"):
        """Push a commit of a tree."""
        with self.subTest(what=what):
            revision = self.objects.commit(tree, self.good_revision, author, message, more)
            before = self.served()
            status, said = self.pushed(f"+{revision}:{ref}")
            if reads == BY_GIT:
                self.assertEqual((status, said), (1, ""))
            else:
                self.assertRegex(said, reads)
                self.assertEqual(("REFUSED at" in said, LIVE in said), (status == 1, status == 0), said)
            self.assertEqual(self.served(), before)
            for command in ("log", "releases", "status"):
                self.assertIsNone(OBEYED.search(self.site.deploy(command)))
            return said

    def pushed(self, *refspecs):
        status, said = self.site.push(*refspecs)
        lines = [line[len("remote: ") :].rstrip(" ") for line in said.split("\n") if line.startswith("remote: ")]
        text = "\n".join(lines)
        self.assertNotIn("Traceback", text)
        self.assertNotIn("FAILED", text)
        self.assertIsNone(OBEYED.search(text), text)
        return status, text

    def test_words(self):
        tree = f"{self.good_revision}^{{tree}}"
        tree = self.site.git("rev-parse", tree)
        for what, (author, message, more) in WORDS.items():
            said = self.check(what, tree, LIVE, author, message, more)
            self.assertLess(max(map(len, said.split("\n"))), 400)

    def test_scripts(self):
        for what, (script, reads) in SCRIPTS.items():
            self.check(what, self.with_file("deploy.sh", script, PROGRAM), reads)
        for what, target, reads in (
            ("a device", "/dev/zero", "REFUSED at deploy.sh: deploy.sh is no file"),
            ("a terminal", "/dev/tty", "REFUSED at deploy.sh: "),
            ("a pipe", self.pipe, "REFUSED at deploy.sh: deploy.sh is no file"),
            ("a folder", "pages", "REFUSED at deploy.sh: deploy.sh is no file"),
            ("itself", "deploy.sh", "REFUSED at deploy.sh: "),
            ("nothing", "nothing", "REFUSED at deploy.sh: deploy.sh is a link to nothing"),
        ):
            self.check(f"a link to {what}", self.with_file("deploy.sh", target, LINK), reads)
        folder = self.objects.tree([(FILE, "x", self.objects.blob("x"))])
        tree = self.objects.with_more(self.good_revision, (FOLDER, "deploy.sh", folder))
        self.check("a folder", tree, "REFUSED at deploy.sh: deploy.sh is no file")
        submodule = self.objects.with_more(self.good_revision, (SUBMODULE, "deploy.sh", self.good_revision))
        self.check("a submodule", submodule, "REFUSED at export: deploy.sh is a submodule")

    def test_applications(self):
        for what, (path, text, reads) in APPENDED.items():
            content = self.objects.git("show", f"{self.good_revision}:{path}")
            self.check(what, self.with_file(path, content + f"\n{text}\n".encode()), reads)

    def test_requirements(self):
        for what, (content, reads) in REQUIREMENTS.items():
            self.check(what, self.with_file("requirements.pip", content), reads)
        for what, target, reads in (
            ("a device", "/dev/zero", "REFUSED at virtualenv: requirements.pip is no file"),
            ("a pipe", self.pipe, "REFUSED at virtualenv: requirements.pip is no file"),
            ("a folder", "pages", "REFUSED at virtualenv: requirements.pip is no file"),
            ("itself", "requirements.pip", "REFUSED at virtualenv: there is no requirements.pip"),
        ):
            self.check(f"a link to {what}", self.with_file("requirements.pip", target, LINK), reads)
        chain = self.objects.tree(
            [(FILE, f"{number}.txt", self.objects.blob(f"-r {number + 1}.txt\n")) for number in range(200)]
        )
        tree = self.objects.with_more(self.with_file("requirements.pip", "-r chain/0.txt\n"), (FOLDER, "chain", chain))
        self.check("a chain without an end", tree, "REFUSED at virtualenv: the requirements include more ")

    def test_trees(self):
        invalid = "REFUSED at git: git read-tree failed: "
        for_long = "REFUSED at git: git checkout-index failed: "
        new, blob = self.objects, self.objects.blob("content\n")
        one = new.tree([(FILE, "config", blob)])
        link = new.blob("/etc/passwd")
        deep, deeper = one, one
        for _ in range(100):
            deep = new.tree([(FOLDER, "d", deep)])
        for _ in range(60):
            deeper = new.tree([(FOLDER, "e" * 100, deeper)])
        many = new.tree([(FILE, f"{number}", blob) for number in range(10_000)])
        for what, entries, reads in (
            ("a repository inside", [(FOLDER, ".git", one)], invalid),
            ("one in capitals", [(FOLDER, ".GIT", one)], invalid),
            ("one by its short name", [(FOLDER, "git~1", one)], invalid),
            ("the folder above", [(FOLDER, "..", one)], invalid),
            ("this folder", [(FOLDER, ".", one)], invalid),
            ("a name with a slash upwards", [(FILE, "../outside", blob)], EITHER),
            ("a name with a slash", [(FILE, "a/b", blob)], EITHER),
            ("an absolute name", [(FILE, "/tmp/greenpush-outside", blob)], EITHER),
            ("a name twice", [(FILE, "twin", blob), (FILE, "twin", link)], EITHER),
            ("a file behind a link", [(LINK, "way", new.blob("../../../var")), (FOLDER, "way", one)], EITHER),
            ("an empty name", [(FILE, "", blob)], BY_GIT),
            ("a name with a new line", [(FILE, "one\nREFUSED at two", blob)], LIVE),
            ("a name with escapes", [(FILE, "\x1b[31m\x07.py", blob)], LIVE),
            ("a name in another encoding", [(FILE, b"gr\xfc\xdfe.py", blob)], LIVE),
            ("a name as long as can be", [(FILE, "n" * 255, blob)], LIVE),
            (
                "a longer name",
                [(FILE, "n" * 256, blob)],
                for_long,
            ),
            ("a deep tree", [(FOLDER, "deep", deep)], LIVE),
            ("a tree deeper than paths are long", [(FOLDER, "deep", deeper)], for_long),
            ("10,000 files", [(FOLDER, "many", many)], LIVE),
            ("a submodule", [(SUBMODULE, "module", self.good_revision)], "REFUSED at export: module is a submodule"),
            (
                "a submodule of nothing",
                [(SUBMODULE, "module", "1" * 40), (FILE, ".gitmodules", link)],
                "REFUSED at export: .gitmodules can't be read",
            ),
            (
                "a submodule behind a link",
                [(LINK, "way", new.blob("../../../var")), (FOLDER, "way", new.tree([(SUBMODULE, "m", "1" * 40)]))],
                "REFUSED at ",
            ),
            ("a link to itself", [(LINK, "loop", new.blob("loop"))], LIVE),
            ("links in a circle", [(LINK, "one", new.blob("two")), (LINK, "two", new.blob("one"))], LIVE),
            ("a link to a file of others", [(LINK, "passwords", link)], LIVE),
            ("a link to a device", [(LINK, "zero.py", new.blob("/dev/zero"))], LIVE),
            ("a link with a new line", [(LINK, "link", new.blob("a\nb"))], LIVE),
            ("a link longer than paths are", [(LINK, "link", new.blob("x" * 5000))], "REFUSED at git: "),
            ("links by the names of a release", [(LINK, name, new.blob("../../var")) for name in INSIDE], LIVE),
            ("files by the names of a release", [(FILE, name, blob) for name in INSIDE], LIVE),
            ("names that differ in their case", [(FILE, "README", blob), (FILE, "readme", blob)], LIVE),
            ("other modes", [("100777", "wide", blob), ("100600", "narrow", blob), ("0100644", "zero", blob)], EITHER),
            ("a mode that there is none of", [("10644", "odd", blob)], EITHER),
            ("a file that is a folder", [(FOLDER, "folder", blob)], BY_GIT),
        ):
            self.check(what, new.with_more(self.good_revision, *entries), reads)
        self.assertFalse(os.path.exists("/tmp/greenpush-outside"))
        for path in ("outside", "releases/outside", "var/config", "codebase/.git/config.lock"):
            self.assertFalse(os.path.exists(self.site.path(path)), path)
        self.check("none of its files", new.tree([(FILE, "x", blob)]), "REFUSED at virtualenv: the pushed tree has no ")
        self.check("nothing", new.tree([]), "REFUSED at virtualenv: the pushed tree has no ")

    def test_refs(self):
        main = self.good_revision
        for name in ("refs/replace/" + main, "refs/notes/commits", "refs/hidden/x", "refs/remotes/a/b", "refs/stash"):
            with self.subTest(name=name):
                status, said = self.pushed(f"{main}:{name}")
                self.assertEqual(status, 1)
                self.assertIn(f"REFUSED at refs: {name} is neither a branch nor a tag", said)
                self.assertEqual(self.on_server("for-each-ref", name), "")
        for name in (
            "with\u2028separator",
            "turned\u202earound",
            "c1\x9b31m",
            "long" * 50,
            "refs/heads/x",
            "ü",
        ):
            with self.subTest(name=name):
                status, said = self.pushed(f"{main}:refs/heads/{name}")
                self.assertEqual(status, 0, said)
                self.assertIn("is kept but not deployed", said)
        latin = os.fsdecode(b"gr\xfc\xdfe")
        status, said = self.pushed(f"{main}:refs/heads/{latin}")
        self.assertEqual(status, 0, said)
        for kind, identity in (
            ("tree", self.objects.tree([])),
            ("blob", self.objects.blob("x")),
            (
                "tag",
                self.objects.written("tag", TAG.format(main).encode()),
            ),
        ):
            with self.subTest(kind=kind):
                status, said = self.pushed(f"+{identity}:refs/heads/main")
                self.assertEqual(status, 1)
                self.assertRegex(said, r"REFUSED at git: |^$")
        self.served()

    def test_what_is_deployed_is_what_was_committed(self):
        attributes = (
            "* text=auto eol=crlf ident export-subst\n"
            "*.odd filter=odd working-tree-encoding=UTF-16\n"
            "hidden export-ignore\n"
        )
        text = "$Id$ $Format:%H$\nü\n"
        names = ("plain.txt", "text.odd", "hidden")
        tree = self.objects.with_more(
            self.good_revision,
            (FILE, ".gitattributes", self.objects.blob(attributes)),
            *((FILE, name, self.objects.blob(text)) for name in names),
        )
        for name, value in (("filter.odd.smudge", "tr a-z A-Z"), ("core.autocrlf", "true"), ("core.eol", "crlf")):
            self.on_server("config", name, value)
            self.addCleanup(self.on_server, "config", "--unset", name)
        self.check("attributes", tree)
        for name in (*names, "manage.py"):
            with open(self.site.path("live", "codebase", name), "rb") as file:
                wanted = text.encode() if name in names else self.objects.git("show", f"{self.good_revision}:{name}")
                self.assertEqual(file.read(), wanted, name)

    def test_another_commit_in_the_place_of_a_reviewed_one_is_not_deployed(self):
        reviewed = self.objects.commit(self.with_file("reviewed", "yes\n"), self.good_revision)
        other = self.objects.commit(self.with_file("reviewed", "no\n"), self.good_revision)
        self.good(self.site.push(f"{other}:refs/heads/other"))
        self.good(self.site.push(f"{reviewed}:refs/heads/reviewed"))
        self.on_server("replace", reviewed, other)
        self.addCleanup(self.on_server, "replace", "--delete", reviewed)
        self.good(self.site.push(f"+{reviewed}:main"))
        for path in (self.site.path("live", "codebase", "reviewed"), self.site.path("codebase", "reviewed")):
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), "yes\n", path)

    def test_bytecode_that_was_committed_does_not_outlive_its_commit(self):
        name = f"views.{sys.implementation.cache_tag}.pyc"
        stray = self.objects.tree([(FILE, name, self.objects.blob("not the bytecode of views.py"))])
        tree = self.replaced(self.good_revision, ["pages", "__pycache__"], FOLDER, stray)
        self.check("bytecode", tree, EITHER)
        self.good(self.site.push(f"+{self.good_revision}:main"))
        with open(self.site.path("live", "codebase", "pages", "__pycache__", name), "rb") as file:
            self.assertNotIn(b"not the bytecode", file.read())
        link = self.replaced(self.good_revision, ["pages", "__pycache__"], LINK, self.objects.blob("../../../../var"))
        self.check("a link in the place of bytecode", link, LIVE)
        # Python writes there what it has compiled itself; the engine has linked nothing.
        for name in os.listdir(self.site.path("var")):
            if name.endswith(".pyc"):
                self.assertEqual(os.stat(self.site.path("var", name)).st_nlink, 1, name)


TAG = "object {}\ntype commit\ntag v\ntagger A <b> 1 +0\n\nx\n"
# What lies beside the codebase of a release, and in www.
INSIDE = ("var", "static", "bin", "lib", "env", "tmp", "gate", "start", "gunicorn", "release.json", "venvs", "releases")

if __name__ == "__main__":
    unittest.main()
