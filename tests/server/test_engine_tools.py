"""What a person reads where uv, which `pulumi up` brings, is missing on the server."""

import os
import unittest
from glob import glob

from support.engine_test import EngineTest

ADVICE = "Run `npx pulumi up`, which brings it back; `npx pulumi preview` shows"


class WithoutUv(EngineTest):
    def setUp(self):
        self.uv = self.site.path("tools", "uv")
        os.makedirs(os.path.dirname(self.uv), exist_ok=True)
        self.site.configure("deploy", {"health": "/health", "keep": 2, "tools": os.path.dirname(self.uv)})

    def is_refused(self, said):
        self.assertIn(f"REFUSED at virtualenv: {self.uv}, which makes virtualenvs, is missing or can't be run", said)
        self.assertIn(ADVICE, said)
        self.assertNotIn("FAILED", said)

    def test_a_push_that_needs_a_new_virtualenv(self):
        self.site.write("requirements.pip", "Django\ngunicorn\n")
        for left in ("is not there", "can't be run"):
            with self.subTest(left):
                self.site.commit(f"uv {left}")
                self.is_refused(self.bad(self.site.push()))
                self.assertEqual(self.served(), "first")
            with open(self.uv, "w", encoding="utf-8"):
                pass
        os.unlink(self.uv)

    def test_the_virtualenv_of_the_set_up(self):
        (empty,) = glob(self.site.path("venvs", "empty-*"))
        self.site.run("chmod", "-R", "u+w", empty)
        self.site.run("rm", "-r", empty)
        self.is_refused(self.site.deploy("init", check=False))


if __name__ == "__main__":
    unittest.main()
