"""The engine finds what git would refuse after pre-receive before it makes a release and applies migrations."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.migrating import ADD, MigratingTest


class RefusedByGit(MigratingTest):
    def refused(self, reads, *words):
        """A push with a migration that git is going to refuse."""
        self.migration("0002_mood", ADD.replace("{name}", "mood"))
        self.site.release("mood")
        live = self.site.live()
        said = self.bad(self.site.push(*words))
        self.assertIn("REFUSED at git: ", said)
        self.assertIn(reads, said)
        self.assertNotIn(f"release {live + 1}", said)
        self.assertEqual(self.applied(), ["0001_entry"])

    def setting(self, name, value):
        self.on_server("config", name, value)
        self.addCleanup(self.on_server, "config", "--unset", name)

    def test_commits_that_would_be_lost_where_the_account_forbids_it(self):
        self.setting("receive.denyNonFastForwards", "true")
        self.site.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "Another history")
        self.refused("receive.denyNonFastForwards forbids", "--force", "HEAD:main")
        self.on_server("config", "receive.denyNonFastForwards", "false")

    def test_a_lock_that_a_killed_git_has_left(self):
        lock = self.site.path("codebase", ".git", "refs", "heads", "main.lock")
        with open(lock, "w", encoding="utf-8"):
            pass
        self.refused("main.lock")
        os.unlink(lock)

    def test_another_branch_of_the_push_that_has_no_place(self):
        self.refused("refs/heads/main", "--atomic", "HEAD:main", "HEAD:main/below")

    def test_a_shallow_clone_that_drops_a_column(self):
        shallow = os.path.join(self.site.scratch, "shallow")
        self.without_text()
        self.site.release("without text")
        self.change("DELETE FROM pages_entry")
        self.site.run("git", "clone", "--quiet", "--depth", "1", f"file://{self.site.clone}", shallow)
        pushed = self.site.run("git", "-C", shallow, "push", "--force", self.site.path("codebase"), "HEAD:main")
        self.assertIn("Live: release", pushed.stdout)
        self.assertNotIn("text", self.columns())
        self.assertEqual(self.served(), "without text")


if __name__ == "__main__":
    unittest.main()
