"""Static files through nginx: what a browser may keep, what it is told of a file that it has, what is compressed."""

import gzip
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import RestoredTest
from support.nginx import Nginx
from support.site import Site

SETTINGS = os.path.join("codebase", "settings", "common.py")
CSS = "/static/pages/style.css"
MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
WHITENOISE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
LONG = "body { color: red }\n" * 200
FOR_EVER = "public, max-age=31536000, immutable"


def replace(path, text):
    """Put another file in the place of one, as Django's storage does."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(f"{path}.new", 0o644)
    os.rename(f"{path}.new", path)


class Static(RestoredTest):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.own = cls.site.path("var", "own")
        locations = {"/own/": [f"alias {cls.own}/;"], "~ ^/far/": ["open_file_cache max=5;", "return 200 far;"]}
        cls.nginx = Nginx(cls.site, nginx={"extra": ["add_header X-Own yes;"], "locations": locations})
        cls.addClassCleanup(cls.nginx.close)
        known = {"health": "/health", "keep": 2, "nginx": cls.nginx.address, "names": ["www.example.org"]}
        cls.site.configure("deploy", known)
        cls.write(LONG)
        cls.site.release("first")
        cls.good(cls.site.push())

    @classmethod
    def write(cls, text):
        cls.site.write("pages/static/pages/style.css", text)

    def push(self, version):
        self.site.release(version)
        return self.good(self.site.push("--force", "HEAD:main"))

    def store_with(self, storage):
        storages = (
            '\nSTORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}, '
            f'"staticfiles": {{"BACKEND": "{storage}"}}}}\n'
        )
        with open(os.path.join(self.site.clone, SETTINGS), "a", encoding="utf-8") as file:
            file.write(storages)

    def hashed(self):
        folder = self.site.path("live", "public", "static", "pages")
        return [name for name in os.listdir(folder) if re.fullmatch(r"style\.\w{12}\.css", name)]

    def test_a_browser_is_told_that_a_file_is_as_it_was_before_the_push(self):
        for headers in ({}, {"Accept_Encoding": "gzip"}):
            with self.subTest(headers):
                _, before, _ = self.nginx.ask(CSS, **headers)
                self.push(f"next {len(headers)}")
                since = {"If_Modified_Since": before["Last-Modified"]}
                for known in ({"If_None_Match": before["ETag"]}, since):
                    status, after, body = self.nginx.ask(CSS, **headers, **known)
                    self.assertEqual((status, after["ETag"], body), (304, before["ETag"], b""))

    def test_and_that_one_of_the_same_size_has_changed(self):
        _, before, _ = self.nginx.ask(CSS)
        changed = LONG.replace("red", "tan")
        self.write(changed)
        self.push("tan")
        known = {"If_None_Match": before["ETag"], "If_Modified_Since": before["Last-Modified"]}
        status, _, body = self.nginx.ask(CSS, **known)
        self.assertEqual((status, body.decode()), (200, changed))
        status, _, body = self.nginx.ask(CSS, Accept_Encoding="gzip", **known)
        self.assertEqual((status, gzip.decompress(body).decode()), (200, changed))

    def test_a_file_is_asked_for_anew_and_one_with_a_hash_is_kept(self):
        self.store_with(MANIFEST)
        for name in ("notes.202601021304.txt", "notes.0123456789ag.txt"):
            self.site.write(f"pages/static/pages/{name}", "of a date")
        self.push("hashed")
        (name,) = self.hashed()
        expected = {
            CSS: "no-cache",
            f"/static/pages/{name}": FOR_EVER,
            "/static/pages/notes.202601021304.txt": "no-cache",
            "/static/pages/notes.0123456789ag.txt": "no-cache",
        }
        for path, control in expected.items():
            for headers in ({}, {"Accept_Encoding": "gzip"}):
                status, answered, _ = self.nginx.ask(path, **headers)
                self.assertEqual((status, answered.get_all("Cache-Control")), (200, [control]), path)
                # Of the site's own lines for nginx nothing is lost.
                self.assertEqual(answered["X-Own"], "yes")
        for path in ("/", "/health", "/static/none.css"):
            _, answered, _ = self.nginx.ask(path)
            self.assertNotIn("Cache-Control", answered, path)
        self.assertEqual(self.nginx.ask("/")[1]["X-Own"], "yes")

    def test_a_folder_that_a_build_would_have_made_is_named(self):
        with open(os.path.join(self.site.clone, SETTINGS), "a", encoding="utf-8") as file:
            file.write("\nSTATICFILES_DIRS = [('ui', os.path.join(BASE_DIR, 'ui/made')), '/nowhere']\n")
        self.site.write("ui/package.json", '{"scripts": {"build": "true"}}')
        said = self.push("without its build")
        self.assertRegex(said, rf"{SETTINGS}:\d+: The tree")
        self.assertIn(
            "The tree has no ui/made, which STATICFILES_DIRS names. Commit it; "
            "what the application makes of a build is for `build`: `build: [{ run: npm install, in: ui }, "
            "{ run: npm run build, in: ui }]`.",
            said,
        )
        self.assertNotIn("nowhere", said)

    def test_a_list_of_built_files_that_a_build_would_have_made_is_named(self):
        with open(os.path.join(self.site.clone, SETTINGS), "a", encoding="utf-8") as file:
            file.write("\nVITE = {'default': {'manifest_path': os.path.join(BASE_DIR, 'ui/made.json')}}\n")
        self.assertNotIn("made.json", self.push("without a build"))
        self.site.write("ui/package.json", '{"scripts": {"build": "true"}}')
        said = self.push("without its build")
        self.assertRegex(
            said,
            rf"{SETTINGS}:\d+: VITE names ui/made\.json, which the tree does not have\. What a build makes, each "
            r"release is to have built: `build: \[\{ run: npm install, in: ui \}, \{ run: npm run build, in: ui \}\]`",
        )
        self.site.write("ui/made.json", "{}")
        self.assertNotIn("made.json", self.push("with what is built"))

    def test_what_is_compressed_is_served_to_who_takes_it(self):
        status, answered, body = self.nginx.ask(CSS, Accept_Encoding="br, gzip")
        self.assertEqual((status, answered["Content-Encoding"]), (200, "gzip"))
        self.assertEqual(gzip.decompress(body).decode(), LONG)
        status, answered, body = self.nginx.ask(CSS)
        self.assertEqual((status, answered["Content-Encoding"], body.decode()), (200, None, LONG))
        # For caches between.
        self.assertEqual(answered["Vary"], "Accept-Encoding")

    def test_what_is_compressed_is_not_compressed_again(self):
        path = self.site.path("live", "static", "pages", "style.css.gz")
        before = os.path.realpath(path)
        self.push("with the same style")
        self.assertNotEqual(os.path.realpath(path), before)
        self.assertTrue(os.path.samefile(path, before))

    def test_whitenoise_compresses_for_itself(self):
        self.store_with(WHITENOISE)
        path = os.path.join(self.site.clone, "requirements.pip")
        with open(path, "a", encoding="utf-8") as file:
            file.write("whitenoise==6.9.0\n")
        self.push("with WhiteNoise")
        (name,) = self.hashed()
        folder = self.site.path("live", "static", "pages")
        with open(os.path.join(folder, f"{name}.gz"), "rb") as file:
            made = file.read()
        _, answered, body = self.nginx.ask(f"/static/pages/{name}", Accept_Encoding="gzip")
        self.assertEqual((answered["Content-Encoding"], body), ("gzip", made))
        before = answered["ETag"]
        self.push("with WhiteNoise, again")
        known = {"Accept_Encoding": "gzip", "If_None_Match": before}
        self.assertEqual(self.nginx.ask(f"/static/pages/{name}", **known)[0], 304)

    def test_a_file_of_gzip_that_is_of_another_content_is_not_served(self):
        with open(os.path.join(self.site.clone, "pages/static/pages/style.css.gz"), "wb") as file:
            file.write(gzip.compress(b"body { color: stale }"))
        said = self.push("with a stale file")
        self.assertIn("pages/style.css.gz had another content", said)
        _, _, body = self.nginx.ask(CSS, Accept_Encoding="gzip")
        self.assertEqual(gzip.decompress(body).decode(), LONG)

    def test_what_may_change_between_two_requests_is_looked_up_at_each(self):
        for folder, address in ((self.site.path("var", "media"), "/media/"), (self.own, "/own/")):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, 0o755)
            for text in ("first", "another, longer", "3rd"):
                with self.subTest(address, text=text):
                    path = os.path.join(folder, "file.txt")
                    replace(path, text)
                    self.assertEqual(self.nginx.ask(f"{address}file.txt")[2].decode(), text)
            os.unlink(path)
            self.assertEqual(self.nginx.ask(f"{address}file.txt")[0], 404)
        self.assertEqual(self.nginx.ask("/far/")[2], b"far")

    def test_a_host_name_of_their_own(self):
        with open(os.path.join(self.site.clone, SETTINGS), "a", encoding="utf-8") as file:
            file.write('\nSTATIC_URL = "https://static.example.org/"\n')
        said = self.push("with a host for static files")
        self.assertIn("static.example.org is none of the site's names: add it to `serverNames`", said)
        status, answered, body = self.nginx.ask("/pages/style.css", Host="static.example.org", Accept_Encoding="gzip")
        self.assertEqual((status, gzip.decompress(body).decode()), (200, LONG))
        self.assertEqual((answered["Cache-Control"], answered["X-Own"]), ("no-cache", "yes"))
        status, _, _ = self.nginx.ask("/pages/style.css")
        self.assertEqual(status, 404)

    def test_a_folder_that_all_releases_share_is_open_to_nginx(self):
        with open(os.path.join(self.site.clone, SETTINGS), "a", encoding="utf-8") as file:
            file.write('\nSTATIC_ROOT = __import__("os").environ["VAR_DIR"] + "/collected"\n')
        said = self.push("with static files in var")
        self.assertIn(f"STATIC_ROOT is {self.site.path('var', 'collected')}, which all releases share", said)
        for name in ("", "pages"):
            mode = os.stat(self.site.path("var", "collected", name)).st_mode
            self.assertEqual(mode & 0o005, 0o005, oct(mode))


class FilesOfLinesOfOnesOwn(unittest.TestCase):
    def serve(self, then, *kept):
        """Assert what a file is as nginx serves it after another has taken its place."""
        site = Site()
        self.addCleanup(site.close)
        folder = site.path("var", "own")
        os.mkdir(folder, 0o755)
        nginx = Nginx(site, nginx={"extra": [*kept, f"location /own/ {{ alias {folder}/; }}"]})
        self.addCleanup(nginx.close)
        for text, expected in (("first", "first"), ("second", then)):
            replace(os.path.join(folder, "file.txt"), text)
            self.assertEqual(nginx.ask("/own/file.txt")[2].decode(), expected)

    def test_are_looked_up_at_each_request(self):
        self.serve("second")

    def test_are_kept_open_as_the_lines_say(self):
        self.serve("first", "open_file_cache max=9;", "open_file_cache_valid 60s;")


class Brotli(RestoredTest):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.nginx = Nginx(
            cls.site, nginx={"extra": ["add_header X-Own yes;", "types { text/css css; }"], "brotli": True}
        )
        cls.addClassCleanup(cls.nginx.close)
        cls.site.configure("deploy", {"health": "/health", "nginx": cls.nginx.address, "brotli": True})
        cls.site.write("pages/static/pages/style.css", LONG)
        cls.site.write("pages/static/pages/small.css", "body {}")
        with open(os.path.join(cls.site.clone, "requirements.pip"), "a", encoding="utf-8") as file:
            file.write("brotli==1.1.0\n")
        cls.site.release("first")
        cls.good(cls.site.push())

    def test_who_takes_it_gets_it(self):
        for accepted, form in (
            ("br", "br"),
            ("gzip, deflate, br, zstd", "br"),
            ("gzip,BR;q=0.5", "br"),
            ("br;q=0, gzip", "gzip"),
            ("gzip, br; q=0.00", "gzip"),
            ("gzip, abr, brx", "gzip"),
            ("identity", None),
        ):
            status, answered, body = self.nginx.ask(CSS, Accept_Encoding=accepted)
            self.assertEqual((status, answered.get_all("Content-Encoding")), (200, form and [form]), accepted)
            self.assertEqual(answered.get_all("Content-Type"), ["text/css"])
            self.assertEqual(answered["Vary"], "Accept-Encoding")
            self.assertEqual((answered["Cache-Control"], answered["X-Own"]), ("no-cache", "yes"))
            with open(
                self.site.path("live", "static", "pages", f"style.css{'.' + form if form == 'br' else ''}"), "rb"
            ) as file:
                self.assertEqual(gzip.decompress(body) if form == "gzip" else body, file.read())

    def test_each_form_is_known_after_a_push(self):
        forms = ("identity", "gzip", "br")
        tags = {form: self.nginx.ask(CSS, Accept_Encoding=form)[1]["ETag"] for form in forms}
        self.site.release("with the same style")
        self.good(self.site.push("--force", "HEAD:main"))
        for form in forms * 20:
            status, _, _ = self.nginx.ask(CSS, Accept_Encoding=form, If_None_Match=tags[form])
            self.assertEqual(status, 304, form)
        self.assertEqual(len(set(tags.values())), 3)

    def test_what_is_not_compressed_is_served_as_it_is(self):
        _, answered, body = self.nginx.ask("/static/pages/small.css", Accept_Encoding="br")
        self.assertEqual((answered["Content-Encoding"], body), (None, b"body {}"))
        for path in ("/health", "/static/none.css"):
            _, answered, _ = self.nginx.ask(path, Accept_Encoding="br")
            self.assertEqual(answered["Content-Encoding"], None, path)


if __name__ == "__main__":
    unittest.main()
