"""Static files: which times they get, and when they are compressed."""

import gzip
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "server"))

from engine.guest.greenpush_django.served import apart, settle

LONG = "body { color: red }\n" * 100


class Served(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name

    def write(self, release, name, text, time=None):
        path = self.path(release, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        if time is not None:
            os.utime(path, (time, time))

    def path(self, release, name=""):
        return os.path.join(self.scratch, release, name)

    def settle(self, release, before="", brotli=False):
        return settle(self.path(release), before and self.path(before), brotli)

    def etag(self, release, name):
        """What nginx makes an ETag of."""
        about = os.stat(self.path(release, name))
        return int(about.st_mtime), about.st_size

    def unpacked(self, release, name):
        with gzip.open(self.path(release, name)) as file:
            return file.read().decode()

    def test_a_file_that_is_the_same_keeps_its_validators(self):
        for release, time in (("1", 100), ("2", 200)):
            self.write(release, "css/a.css", LONG, time)
        self.settle("1")
        self.settle("2", "1")
        for name in ("css/a.css", "css/a.css.gz"):
            self.assertEqual(self.etag("2", name), self.etag("1", name))

    def test_a_file_that_has_changed_has_others_whatever_its_time(self):
        for time in (50, 100, 150):
            with self.subTest(time=time):
                self.write("1", "a.css", LONG, 100)
                self.write("2", "a.css", LONG.replace("red", "tan"), time)
                self.settle("1")
                self.settle("2", "1")
                for name in ("a.css", "a.css.gz"):
                    self.assertGreater(self.etag("2", name)[0], self.etag("1", name)[0])
                os.unlink(self.path("1", "a.css.gz"))
                os.unlink(self.path("2", "a.css.gz"))

    def test_what_is_compressed_is_compressed_once(self):
        for release in ("1", "2"):
            self.write(release, "a.css", LONG)
        self.settle("1")
        self.assertEqual(self.unpacked("1", "a.css.gz"), LONG)
        self.settle("2", "1")
        self.assertTrue(os.path.samefile(self.path("1", "a.css.gz"), self.path("2", "a.css.gz")))
        # The file itself is the release's own: somebody may write into it.
        self.assertFalse(os.path.samefile(self.path("1", "a.css"), self.path("2", "a.css")))

    def test_what_does_not_get_smaller_or_is_small_is_not_compressed(self):
        self.write("1", "small.css", LONG[:1000])
        self.write("1", "random.svg", os.urandom(5000))
        self.write("1", "picture.png", LONG)
        self.settle("1")
        self.assertEqual(sorted(os.listdir(self.path("1"))), ["picture.png", "random.svg", "small.css"])

    def test_what_the_application_has_compressed_stays(self):
        own = gzip.compress(LONG.encode(), 1, mtime=7)
        self.write("1", "a.css", LONG, 100)
        self.write("1", "a.css.gz", own, 200)
        self.write("1", "a.css.br", b"of WhiteNoise", 200)
        self.assertEqual(self.settle("1", brotli=True), [])
        with open(self.path("1", "a.css.gz"), "rb") as file:
            self.assertEqual(file.read(), own)
        for name in ("a.css.gz", "a.css.br"):
            self.assertEqual(self.etag("1", name)[0], 100)

    def test_what_is_compressed_of_something_else_is_not_served_for_it(self):
        self.write("1", "a.css", LONG)
        self.write("1", "a.css.gz", gzip.compress(b"as it was"))
        self.write("1", "b.png", b"not empty")
        self.write("1", "b.png.gz", b"\x1f\x8b")
        (said,) = self.settle("1")
        self.assertIn("a.css.gz", said)
        self.assertIn("b.png.gz", said)
        self.assertEqual(self.unpacked("1", "a.css.gz"), LONG)
        self.assertEqual(self.unpacked("1", "b.png.gz"), "not empty")

    def test_that_of_another_content_is_not_taken_over(self):
        self.write("1", "a.css", LONG, 100)
        self.write("1", "a.css.gz", gzip.compress(b"as it was"))
        self.write("2", "a.css", LONG, 200)
        self.settle("2", "1")
        self.assertEqual(self.unpacked("2", "a.css.gz"), LONG)

    def test_a_file_of_an_earlier_release_is_left_as_it_is_there(self):
        self.write("1", "a.0123456789ab.css", LONG, 100)
        os.makedirs(self.path("2"))
        os.link(self.path("1", "a.0123456789ab.css"), self.path("2", "a.0123456789ab.css"))
        self.write("3", "a.0123456789ab.css", LONG[1:], 150)
        self.settle("2", "3")
        self.assertEqual(self.etag("1", "a.0123456789ab.css")[0], 100)

    def test_brotli_is_made_where_the_stack_wants_it(self):
        # As that of the application's virtualenv.
        calls = []
        module = mock.Mock(compress=lambda content: calls.append(content) or b"small")
        with mock.patch.dict(sys.modules, brotli=module):
            for release, before in (("1", ""), ("2", "1")):
                self.write(release, "a.css", LONG)
                self.settle(release, before, brotli=True)
                with open(self.path(release, "a.css.br"), "rb") as file:
                    self.assertEqual(file.read(), b"small")
        self.assertEqual(calls, [LONG.encode()])

    def test_what_is_compressed_is_put_apart(self):
        for name in ("a.css", "a.css.br", "sub/b.css", "sub/b.css.br", "sub/c.css", "d.br"):
            self.write("1", name, name)
        os.symlink("/etc/passwd", self.path("1", "c.css.br"))
        self.write("1", "c.css", LONG)
        apart(self.path("1"), ".br", self.path("apart"))
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.path("apart")) for name in names]
        self.assertEqual(sorted(found), [self.path("apart", "a.css"), self.path("apart", "sub/b.css")])
        self.assertTrue(os.path.samefile(self.path("apart", "sub/b.css"), self.path("1", "sub/b.css.br")))

    def test_links_are_not_followed(self):
        self.write("1", "a.css", LONG)
        os.symlink("a.css", self.path("1", "b.css"))
        os.symlink("/etc", self.path("1", "etc"))
        self.settle("1")
        self.assertEqual(sorted(os.listdir(self.path("1"))), ["a.css", "a.css.gz", "b.css", "etc"])


if __name__ == "__main__":
    unittest.main()
