"""home.py: what an account may put into its home, and what home.py refuses or gives up on."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import ACCOUNT, KEY, OTHER, HomeTest, as_account, as_root  # the line before finds it
from support.swap import swap

# Writes endlessly to another process's output.
FLOOD = """
import ctypes, os, sys
call = ctypes.CDLL(None).syscall
output = call(438, call(434, int(sys.argv[1]), 0), 1, 0)
while True: os.write(output, b"x" * 65536)
"""


def as_account_ended(work, *arguments):
    _, status = os.waitpid(as_account(work, *arguments), 0)
    assert status == 0


def deepen(path, levels):
    os.chdir(path)
    for _ in range(levels):
        os.mkdir("d")
        os.chdir("d")


class Attacks(HomeTest):
    """What an account may put into its home to make root read, change or give away something else."""

    def fails(self, *lines, **how):
        """Why an apply does not go on."""
        said = self.apply(*lines, **how)[-1].split("\t")
        self.assertEqual(said[0], "fail", said)
        self.assertNotEqual(said[2], "")
        return said[1].replace(self.home, "~")

    def test_folders_on_the_way_that_are_links(self):
        source = os.path.join(self.scratch, "source")
        self.put(source, f"{KEY}\n", owner=0)
        self.link(self.path("way"), self.outside)
        for line in (
            f"directory\t{self.path('way', 'new')}\t755",
            f"mode\t{self.path('way', 'secret')}\t644",
            f"file\t{self.path('way', 'file')}\t644\t{source}",
            f"link\t{self.path('way', 'l')}\tx",
            f"keys\t{self.path('way', 'authorized_keys')}\t{source}",
            f"head\t{self.path('way')}\tmain",
            f"gone\t{self.path('way', 'secret')}",
        ):
            with self.subTest(line):
                if not line.startswith("gone"):
                    self.assertIn("~/way", self.fails(line))
                self.assertNotIn("eyes", "".join(self.probe(line)))
        for line in (
            f"owned\t{self.path('way')}",
            f"shared\t{self.path('way')}\twww-data",
            f"gone\t{self.path('way')}",
        ):
            self.apply(line)

    def test_what_belongs_to_another(self):
        self.folder(self.path("d"))
        self.put(self.path("d", "f"), owner=OTHER.pw_uid)
        os.chown(self.path("d", "f"), OTHER.pw_uid, OTHER.pw_gid)
        says = f"~/d/f: belongs to {OTHER.pw_name}, wanted {ACCOUNT.pw_name}"
        self.assertEqual(self.fails(f"mode\t{self.path('d', 'f')}\t600"), says)
        self.assertEqual(self.fails(f"owned\t{self.path('d')}"), says)
        os.chown(self.path("d"), OTHER.pw_uid, OTHER.pw_gid)
        for line in (f"directory\t{self.path('d')}\t700", f"directory\t{self.path('d', 'e')}\t700"):
            self.assertEqual(self.fails(line), f"~/d: belongs to {OTHER.pw_name}, wanted {ACCOUNT.pw_name}")

    def test_hard_links_of_what_is_roots(self):
        secret, linked = os.path.join(self.outside, "secret"), self.path("d", "f")
        self.folder(self.path("d"))
        os.link(secret, linked)
        for line in (f"mode\t{linked}\t644", f"owned\t{self.path('d')}"):
            self.assertEqual(self.fails(line), "~/d/f has 2 names")
        # Like passwd(1), which replaces the file: the old file now has one name, the account's.
        self.put(f"{secret}.new", "for root's eyes\n", owner=0, mode=0o600)
        os.rename(f"{secret}.new", secret)
        for line in (f"mode\t{linked}\t644", f"owned\t{self.path('d')}"):
            why = self.fails(line, hard_links_are_guarded=lambda: False)
            self.assertIn("~/d/f: belongs to root, and fs.protected_hardlinks is off", why)
            self.assertEqual(os.stat(linked).st_uid, 0)

    def test_what_is_no_file_or_has_no_end(self):
        source = os.path.join(self.scratch, "source")
        self.put(source, f"{KEY}\n", owner=0)
        self.git(self.path("codebase"), "init", "--quiet", "--initial-branch", "main")
        keys, config = self.path("keys"), self.path("codebase", ".git", "config")
        head = self.path("codebase", ".git", "HEAD")
        lines = [
            f"keys\t{keys}\t{source}",
            f"setting\t{self.path('codebase')}\tcore.bare\tfalse",
            f"head\t{self.path('codebase')}\tmain",
        ]
        made = {
            "a pipe": os.mkfifo,
            "an endless device": lambda path: os.symlink("/dev/zero", path),
            "a terabyte": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 10**12),
            "a link to itself": lambda path: os.symlink(path, path),
            "a folder": os.mkdir,
        }
        for what, make in made.items():
            with self.subTest(what):
                for path in (keys, config, head):
                    if os.path.lexists(path):
                        (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
                    make(path)
                    os.lchown(path, ACCOUNT.pw_uid, ACCOUNT.pw_gid)
                said = self.probe(*lines)
                self.assertGreaterEqual(len(said), 2, said)
                for sentence in said:
                    self.assertRegex(sentence, r"keys|codebase")
                self.apply(lines[0])
                self.assertEqual(self.probe(lines[0]), [])

    def test_a_line_of_the_journal_that_the_account_wrote(self):
        self.git(self.path("codebase"), "init", "--quiet", "--initial-branch", "main")
        value = f"x\ntree\t{self.outside}\nmode\t{self.outside}/secret\t666 root:root"
        self.git(self.path("codebase"), "config", "core.hooksPath", value)
        self.apply(f"setting\t{self.path('codebase')}\tcore.hooksPath\tfalse")
        self.assertEqual(self.noted(), f"setting\t{self.path('codebase')}\tcore.hooksPath\t\n")
        self.assertEqual(self.undo(), [])

    def test_git_that_does_not_end_or_does_not_stop(self):
        codebase, program = self.path("codebase"), self.path("program")
        self.git(codebase, "init", "--quiet", "--initial-branch", "main")
        self.put(self.path("codebase", "page.py"), "one\n")
        self.git(codebase, "add", "page.py")
        self.git(codebase, "-c", "user.name=A test", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "One")
        self.git(codebase, "config", "core.fsmonitor", program)
        line = f"tree\t{codebase}\tmain"
        # Of the programs that git starts, some keep git's descriptors open, and some write to git's own output.
        ways = {
            "sleep 1000": r"git diff in ~/codebase did not end in 1 s",
            "setsid sleep 1000 & sleep 1000": r"git diff in ~/codebase did not end in 1 s",
            "kill -STOP $PPID": r"git diff in ~/codebase did not end in 1 s",
            f"exec /usr/bin/python3 -c '{FLOOD}' $PPID": r"^~/codebase: x+\.\.\. is not as in main$",
        }
        for way, says in ways.items():
            with self.subTest(way):
                self.put(program, f"#!/bin/sh\n{way}\n", mode=0o755)
                self.assertRegex("".join(self.probe(line, PROBE_GIT_LIMIT=1)), says)
        asked = self.path("asked")
        self.put(program, f"#!/bin/sh\necho >>{asked}\nsleep 1000\n", mode=0o755)
        self.assertEqual(len(self.probe(line, line, PROBE_GIT_LIMIT=1)), 1)
        with open(asked, encoding="utf-8") as file:
            self.assertEqual(file.read(), "\n", "git was asked again")
        self.put(program, "#!/bin/sh\n", mode=0o755)
        self.put(self.path("codebase", ".git", "index"), "torn")
        self.assertEqual(self.probe(line), ["~/codebase: git can't compare it with main"])
        children = as_account(lambda: os.kill(-1, signal.SIGKILL))
        os.waitpid(children, 0)

    def test_names_that_a_terminal_obeys(self):
        path = self.path("l")
        self.link(path, "\x1b]0;x\x07\u009b31m\u202eevil\u2066\nfail\tx")
        (said,) = self.probe(f"link\t{path}\ttarget")
        self.assertTrue(said.isprintable(), ascii(said))
        self.git(self.path("codebase"), "init", "--quiet", "--initial-branch", "main")
        self.put(self.path("codebase", ".git", "HEAD"), "ref: \x1b[2J" + "x" * 900_000)
        (said,) = self.probe(f"head\t{self.path('codebase')}\tmain")
        self.assertTrue(said.isprintable() and len(said) < 400, ascii(said[:400]))

    def test_the_name_aside_is_taken(self):
        source = os.path.join(self.scratch, "source")
        self.put(source, f"{KEY}\n", owner=0)
        for name in ("keys", "f", "l"):
            self.put(self.path(f"{name}.greenpush", "x"))
        lines = [
            f"keys\t{self.path('keys')}\t{source}",
            f"file\t{self.path('f')}\t644\t{source}",
            f"link\t{self.path('l')}\tx",
        ]
        self.apply(*lines)
        self.assertEqual(self.probe(*lines), [])

    def test_a_tree_that_is_deep_or_has_what_is_others(self):
        top = self.path("tree")
        self.put(self.path("tree", "folder", "file"))
        os.chmod(self.path("tree", "folder"), 0o000)
        self.link(self.path("tree", "link"), self.outside)
        os.mkfifo(self.path("tree", "pipe"))
        as_account_ended(deepen, top, 3000)
        self.assertEqual(self.probe(f"owned\t{top}", MOST_ENTRIES=100_000), [])
        self.assertEqual(self.probe(f"owned\t{top}", MOST_ENTRIES=100), ["~/tree has more than 100 entries"])
        self.assertEqual(self.run_helper("undo", f"tree\t{top}"), [])
        self.assertEqual(os.listdir(self.home), [])
        theirs = self.path("tree", "theirs")
        self.put(os.path.join(theirs, "file"))
        for path in (theirs, os.path.join(theirs, "file")):
            os.chown(path, OTHER.pw_uid, OTHER.pw_gid)
        self.run_helper("undo", f"tree\t{top}")
        self.assertEqual(sorted(self.seen(self.home)), ["tree", "tree/theirs", "tree/theirs/file"])

    def test_swapped_all_the_time(self):
        """Whatever is in the home at any moment, files of root stay as they are. Each test checks that at its end."""
        source = os.path.join(self.scratch, "source")
        self.put(source, f"{KEY}\n", owner=0)
        self.git(self.path("www", "codebase"), "init", "--quiet", "--initial-branch", "main")
        names = ("www", ".ssh", "www/var", "www/codebase/.git", "www/media", ".ssh/authorized_keys", "www/file")
        pairs = []
        for name in names:
            path = self.path(name)
            (self.put if "file" in name or "keys" in name else self.folder)(path)
            target = os.path.join(self.outside, os.path.basename(name)) if "keys" in name else self.outside
            other = self.path(f"swap-{len(pairs)}")
            if name == "www/media":
                self.put(other, "#!/bin/sh\n", mode=0o755)
            else:
                self.link(other, target)
            pairs += [path, other]
        lines = [
            f"directory\t{self.path('.ssh')}\t700",
            f"keys\t{self.path('.ssh', 'authorized_keys')}\t{source}",
            f"directory\t{self.path('www')}\t710\twww-data",
            f"directory\t{self.path('www', 'var')}\t710\twww-data",
            f"directory\t{self.path('www', 'var', 'log')}\t750",
            f"shared\t{self.path('www', 'media')}\twww-data",
            f"directory\t{self.path('www', 'media')}\t2750\twww-data",
            f"file\t{self.path('www', 'file')}\t644\t{source}",
            f"owned\t{self.path('www', 'codebase', '.git')}",
            f"setting\t{self.path('www', 'codebase')}\tcore.bare\tfalse",
            f"head\t{self.path('www', 'codebase')}\tmain",
        ]
        swapper = as_account(swap, *pairs)
        try:
            for round_ in range(100):
                self.run_helper(("apply", "probe")[round_ % 2], *lines)
                if round_ % 5 == 4:
                    undone = [f"tree\t{self.path('www', 'var')}", f"key\t{self.path('.ssh', 'authorized_keys')}\t{KEY}"]
                    modes = [f"mode\t{self.path('www', 'media')}\t2750 {ACCOUNT.pw_name}:www-data"]
                    self.run_helper("undo", *undone, *modes)
        finally:
            os.kill(swapper, signal.SIGKILL)
            os.waitpid(swapper, 0)
        for name, (mode, uid, gid, _) in self.seen(self.home).items():
            self.assertEqual(uid, ACCOUNT.pw_uid, name)
            if mode and int(mode, 8) & 0o170000 == 0o100000:
                self.assertEqual(int(mode, 8) & 0o6000, 0, f"{name} runs with the rights of {gid}")


if __name__ == "__main__":
    as_root()
    unittest.main()
