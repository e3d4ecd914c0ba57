"""The engine finds what visitors would meet before the switch: it requests pages of a release through nginx."""

import http.server
import os
import re
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.nginx import Nginx
from support.site import ROOT, Site

sys.path.insert(0, os.path.join(ROOT, "server"))

from engine.checks.front import Front

SETTINGS = os.path.join("codebase", "settings", "common.py")
PAGE = os.path.join("pages", "templates", "pages", "index.html")
VIEWS = os.path.join("pages", "views.py")
URLS = os.path.join("codebase", "urls.py")


class AsVisitor(EngineTest):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.nginx = Nginx(cls.site)
        cls.addClassCleanup(cls.nginx.close)
        cls.configure()
        cls.site.release("first")
        said = cls.good(cls.site.push())
        assert "/health answered 200, / answered 200, through nginx too, 1 static file" in said, said

    @classmethod
    def configure(cls, variables=None, **more):
        cls.site.configure("deploy", {"health": "/health", "keep": 2, "nginx": cls.nginx.address, **more})
        names = {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"}
        cls.site.configure("settings", {"variables": {**names, **(variables or {})}, "secrets": ["SECRET_KEY"]})

    def setUp(self):
        self.start = self.site.git("rev-parse", "HEAD")
        self.addCleanup(self.back)

    def back(self):
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.configure()
        self.good(self.site.push("--force", "HEAD:main"))

    def edit(self, file, pattern, by):
        path = os.path.join(self.site.clone, file)
        with open(path, encoding="utf-8") as opened:
            text = opened.read()
        changed = re.sub(pattern, by, text, count=1)
        self.assertNotEqual(changed, text, pattern)
        self.site.write(file, changed)

    def goes_live(self, subject):
        self.site.commit(subject)
        return self.good(self.site.push("--force", "HEAD:main"))

    def refused(self, subject, *says):
        live = self.site.live()
        self.site.commit(subject)
        said = re.sub(" +$", "", self.bad(self.site.push("--force", "HEAD:main")), flags=re.M)
        for each in says:
            self.assertRegex(said, each)
        self.assertEqual(self.site.live(), live)
        self.served()

    def test_a_file_that_nginx_can_not_read_refuses_the_push(self):
        self.edit(SETTINGS, "STATIC_URL", "FILE_UPLOAD_PERMISSIONS = 0o000\nSTATIC_URL")
        self.refused(
            "Closed files",
            r"REFUSED at health: /static/pages/style\.css answered 404 through nginx\n",
            r"static/pages/style\.css is closed to nginx \(its mode is 0\)\..*umask",
        )

    def test_a_file_that_is_not_there_refuses_the_push_unless_it_was_not_there_before(self):
        self.edit(PAGE, "</head>", '<script src="/static/pages/none.js?v=1&amp;w=2"></script></head>')
        self.refused(
            "A missing file",
            r"REFUSED at health: /static/pages/none\.js\?v=1&w=2 answered 404 through nginx\n",
            r"none of that name.*`pages: \{ /static/pages/none",
        )
        self.configure(pages={"/static/pages/none.js?v=1&w=2": 404})
        self.assertIn("none.js?v=1&w=2 answered 404, / answered 200, through", self.goes_live("As the stack says"))
        self.configure()
        self.assertIn("none.js?v=1&w=2 there 404, as before", self.goes_live("As the version before"))
        self.edit(PAGE, "</head>", "<link rel=stylesheet href=/static/none.css></head>")
        says = r"REFUSED at health: /static/none\.css answered 404 through nginx"
        self.refused("One more", says)
        self.configure(health="/", pages={"/health": 200})
        self.refused("Whichever page is asked for last", says)

    def test_a_file_that_a_build_would_have_made_is_told_the_build_of_the_tree(self):
        self.edit(PAGE, "</head>", "<link rel=stylesheet href=/static/made.css></head>")
        self.refused("Nothing builds", r"Where a build makes it, .* `build: \[COMMAND\]` in the stack file")
        self.site.write(
            "images/web/Dockerfile",
            "FROM python:3.12\nRUN A=b uv run -m manage \\\n  sheets build && python manage.py collectstatic\n"
            "RUN ./manage.py pack --all; rm -r cache\nCMD python manage.py runserver\n",
        )
        self.refused("A Dockerfile does", r"`build: \[python manage\.py sheets build, python manage\.py pack --all\]`")
        self.site.write("package.json", '{"scripts": {"build": "true"}}')
        self.refused("Node does", r"`build: \[npm install, npm run build\]`")

    def test_files_of_other_addresses_are_not_asked_for(self):
        names = ["//cdn.example.net/static/a.js", "/media/a.js", "a.js", "http://[/static/a.js", "/static/a b.js"]
        self.edit(PAGE, "</head>", "".join(f'<script src="{name}"></script>' for name in names) + "</head>")
        self.assertIn("through nginx too, 1 static file", self.goes_live("Other addresses"))

    def test_static_files_at_an_address_of_the_settings_own(self):
        self.edit(SETTINGS, 'STATIC_URL = "static/"', 'STATIC_URL = "/assets/v1/"')
        self.assertIn("through nginx too, 1 static file", self.goes_live("Another address"))
        self.edit(SETTINGS, "STATIC_URL", "FILE_UPLOAD_PERMISSIONS = 0o000\nSTATIC_URL")
        self.refused("Closed there", r"/assets/v1/pages/style\.css answered 404 through nginx\n.*\(its mode is 0\)")

    def test_static_files_that_the_application_serves(self):
        self.edit(SETTINGS, r"STATIC_ROOT = .*", 'STATIC_ROOT = BASE_DIR / "staticfiles"')
        security = '"django.middleware.security.SecurityMiddleware",'
        self.edit(SETTINGS, security, f'{security} "whitenoise.middleware.WhiteNoiseMiddleware",')
        self.edit("requirements.pip", "Django", "whitenoise==6.9.0\nDjango")
        self.assertIn("through nginx too, 1 static file", self.goes_live("WhiteNoise"))

    def test_a_sample_of_many(self):
        for folder in range(9):
            for file in range(9):
                self.site.write(f"pages/static/pages/{folder}/é {file}.css", "")
        self.assertIn("through nginx too, 20 static files", self.goes_live("Many files"))

    def test_a_page_that_nginx_does_not_deliver_refuses_the_push(self):
        self.edit(VIEWS, 'content_type="text/plain"', 'content_type="text/plain", headers={"X-Large": "x" * 9000}')
        self.refused(
            "Too large a head",
            r"REFUSED at health: /health answered 200, and through nginx 502\n(.*\n)*.*site\.error\.log",
        )

    def test_a_page_without_an_end_is_one_all_the_same(self):
        at_once = ", headers={'X-Accel-Buffering': 'no'}"
        view = f"def endless(request):\n    return StreamingHttpResponse(lines(){at_once})\n"
        self.edit(VIEWS, "@require_safe", f"{view}\n\n@require_safe")
        self.edit(
            VIEWS,
            "VERSION = ",
            "import time\nfrom django.http import StreamingHttpResponse\n"
            "def lines():\n    while True:\n        yield 'more'\n        time.sleep(0.1)\nVERSION = ",
        )
        self.edit(URLS, "urlpatterns = \\[", 'urlpatterns = [path("endless", views.endless),')
        self.configure(pages={"/endless": 200})
        self.assertIn("/endless answered 200, / answered 200, through nginx too, 1", self.goes_live("Endless"))
        # One without a length comes in chunks, which nginx hands on as they come.
        self.edit(VIEWS, re.escape(at_once), "")
        self.assertIn("/endless answered 200, / answered 200, through nginx too, 1", self.goes_live("In chunks"))
        # Of one with a length nginx waits for more, and visitors with nginx.
        self.edit(VIEWS, r"StreamingHttpResponse\(lines\(\)", r"\g<0>, headers={'Content-Length': '100000'}")
        self.configure(pages={"/endless": 200}, limits={"health": 1})
        self.refused("Held back", r"/endless answered 200, and through nginx nothing came \(timed out\)")

    def test_redirects_are_followed_as_visitors_follow_them(self):
        self.configure(
            {"ALLOWED_HOSTS": "example.org,www.example.org", "TLS": "on"},
            **{"host": "example.org", "names": ["example.org", "www.example.org"], "scheme": "https"},
        )
        self.edit(SETTINGS, "STATIC_URL", "PREPEND_WWW = True\nSTATIC_URL")
        self.assertIn("through nginx too, 1 static file", self.goes_live("To the other name, by https"))

    def test_where_nginx_has_no_such_server_what_is_looked_at_is_said(self):
        self.configure(nginx="127.0.0.1:1")
        said = self.goes_live("No nginx")
        self.assertIn("nginx not asked (127.0.0.1:1: Connection refused), 1 static file", said)
        other = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        other.RequestHandlerClass.log_message = lambda *_: None
        threading.Thread(target=other.serve_forever, daemon=True).start()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        self.configure(nginx=f"127.0.0.1:{other.server_port}")
        self.assertIn("has no server for it yet, which `up` makes), 1 static file", self.goes_live("Another program"))
        self.edit(SETTINGS, "STATIC_URL", "FILE_UPLOAD_PERMISSIONS = 0o000\nSTATIC_URL")
        self.refused("Closed files", r"REFUSED at health: nginx can't read .*style\.css\n(.*\n)*.*\(its mode is 0\)")

    def test_where_nginx_wants_to_be_told_who_the_visitor_is(self):
        proxied = Nginx(self.site, proxy_protocol=True)
        self.addCleanup(proxied.close)
        self.configure(nginx=proxied.address, proxy_protocol=True)
        self.assertIn("through nginx too, 1 static file", self.goes_live("By the PROXY protocol"))
        # In the middle of an `up` that turns it on or off, the two may differ.
        self.configure(nginx=proxied.address)
        self.assertIn("nginx not asked", self.goes_live("Not told"))
        self.configure(proxy_protocol=True)
        self.assertIn("nginx not asked", self.goes_live("Told, and not asked for it"))

    def test_a_site_that_was_never_pushed_to_says_so(self):
        site = Site()
        self.addCleanup(site.close)
        nginx = Nginx(site)
        self.addCleanup(nginx.close)
        for path in ("/", "/static/pages/style.css", "/any?query"):
            status, kind, body = nginx.get(path)
            self.assertEqual((status, kind), (503, "text/html"))
            self.assertIn(b"<h1>Nothing was pushed to this site yet</h1>", body)
        self.good(site.push())
        self.assertEqual(nginx.get("/static/pages/style.css")[0], 200)
        self.assertEqual(nginx.get("/")[0], 200)


class Replies(unittest.TestCase):
    def ask_twice(self, first):
        """The status of the second of two replies of a server whose first connection `first` is given to."""

        def serve():
            with listening.accept()[0] as one:
                one.recv(1000)
                first(one)
                with listening.accept()[0] as two:
                    two.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = threading.Thread(target=serve)
            thread.start()
            self.addCleanup(thread.join)
            with Front(f"127.0.0.1:{listening.getsockname()[1]}", "site", "blue") as front:
                try:
                    front.ask("/one", "localhost", "http", time.monotonic() + 0.2)
                except socket.timeout:
                    pass
                return front.ask("/two", "localhost", "http", time.monotonic() + 20).status

    def test_one_that_comes_too_late_is_not_the_next_ones(self):
        def late(connection):
            time.sleep(0.4)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        self.assertEqual(self.ask_twice(late), 404)

    def test_a_connection_that_ended_after_the_one_is_made_anew(self):
        def whole(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
            connection.close()

        self.assertEqual(self.ask_twice(whole), 404)


if __name__ == "__main__":
    unittest.main()
