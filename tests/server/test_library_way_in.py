"""server/lib/way-in.sh: a change that the server takes back unless it is confirmed."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest


class WayIn(LibraryTest):
    """A change that the server takes back unless it is confirmed."""

    def line(self, text):
        """As firewall.sh and ssh-hardening.sh describe what could lock the operator out."""
        path = self.path("f")
        return f"""
            if gp_taken_back; then return 0; fi
            way_back_seconds=0
            echo {text} >$work/text
            if [ "$verb" = apply ] && ! cmp -s $work/text {path}; then gp_open_way_back {path} true; fi
            gp_file {path} 644 root <$work/text"""

    def time_passes(self):
        """What the unit does that waits on the server."""
        environment = {**os.environ, "FAKE": self.fake, "PATH": self.paths["PATH"]}
        subprocess.run(["sh", os.path.join(self.record, "way-back", "go")], check=True, env=environment)

    def test_confirmed(self):
        self.put(self.path("f"), "of before\n")
        self.apply(self.line("ours"))
        unit = os.path.join(self.paths["units"], "greenpush-way-back-component.service")
        self.assertIn(f"ExecStart=/bin/sh {self.record}/way-back/go", self.read(unit))
        self.assertEqual(self.run_verb("confirm", ":"), (0, "", ""))
        self.assertEqual((os.path.exists(unit), os.path.exists(os.path.join(self.record, "way-back"))), (False, False))
        self.assertEqual((self.apply(self.line("ours")), self.probe(self.line("ours"))), ([], []))
        self.assertEqual(self.read(self.path("f")), "ours\n")

    def test_taken_back(self):
        self.put(self.path("f"), "of before\n")
        self.apply(self.line("ours"))
        # Of two changes in a row, what was there before the first comes back.
        self.apply(self.line("newer"))
        self.time_passes()
        self.assertEqual(self.read(self.path("f")), "of before\n")
        says = "the server took the last change back, because no new connection confirmed it"
        self.assertEqual(self.probe(self.line("newer")), [says])
        self.assertIn("so the server has taken it back", self.fails("confirm", ":"))
        self.assertIn(f"{says}: applies it again", self.apply(self.line("newer")))
        self.assertEqual(self.read(self.path("f")), "newer\n")
        self.run_verb("confirm", ":")
        self.remove(self.line("newer"))
        self.assertEqual(self.read(self.path("f")), "of before\n")

    def test_taken_back_where_nothing_was(self):
        self.apply(self.line("ours"))
        self.time_passes()
        self.assertFalse(os.path.exists(self.path("f")))


if __name__ == "__main__":
    as_root()
    unittest.main()
