"""home.py: each kind of line that it knows, by each verb; what it refuses; ended at each of its steps."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import ACCOUNT, NGINX, OTHER, HomeTest, as_account, as_root  # noqa: E402 # the line before finds it
from support.swap import swap  # noqa: E402

MINE = f"{ACCOUNT.pw_name}:{ACCOUNT.pw_name}"
KEY, ANOTHER = "ssh-ed25519 AAAAkey ours", "ssh-ed25519 AAAAother theirs"


# Writes without end where another process writes to.
FLOOD = """
import ctypes, os, sys
call = ctypes.CDLL(None).syscall
output = call(438, call(434, int(sys.argv[1]), 0), 1, 0)
while True: os.write(output, b"x" * 65536)
"""


def owned_by_root(path):
    os.chown(path, 0, 0, follow_symlinks=False)


def a_file_instead(test, path, text="by hand\n"):
    (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
    test.put(path, text)


def a_link_instead(test, path):
    (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
    test.link(path, test.outside)


def a_folder_instead(test, path):
    os.unlink(path)
    test.folder(path)


def empty(path):
    for folder, folders, files in os.walk(path, topdown=False):
        for name in files:
            os.unlink(os.path.join(folder, name))
        for name in folders:
            os.rmdir(os.path.join(folder, name))


class Kinds(HomeTest):
    """Each: applied, applied again, looked at; changed by hand in several ways, each told and mended; taken back."""

    def check(self, lines, changes, before=()):
        """`changes`: what somebody does, and the sentence of the probe. `before`: what is given back as it was."""
        for make in before:
            make()
        was = self.seen(self.home)
        self.assertNotEqual(self.apply(*lines), [])
        made, journal = self.seen(self.home), self.noted()
        self.assertEqual(self.apply(*lines), [], "an apply of what is there")
        self.assertEqual(self.seen(self.home), made)
        self.assertEqual(sorted(self.noted().split()), sorted(journal.split()))
        self.assertEqual(self.probe(*lines), [])
        for change, says in changes:
            with self.subTest(says):
                change()
                self.assertEqual(self.probe(*lines), [says])
                said = self.apply(*lines)
                self.assertNotEqual(said, [])
                self.assertEqual([line for line in said if not line.startswith("note\t")], [])
                self.assertEqual(self.seen(self.home), made)
                self.assertEqual(self.probe(*lines), [])
        self.assertEqual(self.undo(), [])
        self.assertEqual(self.seen(self.home), was)

    def test_directory(self):
        path = self.path("d")
        changes = [
            (lambda: os.rmdir(path), "~/d: the directory is missing"),
            (lambda: a_file_instead(self, path), "~/d: is a file, wanted a directory"),
            (lambda: a_link_instead(self, path), f"~/d: is a link to {self.outside}, wanted a directory"),
            (lambda: os.chmod(path, 0o777), "~/d: mode is 777, wanted 2750"),
            (lambda: owned_by_root(path), f"~/d: belongs to root:root, wanted {ACCOUNT.pw_name}:www-data"),
        ]
        self.check([f"directory\t{path}\t2750\twww-data"], changes)

    def test_directory_that_was_a_file(self):
        path = self.path("d")
        self.check([f"directory\t{path}\t750"], [], before=[lambda: self.put(path, "of before")])

    def test_file(self):
        path, source = self.path("f"), os.path.join(self.scratch, "source")
        self.put(source, "one\ntwo\n", owner=0)
        changes = [
            (lambda: os.unlink(path), "~/f: the file is missing"),
            (lambda: self.put(path, "one\n2\n", mode=0o640), '~/f: line 2 is "2", wanted "two"'),
            (lambda: a_folder_instead(self, path), "~/f: is a directory, wanted a file"),
            (lambda: a_link_instead(self, path), f"~/f: is a link to {self.outside}, wanted a file"),
            (lambda: os.chmod(path, 0o600), "~/f: mode is 600, wanted 640"),
            (lambda: owned_by_root(path), f"~/f: belongs to root:root, wanted {MINE}"),
            (lambda: os.truncate(path, 10**12), "~/f: has more than 1000000 bytes"),
        ]
        self.check([f"file\t{path}\t640\t{source}"], changes)

    def test_file_that_was_another(self):
        path, source = self.path("f"), os.path.join(self.scratch, "source")
        self.put(source, "ours\n", owner=0)
        self.check([f"file\t{path}\t755\t{source}"], [], before=[lambda: self.put(path, "of before", mode=0o700)])

    def test_link(self):
        path = self.path("l")
        changes = [
            (lambda: os.unlink(path), "~/l: the link to live/bin is missing"),
            (lambda: a_link_instead(self, path), f"~/l: links to {self.outside}, wanted live/bin"),
            (lambda: a_file_instead(self, path), "~/l: is a file, wanted a link to live/bin"),
        ]
        self.check([f"link\t{path}\tlive/bin"], changes)

    def test_link_that_was_a_file(self):
        path = self.path("l")
        self.check([f"link\t{path}\tlive/bin"], [], before=[lambda: self.put(path, "of before")])

    def test_mode(self):
        path = self.path("m")
        changes = [
            (lambda: os.chmod(path, 0o700), "~/m: mode is 700, wanted 710"),
            (lambda: owned_by_root(path), f"~/m: belongs to root:root, wanted {ACCOUNT.pw_name}:www-data"),
        ]
        self.check([f"mode\t{path}\t710\twww-data"], changes, before=[lambda: self.folder(path)])

    def test_owned(self):
        tree, file = self.path("t"), self.path("t", "a", "b")
        self.put(file)
        owned_by_root(file)
        self.link(self.path("t", "link"), self.outside)
        owned_by_root(self.path("t", "link"))
        line = f"owned\t{tree}"
        self.assertEqual(self.probe(line), [f"~/t/a/b: belongs to root, wanted {ACCOUNT.pw_name}"])
        self.assertEqual(len(self.apply(line)), 1)
        self.assertEqual((os.stat(file).st_uid, os.stat(file).st_gid), (ACCOUNT.pw_uid, ACCOUNT.pw_gid))
        self.assertEqual((self.probe(line), self.apply(line)), ([], []))

    def test_shared(self):
        tree = self.path("media")
        self.put(self.path("media", "a", "photo"))
        self.put(self.path("media", "program"), mode=0o755)
        # As only who belongs to the file's group may set it.
        os.chmod(self.path("media", "program"), 0o2755)
        os.link(self.path("media", "program"), self.path("another-name"))
        self.put(self.path("media", "own"), mode=0o755)
        os.chmod(self.path("media", "own"), 0o6755)
        lines = [f"shared\t{tree}\twww-data", f"directory\t{tree}\t2750\twww-data"]
        self.apply(*lines)
        modes = {
            name: (oct(found[0] and int(found[0], 8) & 0o7777), found[2]) for name, found in self.seen(tree).items()
        }
        self.assertEqual(
            modes,
            {
                "a": ("0o2755", NGINX.gr_gid),
                "a/photo": ("0o644", NGINX.gr_gid),
                # Nobody's program runs with the group's rights: neither as it was nor by another name.
                "own": ("0o755", NGINX.gr_gid),
                "program": ("0o2755", ACCOUNT.pw_gid),
            },
        )
        self.assertEqual((self.apply(*lines), self.probe(*lines)), ([], []))

    def test_keys(self):
        path, source = self.path(".ssh", "authorized_keys"), os.path.join(self.scratch, "keys")
        self.put(source, f"{KEY}\n", owner=0)
        self.folder(self.path(".ssh"), 0o700)
        changes = [
            (lambda: self.put(path, f"{ANOTHER}\n", mode=0o600), "~/.ssh/authorized_keys: the key ours is missing"),
            (lambda: self.put(path, f"{KEY}\n", mode=0o644), "~/.ssh/authorized_keys: mode is 644, wanted 600"),
        ]
        line = f"keys\t{path}\t{source}"
        self.put(path, f"{ANOTHER}\n", mode=0o640)
        was = self.seen(self.home)
        self.apply(line)
        for change, says in changes:
            change()
            self.assertEqual(self.probe(line), [says])
            self.apply(line)
            self.assertEqual(self.probe(line), [])
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{ANOTHER}\n")
        self.assertEqual(self.apply(line), [])
        self.undo()
        self.assertEqual(self.seen(self.home), was)

    def test_repository(self):
        codebase = self.path("codebase")
        line = f"repository\t{codebase}"
        below = f"directory\t{codebase}/.git/hooks\t755"
        self.assertEqual(self.probe(line, below), ["~/codebase: the repository is missing"])
        self.git(codebase, "init", "--quiet", "--initial-branch", "main")
        self.assertEqual((self.apply(line), self.probe(line)), ([], []))

    def test_settings_of_git(self):
        codebase = self.path("codebase")
        config = self.path("codebase", ".git", "config")
        self.git(codebase, "init", "--quiet", "--initial-branch", "main")
        self.git(codebase, "config", "receive.denyCurrentBranch", "of before")
        said = f"git setting receive.denyCurrentBranch in {codebase} is".replace(self.home, "~")
        changes = [
            (
                lambda: self.git(codebase, "config", "receive.denyCurrentBranch", "refuse"),
                f'{said} "refuse", wanted "ignore"',
            ),
            (
                lambda: self.git(codebase, "config", "--unset-all", "receive.denyCurrentBranch"),
                f'{said} "", wanted "ignore"',
            ),
        ]
        lines = [f"setting\t{codebase}\treceive.denyCurrentBranch\tignore"]
        self.apply(*lines)
        for change, says in changes:
            change()
            self.assertEqual(self.probe(*lines), [says])
            self.apply(*lines)
            self.assertEqual(self.probe(*lines), [])
        self.undo()
        with open(config, encoding="utf-8") as file:
            self.assertIn("of before", file.read())

    def test_head_and_tree(self):
        codebase, head = self.path("codebase"), self.path("codebase", ".git", "HEAD")
        self.git(codebase, "init", "--quiet", "--initial-branch", "main")
        self.put(self.path("codebase", "page.py"), "one\n")
        self.git(codebase, "add", "page.py")
        self.git(codebase, "-c", "user.name=A test", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "One")
        lines = [f"head\t{codebase}\tmain", f"tree\t{codebase}\tmain"]
        self.assertEqual((self.apply(*lines), self.probe(*lines)), ([], []))
        changes = [
            (
                lambda: self.put(head, "ref: refs/heads/other\n"),
                'HEAD of ~/codebase is "refs/heads/other", wanted refs/heads/main',
            ),
            (lambda: os.unlink(head), 'HEAD of ~/codebase is "", wanted refs/heads/main'),
            (lambda: a_link_instead(self, head), 'HEAD of ~/codebase is "", wanted refs/heads/main'),
            (lambda: self.put(self.path("codebase", "page.py"), "2\n"), "~/codebase: page.py is not as in main"),
        ]
        for change, says in changes:
            change()
            self.assertEqual(self.probe(*lines), [says])
            self.apply(*lines)
            self.assertEqual(self.probe(*lines), [])

    def test_environment(self):
        self.put(self.path("www", "releases", "3", "release.json"), '{"state": "live"}')
        self.put(self.path("www", "releases", "3", "env"), "A=secret\n", mode=0o600)
        self.link(self.path("www", "live"), "releases/3")
        copy = self.path("www", "var", "env")
        line = f"environment\t{self.path('www')}"
        self.assertEqual(self.probe(line), ["~/www/var/env: the file is missing"])
        self.put(copy, "A=typed\n", mode=0o600)
        self.assertEqual(self.probe(line), ["~/www/var/env: the content was changed"])
        self.put(copy, "A=secret\n", mode=0o640)
        self.assertEqual(self.probe(line), ["~/www/var/env: mode is 640, wanted 600"])
        os.chmod(copy, 0o600)
        self.assertEqual(self.probe(line), [])
        # Whose text it would be compared with.
        os.unlink(self.path("www", "releases", "3", "env"))
        self.link(self.path("www", "releases", "3", "env"), os.path.join(self.outside, "secret"))
        self.assertEqual(self.probe(line), [])

    def test_gone(self):
        self.put(self.path("old", "a", "b"))
        self.link(self.path("old", "link"), self.outside)
        line = f"gone\t{self.path('old')}"
        self.assertEqual((len(self.apply(line)), self.apply(line)), (1, []))
        self.assertEqual(os.listdir(self.home), [])


class Refused(HomeTest):
    """What an account may put into its home to have root read, change or give away something else."""

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
        # As passwd(1) does it: the file of before has one name now, the account's.
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
        # Of what git has started, some holds on to all that git has; some writes to git's own output.
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
        """Whatever stands there at which moment: what is root's stays as it is, which the end of each test looks at."""
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


