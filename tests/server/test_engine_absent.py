"""What is told of files and folders that a tree does not have: the line that brings them."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.settings_test import CHECK, SettingsTest

SQLITE = """import sqlite3

from django.conf import settings

sqlite3.connect(settings.QUEUE["storage"]["filename"])
"""


class Absent(SettingsTest):
    def test_a_folder_of_var_that_is_not_there(self):
        for lines, text in (
            ("", CHECK.format("FOLDER ('{os.environ['VAR_DIR']}/a/b') is no folder.")),
            ("import os\n\nopen(os.environ['VAR_DIR'] + '/a/b/shop.log', 'a')\n", CHECK.partition("@")[0]),
        ):
            with self.subTest(lines=lines):
                self.assertIn("`build: [mkdir -p $VAR_DIR/a/b]` in the stack file.", self.said(lines, text=text))

    def test_the_folder_of_a_sqlite_database(self):
        said = self.said(SQLITE)
        self.assertIn(
            "codebase/settings/away.py:6: QUEUE names tasks.sqlite3 in the folder queue, which the tree", said
        )
        self.assertIn("Write `shared: [queue]` into the stack file", said)

    def test_folders_and_files_that_the_tree_does_not_have(self):
        for lines, what in (
            (
                "import logging\n\nlogging.FileHandler('own/logs/shop.log')",
                "no folder own/logs. Write `shared: [own/logs]`",
            ),
            ("open('/etc/no-such/file').close()", None),
            ("import os\n\nopen(os.path.abspath('codebase/own.json')).close()", "`files: { codebase/own.json: FILE }`"),
            (
                "import os\n\nfrom django.core.management.base import SystemCheckError\n\n"
                "raise SystemCheckError('HINT: Create a directory at ' + os.path.abspath('consume') + '\\n\\nMore.')",
                "no folder consume. Write `shared: [consume]`",
            ),
        ):
            with self.subTest(lines=lines):
                said = self.said(f"{lines}\n")
                self.assertEqual("The tree has" in said, what is not None, said)
                self.assertIn(what or "No such file", said)

    def test_a_file_that_variables_have_settings_take(self):
        # As the settings of Tabbycat, where django-split-settings opens the files; and as others import one.
        self.site.write("codebase/settings/own.example", "")
        text = (
            "import os\n\nfrom .test import *\n\nif os.environ.get('SHOP_A'):\n    part = 'other.py'\n"
            "elif 'SHOP_B' in os.environ:\n    part = 'more.py'\nelse:\n    part = 'own.py'\n"
            "if os.environ.get('SHOP_C'):\n    DEBUG = True\n"
            "raise OSError(f'No such file: {os.path.dirname(os.path.abspath(__file__))}/{part}')\n"
        )
        said = self.said("", text=text)
        self.assertIn("REFUSED at django: OSError: No such file: ", said)
        self.assertIn("made from codebase/settings/own.example: `files: { codebase/settings/own.py: FILE }`", said)
        chosen = "codebase/settings/away.py takes another where a variable says so: `environment: { SHOP_A: …"
        self.assertIn(f"{chosen}, SHOP_B: … }}`", said)
        said = self.said("", text="import os\n\nif not os.environ.get('SHOP_A'):\n    from .own import *\n")
        self.assertIn("`files: { codebase/settings/own.py: FILE }`", said)
        self.assertIn(f"{chosen} }}`", said)
        self.assertNotIn("takes another", self.said("", text="from .own import *\n"))

    def test_what_a_build_makes(self):
        text = "import os\n\nfrom .test import *\n\nSTATICFILES_DIRS = [os.path.join(BASE_DIR, 'made')]\n"
        # As Django's finder did until its version 4.
        lines = "import os\n\nos.scandir(os.path.abspath('made'))\n"
        said = self.said(lines, text=text)
        self.assertIn("The tree has no made, which STATICFILES_DIRS names. Commit it; what the application makes", said)
        self.assertNotIn("DEBUG is True", said)
        self.site.write("ui/package.json", '{"scripts": {"build": "true"}}')
        self.site.write("ui/package-lock.json", "{}")
        said = self.said(lines, text=f'{text}DEBUG = os.environ.get("SHOP_DEBUG") != "0"\n')
        self.assertIn("`build: [{ run: npm ci, in: ui }, { run: npm run build, in: ui }]`", said)
        for scripts, run in (('"build:css": "x"', "npm run build:css"), ('"build:a": "x", "build:b": "x"', "…")):
            self.site.write("ui/package.json", f'{{"scripts": {{"watch": "x", {scripts}}}}}')
            self.assertIn(f"{{ run: {run}, in: ui }}]`", self.said(lines, text=text))
        self.assertIn("DEBUG is True (codebase/settings/away.py:6)", said)
        self.assertIn('environment: { SHOP_DEBUG: "0" }', said)

    def test_packages_of_node_are_for_a_build(self):
        for file, text, top, step in (
            ("package-lock.json", "", "", "npm ci"),
            ("front/yarn.lock", "# yarn lockfile v1\n", "front/", "{ run: yarn install --frozen-lockfile, in: front }"),
            ("front/yarn.lock", "__metadata:\n", "front/", "{ run: yarn install --immutable, in: front }"),
        ):
            with self.subTest(step=step):
                self.site.write(file, text)
                said = self.said(f"import os\n\nos.listdir(os.path.abspath('{top}node_modules/shop'))\n")
                self.assertIn(f"The tree has no {top}node_modules: each release is to have it made.", said)
                self.assertIn(f"Write `build: [{step}]` into the stack file.", said)
        said = self.said(
            "import os\n\nos.environ['PATH'] = '/no/npm'\nos.listdir(os.path.abspath('front/node_modules/shop'))\n"
        )
        self.assertIn("""in: front }]` and `node: "22"` (or what the project asks for) into the stack file.""", said)


if __name__ == "__main__":
    unittest.main()
