"""home.py: each kind of line, with each verb."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import ACCOUNT, ANOTHER, KEY, NGINX, HomeTest, as_root  # the line before finds it

MINE = f"{ACCOUNT.pw_name}:{ACCOUNT.pw_name}"


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


class Kinds(HomeTest):
    """Each: apply, apply again, probe; change by hand, with each change found and repaired; undo."""

    def check(self, lines, changes, before=()):
        """`changes`: what somebody does, and the sentence of the probe. `before`: what was there, and undo restores."""
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


if __name__ == "__main__":
    as_root()
    unittest.main()