def as_account_ended(work, *arguments):
    _, status = os.waitpid(as_account(work, *arguments), 0)
    assert status == 0


def deepen(path, levels):
    os.chdir(path)
    for _ in range(levels):
        os.mkdir("d")
        os.chdir("d")


class Interrupted(HomeTest):
    """Ended before each call that changes something: the next apply finishes the work, and all is taken back."""

    def describe(self):
        source, keys = os.path.join(self.scratch, "source"), os.path.join(self.scratch, "keys")
        self.put(source, "ours\n", owner=0)
        self.put(keys, f"{KEY}\n", owner=0)
        self.put(self.path("f"), "of before\n")
        self.put(self.path("w"), "in the way\n")
        self.folder(self.path("m"))
        self.folder(self.path(".ssh"), 0o755)
        self.put(self.path(".ssh", "authorized_keys"), f"{ANOTHER}\n", mode=0o644)
        return [
            f"mode\t{self.path('m')}\t710\twww-data",
            f"directory\t{self.path('.ssh')}\t700",
            f"keys\t{self.path('.ssh', 'authorized_keys')}\t{keys}",
            f"directory\t{self.path('d')}\t750",
            f"directory\t{self.path('d', 'e')}\t2750\twww-data",
            f"directory\t{self.path('w')}\t750",
            f"file\t{self.path('d', 'g')}\t644\t{source}",
            f"file\t{self.path('f')}\t755\t{source}",
            f"link\t{self.path('d', 'l')}\tf",
        ]

    def afresh(self):
        empty(self.home)
        for name in ("made", "made.new"):
            if os.path.exists(os.path.join(self.record, name)):
                os.unlink(os.path.join(self.record, name))
        lines = self.describe()
        return lines, self.seen(self.home)

    def test_at_each_step(self):
        lines, _ = self.afresh()
        self.apply(*lines)
        whole, journal = self.seen(self.home), set(self.noted().split("\n"))
        for step in range(1, 1000):
            lines, was = self.afresh()
            ended = self.apply(*lines, end=step) is None
            with self.subTest(f"apply ended at step {step}"):
                self.apply(*lines)
                self.assertEqual(self.seen(self.home), whole)
                self.assertEqual(self.probe(*lines), [])
                self.assertEqual(set(self.noted().split("\n")), journal)
                self.undo()
                self.assertEqual(self.seen(self.home), was)
            if not ended:
                break
        self.assertGreater(step, 30)
        for step in range(1, 1000):
            lines, was = self.afresh()
            self.apply(*lines)
            ended = self.undo(end=step) is None
            with self.subTest(f"undo ended at step {step}"):
                self.undo()
                self.assertEqual(self.seen(self.home), was)
            if not ended:
                break
        self.assertGreater(step, 10)


if __name__ == "__main__":
    as_root()
    unittest.main()
