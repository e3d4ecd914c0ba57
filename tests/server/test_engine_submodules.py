"""Content outside of the tree: submodules are fetched or refused by name, files of Git LFS are refused by name."""

import http.server
import os
import sys
import threading
import time
import unittest
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.objects import FILE, SUBMODULE, Objects

# An address that the account's own git settings rewrite, and other protocols of git.
ADDRESS = "https://modules.invalid"
SETTINGS = """
[url "file://{scratch}/"]
    insteadOf = {address}/
[protocol "file"]
    allow = always
[protocol "http"]
    allow = always
"""
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n".format("0a" * 32)


class Elsewhere(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good_revision = cls.site.git("rev-parse", "HEAD")
        cls.objects = Objects(cls.site.clone)
        cls.home = os.path.join(cls.site.scratch, "home")
        os.makedirs(cls.home)
        with open(os.path.join(cls.home, ".gitconfig"), "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(scratch=cls.site.scratch, address=ADDRESS))

    def repository(self, name, files, *entries):
        """Make another repository with one commit; return its objects."""
        path = os.path.join(self.site.scratch, name)
        self.site.run("git", "init", "--quiet", "--initial-branch", "main", path)
        objects = Objects(path)
        blobs = [(FILE, file, objects.blob(text)) for file, text in files.items()]
        objects.revision = objects.commit(objects.tree([*blobs, *entries]), None)
        objects.git("update-ref", "refs/heads/main", objects.revision)
        return objects

    def push(self, *entries, home=None, **texts):
        """Push the example with more entries in its root, and texts as files of the names that `.` is left out of."""
        blobs = [(FILE, f".{name}", self.objects.blob(text)) for name, text in texts.items()]
        tree = self.objects.with_more(self.good_revision, *entries, *blobs)
        revision = self.objects.commit(tree, self.good_revision)
        return self.site.push(f"+{revision}:main", env={"HOME": home or self.home})

    def refused(self, ended, *reads):
        said = self.bad(ended)
        self.assertIn("REFUSED at export: ", said)
        for words in reads:
            self.assertIn(words, said)
        return said

    def shown(self, *names):
        with open(self.site.path("live", "codebase", *names), encoding="utf-8") as file:
            return file.read()


def module(path, url, more=""):
    return f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n{more}'


class Submodules(Elsewhere):
    def test_they_are_brought_and_kept_with_those_that_they_name(self):
        inner = self.repository("inner", {"inner.txt": "within\n"})
        files = {"outer.txt": "of another\n", ".gitmodules": module("inner", "../inner")}
        revision = self.repository("outer", files, (SUBMODULE, "inner", inner.revision)).revision
        entry = (SUBMODULE, "outer", revision)
        said = self.good(self.push(entry, gitmodules=module("outer", f"{ADDRESS}/outer")))
        self.assertRegex(said, r"export +\d+\.\d\d s  with 2 submodules")
        self.assertEqual(self.shown("outer", "outer.txt"), "of another\n")
        self.assertEqual(self.shown("outer", "inner", "inner.txt"), "within\n")
        # From here on nobody can fetch them.
        for name in ("outer", "inner"):
            os.rename(os.path.join(self.site.scratch, name), os.path.join(self.site.scratch, f"{name}-gone"))
        nobody = os.path.join(self.site.scratch, "nobody")
        os.makedirs(nobody)
        self.good(self.push(entry, gitmodules=module("outer", f"{ADDRESS}/outer"), more="x", home=nobody))
        self.assertEqual(self.shown("outer", "inner", "inner.txt"), "within\n")
        kept = set(os.listdir(self.site.path("submodules")))
        self.assertLessEqual({revision, inner.revision}, kept)
        # A submodule that no release uses is removed, but not on the day of its push, which may have been refused.
        for number in range(3):
            self.good(self.push(more=str(number)))
        self.site.deploy("recover")
        self.assertEqual(set(os.listdir(self.site.path("submodules"))), kept)
        for name in os.listdir(self.site.path("submodules")):
            os.utime(self.site.path("submodules", name), (time.time() - 90_000,) * 2)
        self.site.deploy("recover")
        self.assertEqual(os.listdir(self.site.path("submodules")), [])

    def test_one_of_a_server_that_gives_out_no_single_commit(self):
        other = self.repository("plain", {"plain.txt": "by http\n"})
        newer = other.commit(other.tree([]), other.revision)
        other.git("update-ref", "refs/heads/main", newer)
        other.git("update-server-info")
        handler = partial(Quiet, directory=self.site.scratch)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}/plain/.git"
            entry = (SUBMODULE, "plain", other.revision)
            self.good(self.push(entry, gitmodules=module("plain", address)))
            server.shutdown()
        self.assertEqual(self.shown("plain", "plain.txt"), "by http\n")

    def test_one_that_is_not_to_be_fetched_is_left_empty(self):
        modules = module("optional", f"{ADDRESS}/nowhere", "\tupdate = none\n")
        self.good(self.push((SUBMODULE, "optional", "1" * 40), gitmodules=modules))
        self.assertEqual(os.listdir(self.site.path("live", "codebase", "optional")), [])

    def test_what_can_not_be_brought_is_refused_by_path_and_address(self):
        other = self.repository("other", {"x": "y\n"})
        live = self.site.live()
        nobody = os.path.join(self.site.scratch, "without-settings")
        os.makedirs(nobody)
        here, gone = other.revision, "1" * 40
        for what, commit, modules, home, reads in (
            ("no entry", here, None, None, ("vendor/m is a submodule, and .gitmodules have no url for it",)),
            ("another entry", here, module("vendor/n", ADDRESS), None, (".gitmodules have no url",)),
            ("no url", here, '[submodule "m"]\n\tpath = vendor/m\n', None, (".gitmodules have no url",)),
            ("no settings", here, "vendor/m\n", None, (".gitmodules can't be read",)),
            ("a relative one", here, module("vendor/m", "../other.git"), None, ("has the address ../other.git",)),
            ("a folder", here, module("vendor/m", "/srv/x"), nobody, ("of /srv/x)", "this address is for file")),
            ("a program", here, module("vendor/m", "ext::sh -c id"), None, ("this address is for ext",)),
            ("an option", here, module("vendor/m", "--upload-pack=id"), None, ("of --upload-pack=id)",)),
            ("not pushed", gone, module("vendor/m", f"{ADDRESS}/other"), None, ("that commit is not there",)),
            ("not there", here, module("vendor/m", f"{ADDRESS}/none"), None, ("can't read it, or it is not there",)),
            (
                "out of reach",
                here,
                module("vendor/m", "https://name:word@127.0.0.1:1/x"),
                None,
                ("(" + here[:7] + " of https://127.0.0.1:1/x)", "the server does not reach it"),
            ),
        ):
            with self.subTest(what=what):
                entry = ("40000", "vendor", self.objects.tree([(SUBMODULE, "m", commit)]))
                more = {} if modules is None else {"gitmodules": modules}
                said = self.refused(self.push(entry, home=home, **more), *reads)
                self.assertNotIn("word", said)
                self.assertEqual(self.site.live(), live)
                self.assertFalse([name for name in os.listdir(self.site.www) if name.endswith(".new")])
        self.served()

    def test_more_than_there_should_be(self):
        many = self.objects.tree([(SUBMODULE, f"m{number}", "1" * 40) for number in range(101)])
        self.refused(self.push(("40000", "many", many)), "there are more than 100 submodules")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Pointers(Elsewhere):
    def test_pointers_are_refused_by_path(self):
        pointer, usual = self.objects.blob(POINTER), self.objects.blob("version https://example.org\n" + "x" * 100)
        older = (FILE, "old.bin", self.objects.blob(POINTER.replace("git-lfs", "hawser")))
        static = ("40000", "static", self.objects.tree([(FILE, "logo.png", pointer), (FILE, "usual.png", usual)]))
        for attributes in ("*.png filter=lfs diff=lfs merge=lfs -text\n", "", None):
            with self.subTest(attributes=attributes):
                more = {} if attributes is None else {"gitattributes": attributes}
                said = self.refused(
                    self.push(static, older, **more),
                    "Git LFS has the content of 2 files, and git a pointer to it",
                    "\n    old.bin",
                    "\n    static/logo.png",
                    "`git add --renormalize .`",
                )
                self.assertNotIn("usual.png", said)
        self.good(self.push(static, gitattributes="*.png filter=lfs\nstatic/logo.png -filter\n"))
        self.assertEqual(self.shown("static", "logo.png"), POINTER)

    def test_those_of_a_submodule_too(self):
        other = self.repository("with-lfs", {"a.bin": POINTER})
        entry = (SUBMODULE, "other", other.revision)
        modules = module("other", f"{ADDRESS}/with-lfs")
        self.refused(self.push(entry, gitmodules=modules), "of 1 file, ", "\n    other/a.bin")


if __name__ == "__main__":
    unittest.main()
