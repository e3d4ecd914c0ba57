"""A site in maintenance, and the pages that visitors get from nginx when nothing else answers."""

import json
import os
import re
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest, RestoredTest
from support.nginx import Nginx
from support.site import Site

VIEWS = os.path.join("pages", "views.py")
URLS = os.path.join("codebase", "urls.py")
SETTINGS = os.path.join("codebase", "settings", "test.py")
STYLE = "/static/pages/style.css"
CLOSED = "This site is closed for maintenance"
VERBS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")

VIEW = """

from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def own(request, status):
    import time

    if status == 504:
        time.sleep(3)
    return HttpResponse("the application's own", status=status)
"""


class Behind(RestoredTest):
    """A site behind nginx, with a view that answers any status, and takes long for 504."""

    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.nginx = Nginx(cls.site, health="/health", **cls.settings)
        cls.addClassCleanup(cls.nginx.close)
        cls.site.configure("deploy", {"health": "/health", "keep": 2, "nginx": cls.nginx.address})
        cls.edit(VIEWS, r"\Z", VIEW)
        cls.edit(URLS, r"urlpatterns = \[", 'urlpatterns = [path("own/<int:status>", views.own),')
        cls.site.commit("Answers of its own")
        cls.good(cls.site.push())

    @classmethod
    def edit(cls, file, pattern, by):
        path = os.path.join(cls.site.clone, file)
        with open(path, encoding="utf-8") as opened:
            text = opened.read()
        changed = re.sub(pattern, lambda _: by, text, count=1)
        assert changed != text, pattern
        with open(path, "w", encoding="utf-8") as opened:
            opened.write(changed)

    def heading(self, body):
        """Return the heading of a page of nginx's own, which is its title too."""
        text = body.decode()
        heading = re.search("<h1>(.*)</h1>", text).group(1)
        self.assertIn(f"<title>{heading}</title>", text)
        self.assertTrue(text.startswith('<!doctype html>\n<html lang="en">'))
        return heading

    def all_verbs(self, path, status, heading, retry=None):
        """Whatever a visitor's request is, the answer is the same page; return it."""
        for verb in VERBS:
            with self.subTest(path, verb=verb):
                got, headers, body = self.nginx.ask(path, verb, b"a=b" if verb == "POST" else None)
                self.assertEqual((got, headers["Content-Type"]), (status, "text/html"))
                self.assertEqual(headers.get_all("Cache-Control"), ["no-store"])
                self.assertEqual(headers["Retry-After"], retry)
                if verb == "HEAD":
                    self.assertGreater(int(headers["Content-Length"]), 500)
                else:
                    self.assertEqual(self.heading(body), heading)


