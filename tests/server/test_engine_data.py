"""What an application writes into its own tree, and static files of an earlier release that visitors still request."""

import json
import os
import re
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import RestoredTest

SETTINGS = os.path.join("codebase", "settings", "common.py")


class InTree(RestoredTest):
    """A site whose settings are changed to what many applications have."""

    def settings(self, *changes):
        with open(os.path.join(self.site.clone, SETTINGS), encoding="utf-8") as file:
            text = file.read()
        for pattern, by in changes:
            changed = re.sub(pattern, by, text)
            self.assertNotEqual(changed, text, pattern)
            text = changed
        self.site.write(SETTINGS, text)

    def rows(self, path):
        connection = sqlite3.connect(path)
        try:
            return connection.execute("SELECT count(*) FROM pages_entry").fetchone()[0]
        finally:
            connection.close()

    def add_row(self, path):
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("INSERT INTO pages_entry (name, text, written_at) VALUES ('one', 'kept', '2026-01-01')")
        connection.close()

    def test_a_database_in_the_tree_outlives_the_release(self):
        self.settings((r'"NAME": VAR_DIR / "db.sqlite3"', '"NAME": BASE_DIR / "db.sqlite3"'))
        self.site.release("in the tree")
        said = self.good(self.site.push())
        kept = self.site.path("var", "shared", "db.sqlite3")
        self.assertIn(f"the database default is kept in {kept}", said)
        self.add_row(kept)
        self.site.release("in the tree, again")
        said = self.good(self.site.push())
        self.assertIn("no migrations to apply", said)
        self.assertEqual(self.rows(self.site.path("live", "codebase", "db.sqlite3")), 1)
        self.assertEqual(os.path.realpath(self.site.path("live", "codebase", "db.sqlite3")), kept)
        self.good(self.site.run(self.site.path("deploy"), "rollback") and (0, ""))
        self.assertEqual(self.rows(self.site.path("live", "codebase", "db.sqlite3")), 1)

    def test_the_data_of_a_live_release_that_has_it_in_its_tree_is_moved(self):
        """The state that an earlier version of the engine left, for each journal mode of SQLite."""
        for mode in ("WAL", "DELETE"):
            with self.subTest(mode=mode):
                name = f"own-{mode.lower()}.sqlite3"
                self.settings((r'"NAME": \S+ / ".*sqlite3"', f'"NAME": BASE_DIR / "{name}"'))
                self.settings((r"journal_mode=\w+;", f"journal_mode={mode};")) if mode == "DELETE" else None
                self.site.release(f"in the tree, {mode}")
                self.good(self.site.push())
                path = self.site.path("live", "codebase", name)
                home = os.path.realpath(path)
                os.unlink(path)
                os.rename(home, path)
                for ending in ("-wal", "-shm"):
                    if os.path.exists(home + ending):
                        os.rename(home + ending, path + ending)
                self.add_row(path)
                reader = sqlite3.connect(path)
                self.site.release(f"moved, {mode}")
                said = self.good(self.site.push())
                self.assertIn(f"the database default of the live release was moved to {home}", said)
                self.assertEqual(self.rows(home), 1)
                self.assertEqual(
                    [each for each in os.listdir(os.path.dirname(home)) if f"{name}.before-" in each][1:], []
                )
                reader.close()
                self.served()

    def test_uploads_in_the_tree_stay(self):
        self.settings((r"MEDIA_ROOT = .*", 'MEDIA_ROOT = BASE_DIR / "media"'))
        os.makedirs(os.path.join(self.site.clone, "media"), exist_ok=True)
        self.site.write("media/.gitkeep", "")
        self.site.release("uploads in the tree")
        self.good(self.site.push())
        with open(self.site.path("live", "codebase", "media", "upload.txt"), "w", encoding="utf-8") as file:
            file.write("kept")
        self.site.release("uploads in the tree, again")
        self.good(self.site.push())
        with open(self.site.path("live", "codebase", "media", "upload.txt"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "kept")
        # Where nginx looks for them.
        self.assertIn("upload.txt", os.listdir(self.site.path("var", "media")))

    def test_a_database_among_uploads_is_not_where_nginx_gives_them_out(self):
        self.settings(
            (r"MEDIA_ROOT = .*", 'MEDIA_ROOT = BASE_DIR / "data"'),
            (r'"NAME": VAR_DIR / "db.sqlite3"', '"NAME": BASE_DIR / "data" / "db.sqlite3"'),
        )
        self.site.write("data/.gitkeep", "")
        self.site.release("a database among uploads")
        self.good(self.site.push())
        self.assertNotIn("db.sqlite3", os.listdir(self.site.path("var", "media")))
        self.assertEqual(self.rows(self.site.path("live", "codebase", "data", "db.sqlite3")), 0)

    def test_paths_that_the_stack_shares_stay(self):
        self.site.configure("deploy", {"health": "/health", "keep": 2, "shared": ["index", "data/own.json"]})
        self.addCleanup(self.site.configure, "deploy", {"health": "/health", "keep": 2})
        self.site.write("data/own.json", "committed")
        self.site.release("shared")
        self.good(self.site.push())
        for name in ("index/one", "data/own.json"):
            with open(self.site.path("live", "codebase", name), "w", encoding="utf-8") as file:
                file.write("written")
        self.site.release("shared, again")
        self.good(self.site.push())
        for name in ("index/one", "data/own.json"):
            with open(self.site.path("live", "codebase", name), encoding="utf-8") as file:
                self.assertEqual(file.read(), "written", name)

    def test_a_tree_that_is_all_uploads_is_refused(self):
        self.settings((r"MEDIA_ROOT = .*", "MEDIA_ROOT = BASE_DIR"))
        self.site.release("all uploads")
        said = self.bad(self.site.push())
        self.assertIn("REFUSED at data: MEDIA_ROOT is the tree itself", said)
        self.assertIn("VAR_DIR", said)
        self.served()

    def public(self, name):
        with open(self.site.path("live", "public", name), encoding="utf-8") as file:
            return file.read()

    def test_static_files_are_public_wherever_the_settings_put_them(self):
        for title, root, url, at in (
            ("no STATIC_ROOT", "STATIC_ROOT = None", "static/", "static"),
            ("in the tree", 'STATIC_ROOT = BASE_DIR / "staticfiles"', "static/", "static"),
            ("in var", 'STATIC_ROOT = VAR_DIR / "collected"', "static/", "static"),
            ("another address", "STATIC_ROOT = None", "/assets/own/", "assets/own"),
        ):
            with self.subTest(title):
                self.settings((r"STATIC_ROOT = .*", root), (r"STATIC_URL = .*", f'STATIC_URL = "{url}" # {title}'))
                self.site.release(title)
                self.good(self.site.push())
                self.assertIn("body", self.public(f"{at}/pages/style.css"))

    def test_folders_that_are_no_release_s_are_said_with_the_line_to_write(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            self.settings(
                (r"STATIC_ROOT = .*", f'STATIC_ROOT = os.environ.get("SHOP_STATIC", "{elsewhere}/static")'),
                (r"MEDIA_ROOT = .*", f'MEDIA_ROOT = "{elsewhere}/media"'),
            )
            self.site.release("elsewhere")
            said = self.good(self.site.push())
            self.assertIn(f": STATIC_ROOT is {elsewhere}/static, which all releases share", said)
            self.assertIn("Write `environment: { SHOP_STATIC: ${STATIC_ROOT} }` in the stack file", said)
            self.assertIn(f": MEDIA_ROOT is {elsewhere}/media, where gunicorn's sandbox lets it write", said)
            self.assertIn(
                'Write MEDIA_ROOT = os.environ["MEDIA_ROOT"] in the settings; or, to commit nothing, lay', said
            )
            self.assertIn('`from codebase.settings.test import *` and MEDIA_ROOT = "${MEDIA_ROOT}"', said)
        self.settings(
            (r"STATIC_ROOT = .*", 'STATIC_ROOT = os.environ.get("SHOP_STATIC", "/proc/no/static")'),
            (r"MEDIA_ROOT = .*", 'MEDIA_ROOT = VAR_DIR / "uploads"'),
        )
        self.site.release("nowhere")
        said = self.bad(self.site.push())
        self.assertIn("STATIC_ROOT is /proc/no/static, where the site has no right to write.", said)
        self.assertIn("Write `environment: { SHOP_STATIC: ${STATIC_ROOT} }`", said)
        self.assertNotIn("MEDIA_ROOT", said)

    def test_a_database_where_nothing_stays_or_nothing_can_be_made_is_refused(self):
        before = self.site.live()
        name = r'"NAME": .*'
        for value, said in (
            ("'/tmp/shop.sqlite3'", "the database default is /tmp/shop.sqlite3, among temporary files"),
            ("__import__('tempfile').gettempdir() + '/shop.db'", "among temporary files"),
            (
                "os.environ.get('SHOP_DATA_DIR', '/proc/no') + '/shop.db'",
                "/proc/no/shop.db, where the site can't make it",
            ),
            ("os.environ.get('SHOP_DB', '/proc/no/shop.db')", "/proc/no/shop.db, where the site can't make it"),
        ):
            with self.subTest(value):
                self.settings((name, f'"NAME": {value},'))
                self.site.release(value)
                text = self.bad(self.site.push())
                self.assertRegex(text, r"REFUSED at data: codebase/settings/common\.py:\d+: ")
                self.assertIn(said, text)
                line = {"SHOP_DATA_DIR": "${VAR_DIR} }", "SHOP_DB": "${VAR_DIR}/shop.db }"}
                wanted = [f"environment: {{ {each}: {has}" for each, has in line.items() if f"'{each}'" in value]
                own = ' and DATABASES["default"]["NAME"] = "${VAR_DIR}/db.sqlite3"'
                self.assertIn((wanted or [own])[0], text)
                self.assertFalse(os.path.exists("/tmp/shop.sqlite3"))
                self.assertEqual(self.site.live(), before)

    def test_a_database_of_others_that_is_only_read_is_let_pass(self):
        with tempfile.TemporaryDirectory(dir="/var/lib") as folder:
            path = os.path.join(folder, "places.db")
            sqlite3.connect(path).execute("CREATE TABLE place (name text)").connection.close()
            other = f'"places": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "{path}"}},'
            self.settings((r'"default": \{', f'{other}\n    "default": {{'))
            self.site.release("with places")
            self.good(self.site.push())

    def test_uploads_at_an_address_that_nobody_serves_are_said(self):
        line = '`nginx: { locations: { /uploads/: ["rewrite ^/uploads/(.*)$ /media/$1 last;"] } }`'
        for url, says in (("/uploads/", True), ("uploads/", True), ("https://cdn.example.org/u/", False), ("/", False)):
            self.settings((r"MEDIA_URL = .*", f'MEDIA_URL = "{url}"'))
            self.site.release(url)
            said = self.good(self.site.push())
            self.assertEqual("MEDIA_URL is /uploads/, and nginx serves uploads at /media/" in said, says, said)
            self.assertEqual(line in said, says)
            if says:
                # The line was written.
                self.site.configure("deploy", {"health": "/health", "keep": 2, "locations": ["^~ /uploads/"]})
                self.site.release(f"{url} with a location")
                self.assertNotIn("MEDIA_URL", self.good(self.site.push()))
                self.site.configure("deploy", {"health": "/health", "keep": 2})
                self.site.git("reset", "--quiet", "--hard", "HEAD~")
            self.site.git("reset", "--quiet", "--hard", "HEAD~")
            self.good(self.site.push("--force", "HEAD:main"))

    def test_a_manifest_that_was_committed_with_built_files(self):
        storages = (
            r'\1\nSTORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}, '
            r'"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}'
        )
        self.settings((r"STATIC_ROOT = .*", 'STATIC_ROOT = BASE_DIR / "built"'), (r"(STATIC_URL = .*)", storages))
        page = os.path.join(self.site.clone, "pages", "templates", "pages", "index.html")
        with open(page, encoding="utf-8") as file:
            text = file.read()
        self.site.write(page, text.replace("pages/style.css", "bundle.css"))
        self.site.write("built/bundle.0123456789ab.css", "body {}")
        paths = {"bundle.css": "bundle.0123456789ab.css"}
        self.site.write(
            "built/staticfiles.json", json.dumps({"paths": paths, "version": "1.1", "hash": "0123456789ab"})
        )
        self.site.release("built")
        said = self.bad(self.site.push())
        self.assertIn(
            "has written the committed manifest of static files anew, without 1 of its files (bundle.css)", said
        )
        self.assertIn("REFUSED at health: / answered 500", said)
        self.assertIn("The manifest of static files has no bundle.css.", said)
        self.assertIn("keep it: `collectstatic: false` in the stack file", said)
        self.site.configure("deploy", {"health": "/health", "keep": 2, "collectstatic": False})
        self.addCleanup(self.site.configure, "deploy", {"health": "/health", "keep": 2})
        self.assertNotIn("manifest", self.good(self.site.push()))
        self.assertEqual(self.public("static/bundle.0123456789ab.css"), "body {}")
        self.assertIn("bundle.0123456789ab.css", self.site.page())

    def test_hashed_files_of_the_releases_that_are_kept_go_on_answering(self):
        self.settings(
            (
                r"(STATIC_URL = .*)",
                r'\1\nSTORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}, '
                r'"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}',
            )
        )
        css = os.path.join(self.site.clone, "pages", "static", "pages", "style.css")
        names = []
        for version in range(5):
            with open(css, "a", encoding="utf-8") as file:
                file.write(f"/* {version} */\n")
            self.site.release(f"hashed {version}")
            self.good(self.site.push())
            self.site.wait_for_rest()
            folder = self.site.path("live", "public", "static", "pages")
            new = [each for each in os.listdir(folder) if re.fullmatch(r"style\.\w{12}\.css", each)]
            (name,) = set(new) - set(names)
            names.append(name)
        # Two are kept beside the live one. At its push there was a third.
        found = [name in os.listdir(self.site.path("live", "public", "static", "pages")) for name in names]
        self.assertEqual(found, [False, True, True, True, True])


if __name__ == "__main__":
    unittest.main()
