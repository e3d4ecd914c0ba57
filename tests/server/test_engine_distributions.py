"""The name and the version that a project has as a package, which is not installed."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.tree.distribution import named_in
from engine.tree.source import Modules


class Distributions(unittest.TestCase):
    def test_where_a_package_has_its_name_and_version(self):
        for files, found in (
            ({"pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n[tool.x]\nversion = "2"\n'}, ("shop", "1")),
            ({"pyproject.toml": '[tool.poetry]\nname = "shop"\nversion = "3"\n'}, ("shop", "3")),
            (
                {
                    "pyproject.toml": '[project]\nname = "shop"\n[tool.hatch.version]\npath = "shop/about.py"\n',
                    "shop/about.py": '__version__ = "4"\n',
                },
                ("shop", "4"),
            ),
            (
                {
                    "pyproject.toml": '[project]\nname = "shop"\n'
                    '[tool.setuptools.dynamic]\nversion = { attr = "shop.VERSION" }\n',
                    "shop/__init__.py": 'VERSION = "5"\n',
                },
                ("shop", "5"),
            ),
            (
                {"setup.cfg": "[metadata]\nname = shop\nversion = attr: shop.V\n", "shop.py": 'V = "6"\n'},
                ("shop", "6"),
            ),
            ({"setup.py": 'import setuptools\nsetuptools.setup(name="shop", version="7")\n'}, ("shop", "7")),
            # As setuptools-scm makes it, of git's tags.
            ({"pyproject.toml": '[project]\nname = "shop"\ndynamic = ["version"]\n'}, ("shop", "")),
            # What leads out of the tree is not read.
            (
                {"pyproject.toml": '[project]\nname = "shop"\n[tool.hatch.version]\npath = "../../etc/os-release"\n'},
                ("shop", ""),
            ),
        ):
            with self.subTest(files=files), tempfile.TemporaryDirectory() as folder:
                for name, text in files.items():
                    path = os.path.join(folder, name)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(text)
                self.assertEqual(named_in(folder, Modules(folder)), found)


if __name__ == "__main__":
    unittest.main()
