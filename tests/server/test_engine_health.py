"""Whether a booted release can serve: the pages that visitors request, and the cause that a refusal names."""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import GIT

SETTINGS = os.path.join("codebase", "settings", "test.py")
VIEWS = os.path.join("pages", "views.py")
USUAL = {"health": "/health", "keep": 2, "host": "www.example.org", "names": ["www.example.org", "example.org"]}


class Pages(EngineTest):
    def setUp(self):
        self.start = self.site.git("rev-parse", "HEAD")
        self.configure()
        self.site.configure(
            "settings",
            {
                "variables": {
                    "DJANGO_SETTINGS_MODULE": "codebase.settings.test",
                    "ALLOWED_HOSTS": "localhost,www.example.org,example.org",
                },
                "secrets": ["SECRET_KEY"],
            },
        )
        self.addCleanup(self.back)

    def back(self):
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.configure()

    def configure(self, **more):
        self.site.configure("deploy", {**USUAL, **more})

    def edit(self, file, old, new):
        path = os.path.join(self.site.clone, file)
        with open(path, encoding="utf-8") as opened:
            text = opened.read()
        self.assertIn(old, text)
        self.site.write(file, text.replace(old, new))

    def answers(self, body):
        """Let the front page begin with these lines."""
        self.edit(VIEWS, "    form = EntryForm(request.POST or None)\n", f"    {body}\n    form = None\n")
        self.site.commit(body)

    def settings(self, text):
        self.edit(SETTINGS, "SECURE_HSTS_SECONDS = 0", f"SECURE_HSTS_SECONDS = 0\n{text}")
        self.site.commit(text)

    def refused(self, *says):
        live = self.site.live()
        said = self.bad(self.site.push("--force", "HEAD:main"))
        said = re.sub(" +$", "", said, flags=re.M)
        for each in says:
            self.assertRegex(said, each)
        self.assertEqual(self.site.live(), live)
        self.served()
        return said

    def test_a_front_page_that_fails_is_refused_whatever_the_health_path_says(self):
        self.answers("raise ValueError('no front page')")
        self.refused(
            r"REFUSED at health: / answered 500\n(.*\n)*.*ValueError: no front page", r"live release answers \d+\."
        )

    def test_a_page_that_fails_is_told_what_to_write(self):
        self.answers("open(__file__ + '.json')")
        self.refused(r"`files: \{ pages/views\.py\.json: FILE \}`.* The whole log on the server")

    def test_a_page_that_fails_for_the_first_request_only_is_let_pass_and_said(self):
        # As where two workers make the same folder of a search index.
        form = "    form = EntryForm(request.POST or None)\n"
        made = f"{self.site.www}/var/made"
        self.edit(VIEWS, form, f"    import os; os.path.exists({made!r}) or (os.mkdir({made!r}) or 1 / 0)\n{form}")
        self.site.commit("Makes a folder once")
        said = self.good(self.site.push("--force", "HEAD:main"))
        self.assertRegex(said, r"    / answered 500 to the first request, and not again\. See .*gunicorn-\d+\.log")
        self.assertIn("/ answered 200", said)

    def test_one_that_fails_now_and_then_is_refused(self):
        form = "    form = EntryForm(request.POST or None)\n"
        asked = f"{self.site.www}/var/asked"
        self.edit(VIEWS, form, f"    at = open({asked!r}, 'a')\n    at.tell() in (0, 4) and at.write('x') / 0\n{form}")
        self.edit(VIEWS, form, f"    at.write('x')\n    at.close()\n{form}")
        self.site.commit("Fails now and then")
        self.assertIn("/ answered 500", self.bad(self.site.push("--force", "HEAD:main")))

    def test_a_page_that_is_to_be_written_into_the_tree_is_told_what_to_write(self):
        # gunicorn breaks off at an OSError that Django does not answer, as one of the page of an error itself.
        with open(os.path.join(self.site.clone, "codebase", "wsgi.py"), "a", encoding="utf-8") as file:
            file.write(
                "\n\nasked = application\n\n\ndef application(environ, start):\n"
                "    if environ['PATH_INFO'] == '/':\n"
                "        raise OSError(30, 'Read-only file system', __file__.replace('wsgi.py', 'made'))\n"
                "    return asked(environ, start)\n"
            )
        self.site.commit("Writes")
        self.refused(r"/: gunicorn broke off", r"lets the application write codebase/made not into its tree\. Have the")

    def test_an_absent_page_that_answers_500_is_said_once(self):
        said = "A page that does not exist answers 500, and not 404: ValueError: no page for 404"
        with open(os.path.join(self.site.clone, "codebase", "urls.py"), "a", encoding="utf-8") as file:
            file.write("\n\ndef handler404(request, exception):\n    raise ValueError('no page for 404')\n")
        self.site.commit("No page for 404")
        self.assertIn(said, self.good(self.site.push("--force", "HEAD:main")))
        self.site.release("again")
        self.assertNotIn(said, self.good(self.site.push()))

    def test_a_front_page_that_is_gone_is_worse_than_the_one_before(self):
        self.answers("return HttpResponse(status=404)")
        self.refused(r"REFUSED at health: / answered 404")

    def test_the_stack_may_say_that_another_status_is_right(self):
        self.configure(pages={"/": 404})
        self.answers("return HttpResponse(status=404)")
        said = self.good(self.site.push("--force", "HEAD:main"))
        self.assertIn("/ answered 404", said)
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.configure(pages={"/": 404, "/more": 200})
        said = self.bad(self.site.push("--force", "HEAD:main"))
        self.assertIn("The stack wants 404 (`pages`)", said)
        self.configure()
        self.good(self.site.push("--force", "HEAD:main"))

    def test_a_redirect_to_another_name_of_the_site_is_followed(self):
        self.answers(
            "if request.get_host() == 'www.example.org': return redirect('http://example.org/')\n"
            "    raise ValueError('at the other name')"
        )
        said = self.refused(r"REFUSED at health: / answered 500\n(.*\n)*.*ValueError: at the other name")
        self.assertNotIn("Outside of gunicorn", said)

    def test_a_redirect_off_the_site_is_no_answer(self):
        self.answers("return redirect('https://elsewhere.example.net/')")
        self.refused(r"/ redirects to elsewhere\.example\.net, which is no name of this site\n(.*\n)*.*serverNames")

    def test_a_redirect_to_https_names_what_mends_it(self):
        self.settings("SECURE_SSL_REDIRECT = True")
        self.refused(
            r"/ redirects to https, and the site is served with http\n(.*\n)*.*"
            r"Or let SECURE_SSL_REDIRECT \(codebase/settings/test\.py:\d+\) be False\."
        )

    def test_a_redirect_to_https_names_the_variable_that_the_settings_read(self):
        self.settings('import os\nSECURE_SSL_REDIRECT = os.environ.get("SHOP_TLS") != "False"')
        self.refused(r"be False: `environment: \{ SHOP_TLS: \"False\" \}` in the stack file\.")

    def test_a_redirect_of_the_application_s_own_is_not_said_to_be_a_setting_s(self):
        self.answers("return request.is_secure() or redirect('https://www.example.org/')")
        said = self.refused(r"/ redirects to https, and the site is served with http")
        self.assertNotIn("SECURE_SSL_REDIRECT", said)

    def test_behind_a_proxy_that_ends_tls_it_is_followed(self):
        self.configure(scheme="https")
        self.settings("SECURE_SSL_REDIRECT = True\nSECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')")
        self.good(self.site.push("--force", "HEAD:main"))
        self.site.git("reset", "--quiet", "--hard", self.start)
        self.configure()
        self.good(self.site.push("--force", "HEAD:main"))

    def test_a_name_that_django_does_not_allow_is_named(self):
        self.edit(
            os.path.join("codebase", "settings", "production.py"), "ALLOWED_HOSTS = [", "ALLOWED_HOSTS = ['none'] or ["
        )
        self.site.commit("Another name")
        # The file's own expression, which reads the variable too, has not the last word.
        self.refused(r"/health answered 400", r"codebase/settings/production\.py:\d+ makes \['none'\] of ALLOWED_HOSTS")

    def test_a_name_that_django_does_not_allow_by_a_variable_of_its_own(self):
        self.settings(
            'import os\nALLOWED_HOSTS = [os.environ.get("SHOP_DOMAIN")]\nif DEBUG:\n    ALLOWED_HOSTS = ["*"]'
        )
        self.refused(
            r"/health answered 400\n(.*\n)*.*codebase/settings/test\.py:\d+ reads SHOP_DOMAIN\. "
            r"Write `environment: \{ SHOP_DOMAIN: \$\{ALLOWED_HOSTS\} \}` into the stack file\."
        )

    def test_a_bad_request_of_another_cause_is_not_said_to_be_of_its_name(self):
        self.configure(pages={"/": 200})
        self.answers("return HttpResponse(status=400)")
        self.assertNotIn("ALLOWED_HOSTS", self.refused(r"/ answered 400"))

    def test_a_bad_request_that_the_application_makes_of_an_error_tells_it(self):
        self.configure(pages={"/": 200})
        self.answers("from django.core.exceptions import SuspiciousOperation; raise SuspiciousOperation('not so')")
        self.refused(r"/ answered 400\n(.*\n)*.*pages/views\.py\", line \d+.*\n(.*\n)*.*SuspiciousOperation: not so")

    def test_a_name_that_the_application_itself_does_not_know_tells_the_setting(self):
        self.configure(pages={"/": 200})
        self.settings('import os\nSHOP = os.environ.get("SHOP_HOST", "localhost")')
        self.answers(
            "from django.conf import settings\n    from django.core.exceptions import DisallowedHost\n"
            "    if request.get_host() != settings.SHOP:\n        raise DisallowedHost('Unknown shop')"
        )
        self.refused(
            r"DisallowedHost: Unknown shop",
            r"pages/views\.py goes by SHOP of codebase/settings/test\.py:\d+\. Say it: `environment: \{ SHOP_HOST",
        )

    def test_a_bad_request_that_the_application_answers_itself_tells_where_and_the_setting(self):
        # As Mataroa's middleware does for a host name that is not its own.
        self.configure(pages={"/": 200})
        self.settings('import os\nSHOP = os.environ.get("SHOP_HOST", "localhost")')
        self.answers(
            "from django.conf import settings\n    if request.get_host() != settings.SHOP:\n"
            "        return HttpResponse(status=400)"
        )
        self.refused(
            r"/ answered 400\n(.*\n)*.*pages/views\.py:\d+ answers 400\b",
            r"pages/views\.py goes by SHOP of codebase/settings/test\.py:\d+\. Say it: `environment: \{ SHOP_HOST",
        )

    def test_a_visitor_is_known_by_the_address_that_nginx_says(self):
        self.configure(pages={"/": 200})
        # The engine itself says it as nginx does.
        self.answers("return HttpResponse(status=200 if request.META['REMOTE_ADDR'] == '127.0.0.1' else 403)")
        self.good(self.site.push("--force", "HEAD:main"))

    def test_a_first_page_may_take_as_long_as_a_boot(self):
        self.configure(limits={"health": 1, "boot": 20})
        self.edit(VIEWS, "VERSION = ", "import time\nslow = [3]\nVERSION = ")
        self.edit(VIEWS, "    with connection", "    if slow: time.sleep(slow.pop())\n    with connection")
        self.site.commit("Slow at first")
        self.good(self.site.push("--force", "HEAD:main"))


class Shallow(EngineTest):
    def test_a_push_from_a_shallow_clone_goes_live(self):
        self.site.run("git", "-C", self.site.path("codebase"), "config", "receive.shallowUpdate", "true")
        clone = os.path.join(self.site.scratch, "shallow")
        self.site.release("deep")
        self.site.release("deeper")
        self.site.run("git", "clone", "--quiet", "--depth", "1", f"file://{self.site.clone}", clone)
        path = os.path.join(clone, VIEWS)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('"deeper"', '"shallow"'))
        self.site.run("git", "-C", clone, "commit", "--quiet", "--all", "--message", "Shallow")
        done = subprocess.run(
            ["git", "-C", clone, "push", "--force", self.site.path("codebase"), "HEAD:main"],
            env={**os.environ, **GIT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.served(), "shallow")


if __name__ == "__main__":
    unittest.main()
