"""server/lib/files.sh: each function, with each verb, in a scratch folder."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest


class Files(LibraryTest):
    """Files, folders and links of root's."""

    def a_file_instead(self, path):
        self.clear(path)
        self.put(path, "by hand\n")

    def a_folder_instead(self, path):
        self.clear(path)
        os.mkdir(path)

    def a_link_instead(self, path):
        self.clear(path)
        os.symlink("/elsewhere", path)

    @staticmethod
    def clear(path):
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        else:
            os.unlink(path)

    def test_directory(self):
        path = self.path("d")
        self.check(
            f"gp_directory {path} 750 root:daemon",
            [
                (lambda: os.rmdir(path), "~/d: the directory is missing"),
                (lambda: self.a_file_instead(path), "~/d: is a file, wanted a directory"),
                (lambda: self.a_link_instead(path), "~/d: is a link to /elsewhere, wanted a directory"),
                (lambda: os.chmod(path, 0o777), "~/d: mode is 777, wanted 750"),
                (lambda: os.chown(path, 1, 0), "~/d: belongs to daemon:root, wanted root:daemon"),
            ],
        )

    def test_directory_that_was_there(self):
        path = self.path("d")
        self.check(f"gp_directory {path} 755 root", before=[lambda: os.mkdir(path, 0o700)])

    def test_directory_where_a_file_was(self):
        path = self.path("d")
        self.check(f"gp_directory {path} 755 root", before=[lambda: self.put(path, "of before\n")])

    def test_directory_that_something_was_put_into(self):
        path = self.path("d")
        self.apply(f"gp_directory {path} 755 root")
        self.put(os.path.join(path, "theirs"))
        self.remove(f"gp_directory {path} 755 root")
        self.assertEqual(os.listdir(path), ["theirs"])

    def test_mode(self):
        path = self.path("m")
        self.check(
            f"gp_mode {path} 640 root",
            [
                (lambda: os.chmod(path, 0o666), "~/m: mode is 666, wanted 640"),
                (lambda: os.chown(path, 1, 1), "~/m: belongs to daemon:daemon, wanted root:root"),
            ],
            before=[lambda: self.put(path, mode=0o600)],
        )

    def test_file(self):
        path = self.path("f")
        self.check(
            f"printf 'one\\ntwo\\n' | gp_file {path} 640 root:daemon",
            [
                (lambda: os.unlink(path), "~/f: the file is missing"),
                (lambda: self.put(path, "one\n2\n", 0o640), '~/f: line 2 is "2", wanted "two"'),
                (lambda: self.put(path, "one\nnew\ntwo\n", 0o640), '~/f: line 2 "new" was added'),
                (lambda: self.put(path, "one\ntwo\nnew\n", 0o640), '~/f: line 3 "new" was added'),
                (lambda: self.put(path, "two\n", 0o640), '~/f: line 1 "one" is missing'),
                (lambda: self.put(path, "one\ntwo", 0o640), "~/f: the end of the last line differs"),
                (lambda: self.a_folder_instead(path), "~/f: is a directory, wanted a file"),
                (lambda: self.a_link_instead(path), "~/f: is a link to /elsewhere, wanted a file"),
                (lambda: os.chmod(path, 0o600), "~/f: mode is 600, wanted 640"),
                (lambda: os.chown(path, 1, 1), "~/f: belongs to daemon:daemon, wanted root:daemon"),
            ],
        )

    def test_file_that_was_another(self):
        path = self.path("f")
        changes = [(lambda: os.unlink(path), "~/f: the file is missing")]
        before = [lambda: self.put(path, "of before\n", 0o600)]
        self.check(f"echo ours | gp_file {path} 644 root", changes, before)

    def test_file_where_a_link_was(self):
        path = self.path("f")
        self.check(f"echo ours | gp_file {path} 644 root", before=[lambda: os.symlink("/elsewhere", path)])

    def test_file_that_was_the_same(self):
        path = self.path("f")
        before = [lambda: self.put(path, "ours\n", 0o600)]
        self.check(f"echo ours | gp_file {path} 644 root", before=before)

    def test_file_with_a_secret(self):
        path = self.path("f")
        changes = [(lambda: self.put(path, "secret\n"), "~/f: the content was changed")]
        self.check(f"hidden=yes; echo ours | gp_file {path} 644 root", changes)

    def test_file_by_another_text_later(self):
        path = self.path("f")
        self.put(path, "of before\n")
        self.apply(f"echo ours | gp_file {path} 644 root")
        self.assertEqual(self.apply(f"echo newer | gp_file {path} 644 root"), ["changes ~/f"])
        self.remove(f"echo newer | gp_file {path} 644 root")
        self.assertEqual(self.read(path), "of before\n")

    def test_files(self):
        folder, one, two = self.path("d"), self.path("d", "one"), self.path("d", "in", "two")
        listed = "==> one <==\\n1\\n\\n==> in/two <==\\n2\\n\\n22\\n"
        self.check(
            f"gp_directory {folder} 755 root; printf '{listed}' | gp_files {folder} 644 root; gp_tree {folder}",
            [
                (lambda: os.unlink(one), "~/d/one: the file is missing"),
                (lambda: self.put(two, "2\n22\n"), '~/d/in/two: line 2 "" is missing'),
                (lambda: os.chmod(two, 0o600), "~/d/in/two: mode is 600, wanted 644"),
                (lambda: self.a_link_instead(one), "~/d/one: is a link to /elsewhere, wanted a file"),
                (lambda: self.moved(one), "~/d/one: is a link to ~~/one, wanted a file"),
            ],
        )

    def moved(self, path):
        """A link stands there to what stood there."""
        to = os.path.join(self.scratch, os.path.basename(path))
        os.rename(path, to)
        os.symlink(to, path)

    def test_link(self):
        path = self.path("l")
        self.check(
            f"gp_link {path} /wanted",
            [
                (lambda: os.unlink(path), "~/l: the link to /wanted is missing"),
                (lambda: self.a_link_instead(path), "~/l: links to /elsewhere, wanted /wanted"),
                (lambda: self.a_file_instead(path), "~/l: is a file, wanted a link to /wanted"),
            ],
        )

    def test_link_where_a_file_was(self):
        path = self.path("l")
        self.check(f"gp_link {path} /wanted", before=[lambda: self.put(path, "of before\n")])

    def test_set_aside(self):
        for name, make in {"f": self.put, "l": lambda path: os.symlink("/elsewhere", path)}.items():
            with self.subTest(name):
                path = self.path(name)
                again = [(lambda path=path: self.put(path), f"~/{name}: is there again, wanted away")]
                self.check(f"gp_set_aside {path}", again, before=[lambda make=make, path=path: make(path)])

    def test_absent(self):
        path = self.path("d")
        line = f"gp_absent {path} 'overrides ours'"
        os.mkdir(path)
        self.put(os.path.join(path, "f"))
        self.assertEqual(self.probe_unapplied(line), ["~/d: overrides ours, wanted away"])
        self.assertEqual(self.apply(line), ["removes ~/d, which overrides ours"])
        self.assertEqual((self.apply(line), self.probe(line)), ([], []))
        self.remove(line)
        self.assertEqual(os.listdir(self.files), [])

    def probe_unapplied(self, line):
        """The sentences of a probe of what was never applied, but for those about the record."""
        return [said for said in self.probe(line) if "records" not in said]

    def test_tree(self):
        path = self.path("d")
        lines = f"gp_directory {path} 755 root; gp_tree {path}"
        self.apply(lines)
        os.makedirs(os.path.join(path, "theirs", "too"))
        self.assertEqual((self.apply(lines), self.probe(lines)), ([], []))
        self.remove(lines)
        self.assertFalse(os.path.exists(path))

    def test_tree_that_was_there(self):
        path = self.path("d")
        lines = f"gp_directory {path} 755 root; gp_tree {path}; echo ours | gp_file {path}/ours 644 root"
        os.mkdir(path)
        self.put(os.path.join(path, "theirs"))
        self.apply(lines)
        self.remove(lines)
        self.assertEqual(os.listdir(path), ["theirs"])

    def test_what_is_described_no_longer(self):
        one, two = self.path("one"), self.path("two")
        self.put(two, "of before\n")
        self.apply(f"echo ours | gp_file {one} 644 root; echo ours | gp_file {two} 644 root")
        self.assertEqual(self.apply(":"), ["undoes replaced\t~/two", "undoes file\t~/one"])
        self.assertEqual((os.listdir(self.files), self.read(two)), (["two"], "of before\n"))
        self.assertEqual(self.journal(), [])

    def test_what_somebody_put_in_its_place_is_kept(self):
        path = self.path("f")
        self.apply(f"echo ours | gp_file {path} 644 root")
        os.unlink(path)
        os.mkdir(path)
        self.put(os.path.join(path, "theirs"))
        self.apply(f"echo ours | gp_file {path} 644 root")
        (aside,) = os.listdir(os.path.join(self.record, "aside"))
        self.assertEqual(os.listdir(os.path.join(self.record, "aside", aside)), ["theirs"])

    def test_an_apply_that_was_cut_off(self):
        one, two = self.path("one"), self.path("two")
        self.put(two, "of before\n")
        lines = f"echo ours | gp_file {one} 644 root; echo ours | gp_file {two} 644 root; %s"
        self.run_verb("apply", lines % "kill -KILL $$")
        self.assertTrue(os.path.exists(os.path.join(self.record, "applying")))
        self.apply(lines % "")
        self.assertEqual(self.journal(), [f"file\t{one}", f"replaced\t{two}"])
        self.remove(lines % "")
        self.assertEqual((os.listdir(self.files), self.read(two)), (["two"], "of before\n"))


if __name__ == "__main__":
    as_root()
    unittest.main()
