"""What of the settings is said where a page is refused for them."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scratch  # noqa: F401 # it makes the engine found

from engine.checks.settings import allows


class Settings(unittest.TestCase):
    def test_which_hosts_a_name_stands_for(self):
        for name, stands in {
            "*": True,
            "shop.example.org": True,
            ".shop.example.org": True,
            ".example.org": True,
            "": False,
            "example.org": False,
            ".hop.example.org": False,
            "other.example.org": False,
        }.items():
            with self.subTest(name=name):
                self.assertEqual(allows(name, "shop.example.org"), stands)


if __name__ == "__main__":
    unittest.main()
