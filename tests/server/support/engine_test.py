"""What the tests of the engine share."""

import re
import time
import unittest

from support.site import Site


class EngineTest(unittest.TestCase):
    """A site with one release that serves. Each test has to leave it with one that serves."""

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.site.release("first")
        cls.good(cls.site.push())

    @staticmethod
    def good(ended):
        status, said = ended
        assert status == 0, said
        return said

    def bad(self, ended):
        status, said = ended
        self.assertNotEqual(status, 0, said)
        return re.sub(r"^remote: ?", "", said, flags=re.M)

    def served(self):
        page = self.site.page()
        self.assertTrue(page.startswith("HTTP/1.1 200"), page[:300])
        return re.search(r"id=\"version\">(.*?)<", page).group(1)

    def on_server(self, *words):
        return self.site.run("git", "-C", self.site.path("codebase"), *words).stdout.strip()

    def only_runs(self, number):
        """Return whether no other release has a process, once the earlier one has finished."""
        deadline = time.monotonic() + 10
        while set(self.site.processes().values()) != {number} and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(set(self.site.processes().values()), {number})


class RestoredTest(EngineTest):
    """The same, whose clone and site are put back after each test."""

    def setUp(self):
        self.start = self.site.git("rev-parse", "HEAD")
        self.addCleanup(self.back)

    def back(self):
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.good(self.site.push("--force", "HEAD:main"))
