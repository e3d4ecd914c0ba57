"""home.py, interrupted at each of its steps."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import ANOTHER, KEY, HomeTest, as_root  # the line before finds it


def empty(path):
    for folder, folders, files in os.walk(path, topdown=False):
        for name in files:
            os.unlink(os.path.join(folder, name))
        for name in folders:
            os.rmdir(os.path.join(folder, name))


class Interrupted(HomeTest):
    """Interrupted before each call that changes something: the next apply finishes the work, and undo reverts all."""

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