class Maintenance(Behind):
    settings = {
        "trustedProxies": ["127.0.0.4"],
        "maintenance": {"allow": ["127.0.0.2", "192.0.2.0/24"], "retryAfter": 120},
        "nginx": {"extra": ["rewrite ^/old /health last;", "location /new { return 200 'new'; }"]},
    }

    def setUp(self):
        super().setUp()
        self.addCleanup(self.site.deploy, "maintenance", "off")

    def status(self):
        return json.loads(self.site.deploy("status", "--json"))["maintenance"]

    def is_closed(self):
        near = ("/healthy", "/HEALTH", "/health%0A", "/health/../")
        for path in ("/", "/?a=b", STYLE, "/no-such-page", "/old", "/new", *near):
            self.all_verbs(path, 503, CLOSED, "120")

    @staticmethod
    def nginx_looks_again():
        """Wait as long as nginx may take, which `deploy maintenance` does itself."""
        time.sleep(1.1)

    def test_on_and_off(self):
        self.assertIsNone(self.status())
        self.assertNotIn("closed", self.site.deploy("status"))
        self.assertIn("site is in maintenance: visitors get a page", self.site.deploy("maintenance", "on"))
        self.is_closed()
        self.assertEqual(self.nginx.ask("/health")[0], 200)
        self.assertEqual(self.nginx.ask("/health?from=monitor")[0], 200)
        about = self.status()
        self.assertRegex(about["since"], r"^20\d\d-\d\d-\d\dT")
        self.assertTrue(about["by"])
        words = f"in maintenance since {about['since']} by {about['by']}"
        self.assertIn(f"  closed   {words}\n", self.site.deploy("status"))
        # The first one counts.
        self.assertIn(f"site is {words}: nothing was changed.", self.site.deploy("maintenance", "on"))
        self.assertEqual(self.status(), about)
        self.assertIn("site is open again", self.site.deploy("maintenance", "off"))
        for path in ("/", STYLE, "/old", "/new"):
            status, headers, _ = self.nginx.ask(path)
            self.assertEqual((status, headers["Retry-After"]), (200, None))
        self.assertIsNone(self.status())
        self.assertIn("site is not in maintenance: nothing was changed.", self.site.deploy("maintenance", "off"))
        ended = [(each["ended"], each["by"]) for each in self.site.record() if each["kind"] == "maintenance"]
        self.assertEqual(ended[-2:], [("on", about["by"]), ("off", about["by"])])
        self.assertRegex(self.site.deploy("log"), r"maintenance +\d+ .* on\n.*maintenance +\d+ .* off\n")

    def test_a_large_upload_gets_the_page_too(self):
        self.site.deploy("maintenance", "on")
        status, headers, body = self.nginx.ask("/", "POST", b"x" * 11_000_000)
        self.assertEqual((status, headers["Retry-After"], self.heading(body)), (503, "120", CLOSED))

    def test_who_is_let_in(self):
        self.site.deploy("maintenance", "on")
        self.assertEqual(self.nginx.ask("/", source="127.0.0.2")[0], 200)
        self.assertEqual(self.nginx.ask(STYLE, source="127.0.0.2")[0], 200)
        self.assertEqual(self.nginx.ask("/", source="127.0.0.3")[0], 503)
        # A stranger's word does not count on where they come from, that of a proxy does.
        self.assertEqual(self.nginx.ask("/", X_Forwarded_For="127.0.0.2")[0], 503)
        self.assertEqual(self.nginx.ask("/", source="127.0.0.4", X_Forwarded_For="127.0.0.2")[0], 200)
        self.assertEqual(self.nginx.ask("/", source="127.0.0.4", X_Forwarded_For="127.0.0.3")[0], 503)
        self.assertEqual(self.nginx.ask("/", source="127.0.0.4")[0], 503)

    def test_it_survives_a_push_and_a_rollback_which_say_it(self):
        self.site.deploy("maintenance", "on")
        says = r"Live: release \d+.*\n.*site is in maintenance since .* by .*: visitors see this release after `deploy"
        self.site.release("during")
        self.assertRegex(self.good(self.site.push()), says)
        self.is_closed()
        self.assertIn("during", self.served())
        self.assertIn('id="version">during', self.nginx.ask("/", source="127.0.0.2")[2].decode())
        self.assertRegex(self.site.deploy("rollback"), says)
        self.is_closed()
        self.site.deploy("recover")
        self.is_closed()
        # Nobody takes it for a change by hand.
        self.assertEqual(self.site.deploy("look"), "")

    def test_a_release_that_can_not_serve_is_refused_all_the_same(self):
        self.site.deploy("maintenance", "on")
        self.edit(VIEWS, "VERSION = ", "raise ValueError\nVERSION = ")
        self.site.commit("Broken")
        self.assertIn("REFUSED", self.bad(self.site.push()))
        self.is_closed()

    def test_it_needs_no_lock(self):
        import fcntl

        with open(self.site.path("var", "deploy.lock"), "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.site.deploy("maintenance", "on")
            self.assertEqual(self.nginx.ask("/")[0], 503)

    def test_a_file_that_somebody_made_by_hand(self):
        file = self.site.path("maintenance")
        for text in ("", "not JSON", "[]", '{"since": 3}', '{"by": "\\u001b[2J"}'):
            with self.subTest(text):
                with open(file, "w", encoding="utf-8") as opened:
                    opened.write(text)
                self.nginx_looks_again()
                self.assertEqual(self.nginx.ask("/")[0], 503)
                self.assertEqual(set(self.status()), {"since", "by"})
                self.assertIn("  closed   in maintenance", self.site.deploy("status"))
                self.assertNotIn("\x1b", self.site.deploy("status"))
        self.site.deploy("maintenance", "off")
        # Neither does a link that leads to somebody else's file.
        os.symlink("/etc/hostname", file)
        if os.geteuid() == 0:
            os.lchown(file, 1, 1)
            self.nginx_looks_again()
            self.assertEqual(self.nginx.ask("/")[0], 200)
        os.unlink(file)
        os.mkdir(file)
        self.addCleanup(lambda: os.path.isdir(file) and os.rmdir(file))
        self.nginx_looks_again()
        self.assertEqual((self.nginx.ask("/")[0], self.status()), (200, None))
        said = self.site.deploy("maintenance", "on", check=False)
        self.assertIn(f"REFUSED at maintenance: {file} is a folder", said)

    def test_no_visitor_meets_anything_else_while_it_is_switched(self):
        answers, going = [], threading.Event()

        def visit():
            while not going.is_set():
                answers.append(self.nginx.ask("/")[0])

        visitors = [threading.Thread(target=visit) for _ in range(3)]
        for each in visitors:
            each.start()
        for _ in range(2):
            self.site.deploy("maintenance", "on")
            self.assertEqual(self.nginx.ask("/")[0], 503)
            self.site.deploy("maintenance", "off")
            self.assertEqual(self.nginx.ask("/")[0], 200)
        self.site.release("under load")
        self.site.deploy("maintenance", "on")
        self.good(self.site.push())
        self.site.deploy("maintenance", "off")
        going.set()
        for each in visitors:
            each.join()
        self.assertEqual(set(answers), {200, 503})


class FrontPageIsHealthPath(EngineTest):
    def test_it_is_closed_too(self):
        nginx = Nginx(self.site)
        self.addCleanup(nginx.close)
        self.site.deploy("maintenance", "on")
        self.addCleanup(self.site.deploy, "maintenance", "off")
        status, headers, _ = nginx.ask("/")
        self.assertEqual((status, headers["Retry-After"]), (503, "300"))


class HealthPathOfOtherLetters(EngineTest):
    def test_it_passes(self):
        path = "/h(e)a.l+th/%C3%A9\"'"
        nginx = Nginx(self.site, health=f"{path}?a=b")
        self.addCleanup(nginx.close)
        self.site.deploy("maintenance", "on")
        self.addCleanup(self.site.deploy, "maintenance", "off")
        self.assertEqual(nginx.ask(path)[0], 404)
        self.assertEqual(nginx.ask(urllib.parse.unquote(path).replace("é", "%c3%a9"))[0], 404)
        self.assertEqual(nginx.ask(path.replace(".", "x"))[0], 503)


class Pages(Behind):
    settings = {
        "nginx": {
            "maxBodySize": "1k",
            "proxyTimeout": 2,
            "extra": [
                "add_header X-Own yes always;",
                "location /busy { return 429; }",
                "location /away { return 503; }",
                "location /old { error_page 502 =418 @old; proxy_pass http://127.0.0.1:1; }",
                "location @old { return 418 'of the stack file'; }",
            ],
        },
    }

    def stop_gunicorn(self):
        """Take the socket away, as if gunicorn had gone, until the test ends."""
        socket = os.path.realpath(self.site.path("var", "socket"))
        os.rename(socket, f"{socket}.away")
        self.addCleanup(os.rename, f"{socket}.away", socket)

    def test_502(self):
        self.stop_gunicorn()
        self.all_verbs("/", 502, "This site does not answer right now")
        self.all_verbs("/picture.gif", 502, "This site does not answer right now")
        self.assertEqual(self.nginx.ask("/")[1]["X-Own"], "yes")

    def test_504(self):
        status, headers, body = self.nginx.ask("/own/504")
        self.assertEqual((status, self.heading(body)), (504, "This page took too long"))
        self.assertEqual((headers["Cache-Control"], headers["Retry-After"]), ("no-store", None))
        status, _, body = self.nginx.ask("/own/504", "POST", b"a=b")
        self.assertEqual((status, self.heading(body)), (504, "This page took too long"))
        # The worker is still at it.
        while self.nginx.ask("/health")[0] != 200:
            pass

    def test_413(self):
        for verb in ("POST", "PUT"):
            for path in ("/", "/picture.gif"):
                status, headers, body = self.nginx.ask(path, verb, b"x" * 2000)
                self.assertEqual((status, self.heading(body)), (413, "What you sent is too large"))
                self.assertEqual((headers["Content-Type"], headers["Cache-Control"]), ("text/html", "no-store"))
        # Without a length that is said before.
        status, _, body = self.nginx.ask("/", "POST", iter([b"x" * 1000] * 3))
        self.assertEqual((status, self.heading(body)), (413, "What you sent is too large"))

    def test_429_and_503(self):
        self.all_verbs("/busy", 429, "Too many requests", "10")
        self.all_verbs("/away", 503, "This site is not available right now", "30")

    def test_what_the_stack_file_says_of_an_error_counts(self):
        self.assertEqual(self.nginx.ask("/old")[::2], (418, b"of the stack file"))

    def test_the_applications_own_answers_pass(self):
        for status in (413, 429, 500, 502, 503):
            with self.subTest(status):
                got, headers, body = self.nginx.ask(f"/own/{status}")
                self.assertEqual((got, body), (status, b"the application's own"))
                self.assertEqual((headers["Cache-Control"], headers["Retry-After"]), (None, None))

    def test_the_pages_have_no_address(self):
        for path in ("/greenpush-maintenance", "/greenpush-50x", "/greenpush-nothing-pushed", "/maintenance"):
            self.assertEqual(self.nginx.ask(path)[0], 404)

    def own_page(self):
        self.site.write("pages/static/50x.html", "<h1>of the application</h1>")
        self.site.commit("A page of its own")
        self.good(self.site.push())
        self.stop_gunicorn()
        for verb in VERBS:
            with self.subTest(verb):
                status, headers, body = self.nginx.ask("/", verb)
                self.assertEqual((status, headers["Content-Type"]), (502, "text/html"))
                self.assertEqual(headers.get_all("Cache-Control"), ["no-store"])
                if verb != "HEAD":
                    self.assertEqual(body, b"<h1>of the application</h1>")
        status, headers, body = self.nginx.ask("/away", "POST", b"a=b")
        self.assertEqual((status, headers["Retry-After"], body), (503, "30", b"<h1>of the application</h1>"))
        # It speaks of errors, and not of these.
        self.assertEqual(self.heading(self.nginx.ask("/busy")[2]), "Too many requests")
        self.site.deploy("maintenance", "on")
        self.addCleanup(self.site.deploy, "maintenance", "off")
        self.assertEqual(self.heading(self.nginx.ask("/")[2]), CLOSED)

    def test_the_applications_own_page_wins(self):
        self.own_page()

    def test_the_applications_own_page_wins_at_another_address(self):
        self.edit(SETTINGS, r"\Z", '\nSTATIC_URL = "/assets/v1/"\nSTATIC_ROOT = BASE_DIR / "collected"\n')
        self.own_page()


class BeforeTheFirstPush(unittest.TestCase):
    def test_the_page_is_for_the_operator(self):
        site = Site()
        self.addCleanup(site.close)
        nginx = Nginx(site)
        self.addCleanup(nginx.close)
        for verb in VERBS:
            status, headers, body = nginx.ask("/", verb, b"a=b" if verb == "POST" else None)
            self.assertEqual((status, headers["Content-Type"]), (503, "text/html"))
            self.assertEqual((headers["Cache-Control"], headers["Retry-After"]), ("no-store", None))
            if verb != "HEAD":
                self.assertIn(b"<pre>git push ADDRESS HEAD:main</pre>", body)
        site.deploy("maintenance", "on")
        self.assertIn(CLOSED.encode(), nginx.ask("/")[2])


if __name__ == "__main__":
    unittest.main()
