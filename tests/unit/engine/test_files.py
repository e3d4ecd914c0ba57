"""Trees that are removed while others are at work in them."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.host.files import remove_tree


class RemoveTree(Scratch):
    def tree(self):
        top = self.path("releases", "1")
        os.makedirs(os.path.join(top, "var", "log"))
        for name in ("pid", "socket", "log/engine.log"):
            with open(os.path.join(top, "var", name), "w", encoding="utf-8") as file:
                file.write("1")
        os.chmod(os.path.join(top, "var"), 0o555)
        return top

    def taken_by_another(self, name, only):
        """Have another process be faster with the first call of a function of os."""
        real, taken = getattr(os, name), []

        def first(path, *words, **more):
            real(path, *words, **more)
            if not taken and os.path.basename(path) == only:
                taken.append(path)
                raise FileNotFoundError(2, "No such file or directory", path)

        self.patch(f"os.{name}", first)
        return taken

    def test_all_of_it_goes(self):
        top = self.tree()
        remove_tree(top)
        self.assertFalse(os.path.lexists(top))
        # Nothing there is nothing to do.
        remove_tree(top)

    def test_a_file_and_a_link_go_and_not_where_it_leads(self):
        top, link = self.tree(), self.path("live")
        os.symlink(top, link)
        remove_tree(link)
        self.assertEqual((os.path.lexists(link), os.path.exists(top)), (False, True))
        remove_tree(os.path.join(top, "var", "pid"))
        self.assertEqual(sorted(os.listdir(os.path.join(top, "var"))), ["log", "socket"])

    def test_a_process_that_ends_takes_its_files_away_itself(self):
        for name, only in (("unlink", "pid"), ("rmdir", "log")):
            with self.subTest(name=name):
                top = self.tree()
                taken = self.taken_by_another(name, only)
                remove_tree(top)
                self.assertEqual(len(taken), 1)
                self.assertFalse(os.path.lexists(top))


if __name__ == "__main__":
    unittest.main()
