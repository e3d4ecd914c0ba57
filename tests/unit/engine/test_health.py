"""Which answers of a release that is up let it go live."""

import os
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.checks.health import (
    ABSENT_PAGE,
    check_health,
    circle_advice,
    is_of_site,
    say_of_absent_page,
    target_of,
    visit,
    wanted_pages,
)
from engine.errors import Refused
from engine.release.release import State


class Connections:
    """What the workers of a release answer: {path: [(status, location) of each], an error, or a function of either}."""

    def __init__(self, pages, asked):
        self.pages, self.asked, self.looked = pages, asked, 0
        self.deadlines = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def taken(self):
        self.looked += 1
        return self.looked > 1

    def ask(self, path, host, scheme, deadline):
        self.asked.append((path, host, scheme))
        self.deadlines.append(deadline - time.monotonic())
        answer = self.pages.get(path, [(200, "")])
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, list) else [answer]


class Health(Scratch):
    def setUp(self):
        super().setUp()
        self.pages, self.live_pages, self.asked, self.errors, self.deadlines = {}, None, [], [], []
        self.new = self.release(2, State.BOOTING)
        self.patch("engine.checks.health.connections_to_workers", self.connections)
        self.patch("engine.checks.health.project_of", lambda _: self)
        # There is no project to ask for its settings.
        self.patch("engine.checks.settings.setting_of", lambda *_: {})

    def connections(self, release):
        pages = self.pages if release == self.new else self.live_pages
        connections = Connections(pages, self.asked if release == self.new else [])
        connections.deadlines = self.deadlines
        return connections

    def ask(self, verb, path, host, scheme):
        """In the place of a project that is asked for its error."""
        self.errors.append((verb, path, host, scheme))
        with open(self.new.deploy_log, "a") as log:
            log.write('Traceback (most recent call last):\n  File "x.py", line 1\nValueError: unwell\n')
        raise Refused("django", "it failed")

    def with_live(self, **pages):
        self.live_pages = {"/": (200, ""), **{f"/{name}": answer for name, answer in pages.items()}}
        return self.live(1)

    def check(self, **config):
        return check_health(self.job(self.new, self.config(**{"health": "/health", **config})))

    def refused(self, **config):
        with self.assertRaises(Refused) as raised:
            self.check(**config)
        self.assertEqual(raised.exception.step, "health")
        return raised.exception

    def test_good_pages(self):
        self.assertEqual(self.check(), "/health answered 200, / answered 200")
        self.assertEqual(self.asked, [("/health", "shop.example", "http"), ("/", "shop.example", "http")])

    def test_each_status_of_a_page_that_the_stack_names(self):
        for status in (200, 204, 302, 399, 400, 401, 403, 404, 410, 499, 500, 503):
            with self.subTest(status=status):
                self.pages["/health"] = (status, "")
                if status < 400:
                    self.assertIn(f"/health answered {status}", self.check())
                else:
                    self.assertEqual(self.refused().reason, f"/health answered {status}")

    def test_the_worst_worker_counts(self):
        self.pages["/health"] = [(200, ""), (503, ""), (200, "")]
        self.assertEqual(self.refused().reason, "/health answered 503")

    def test_a_status_that_the_stack_wants(self):
        self.pages["/gone"] = (410, "")
        self.assertIn("/gone answered 410", self.check(pages={"/gone": 410}))
        refused = self.refused(pages={"/gone": 404})
        self.assertEqual(refused.reason, "/gone answered 410")
        self.assertIn("The stack wants 404 (`pages`).", refused.advice)
        self.assertEqual(self.refused(pages={"/": 404}).reason, "/ answered 200")

    def test_the_front_page_beside_that_of_the_live_release(self):
        for now, before, passes in (
            (200, 200, True),
            (404, None, True),
            (403, None, True),
            (400, None, False),
            (499, None, True),
            (500, None, False),
            (503, None, False),
            (404, 404, True),
            (404, 200, False),
            (404, 399, False),
            (404, 400, True),
            (404, 500, True),
            (500, 404, False),
            (500, 499, False),
            (500, 500, True),
            (503, 500, True),
            (500, 503, True),
            (503, 404, False),
            (400, 200, False),
            (400, 404, True),
        ):
            with self.subTest(now=now, before=before):
                self.setUp()
                self.pages["/"] = (now, "")
                if before:
                    self.with_live()
                    self.live_pages["/"] = (before, "")
                if passes:
                    ending = "" if now < 400 else ", as before" if before else ", which is let pass"
                    self.assertEqual(self.check(), f"/health answered 200, / answered {now}{ending}")
                else:
                    advice = self.refused().advice
                    self.assertEqual(f"That of the live release answers {before}." in advice, bool(before), advice)

    def test_what_the_live_one_answered_before_migrations_counts(self):
        self.with_live()
        self.live_pages["/"], self.pages["/"] = (500, ""), (500, "")
        job = self.job(self.new, self.config(health="/health"))
        job.before_migrating["/"] = 200
        with self.assertRaises(Refused):
            check_health(job)
        job.before_migrating["/"] = None
        with self.assertRaises(Refused):
            check_health(job)
        job.before_migrating["/"] = 500
        self.assertIn("as before", check_health(job))

    def test_a_live_one_that_does_not_answer_is_none(self):
        self.with_live()
        self.live_pages["/"], self.pages["/"] = ConnectionRefusedError(111, "refused"), (404, "")
        self.assertIn("which is let pass", self.check())

    def test_what_a_refusal_tells(self):
        with open(self.new.gunicorn_log, "w") as log:
            log.write("a line of gunicorn\n")
        self.pages["/health"] = (500, "")
        refused = self.refused()
        self.assertIn("ValueError: unwell", refused.lines)
        self.assertEqual(self.errors, [("ask", "/health", "shop.example", "http")])
        self.assertIn(self.new.gunicorn_log, refused.advice)
        self.pages["/health"] = (404, "")
        self.assertEqual(self.refused().lines, ["a line of gunicorn"])
        self.pages["/health"] = (499, "")
        self.assertEqual((self.refused().lines, len(self.errors)), (["a line of gunicorn"], 1))
        self.pages["/health"] = (503, "")
        self.assertIn("ValueError: unwell", self.refused().lines)
        self.pages["/health"] = (302, "https://accounts.example/")
        refused = self.refused(pages={"/health": 200})
        self.assertEqual((refused.lines, "ALLOWED_HOSTS" in refused.advice), (["a line of gunicorn"], False))
        self.pages["/health"] = (400, "")
        refused = self.refused()
        self.assertIn("ALLOWED_HOSTS", refused.advice)
        self.assertIn("it was asked for shop.example.", refused.advice)
        self.assertIn("ValueError: unwell", refused.lines)

    def answers(self, path, *statuses):
        """Let a page answer with these statuses in turn, the last for ever."""
        left = list(statuses)

        def answer():
            status = left.pop(0) if len(left) > 1 else left[0]
            return status if isinstance(status, BaseException) else (status, "")

        self.pages[path] = answer

    def test_an_error_that_only_the_first_request_meets(self):
        for first in (500, 503):
            self.answers("/health", first, 200)
            self.asked.clear()
            self.assertIn("/health answered 200", self.check())
            self.assertEqual([path for path, *_ in self.asked].count("/health"), 4)
            self.assertIn(f"/health answered {first} to the first request, and not again", "\n".join(self.said))
        self.answers("/health", 500, 200, 200, 499)
        self.assertEqual(self.refused().reason, "/health answered 499")
        for rest in ((500, 500), (500, 200, 500), (500, 200, 200, 501), (500, 200, 200, 503, 200)):
            with self.subTest(rest):
                self.said.clear()
                self.answers("/health", *rest)
                self.assertEqual(self.refused().reason, "/health answered 500")
                self.assertEqual(self.said, [])
        self.answers("/health", 500, ConnectionResetError(104, "Connection reset by peer"))
        self.assertEqual(self.refused().reason, "/health answered 500")

    def test_no_page_is_asked_again_that_meets_no_error_or_the_one_that_is_wanted(self):
        for status, wanted, times in ((499, 499, 1), (500, 500, 1), (501, 501, 1), (502, 404, 2), (404, 404, 1)):
            with self.subTest(status=status, wanted=wanted):
                self.asked.clear()
                self.answers("/health", status)
                if status == wanted:
                    self.assertIn(f"/health answered {status}", self.check(pages={"/health": wanted}))
                else:
                    self.assertIn(f"The stack wants {wanted}", self.refused(pages={"/health": wanted}).advice)
                self.assertEqual([path for path, *_ in self.asked].count("/health"), times)

    def absent(self, status, live=None):
        """What is said of a page that does not exist."""
        self.said.clear()
        self.answers(ABSENT_PAGE, status)
        if live:
            self.with_live()
            self.live_pages[ABSENT_PAGE] = live if isinstance(live, BaseException) else (live, "")
        say_of_absent_page(self.job(self.new, self.config(health="/health")))
        return "\n".join(self.said)

    def test_a_page_that_does_not_exist_and_meets_an_error(self):
        begin = "    A page that does not exist answers"
        for status in (500, 503):
            self.assertEqual(self.absent(status), f"{begin} {status}, and not 404: it failed.")
        self.assertEqual(self.errors[0], ("ask", ABSENT_PAGE, "shop.example", "http"))
        for status in (200, 404, 499):
            self.assertEqual(self.absent(status), "")
        self.assertEqual(self.absent(ConnectionResetError(104, "Connection reset by peer")), "")
        self.patch("engine.checks.health.error_of", lambda *_: None)
        self.assertEqual(self.absent(500), f"{begin} 500, and not 404")

    def test_a_page_that_does_not_exist_beside_that_of_the_live_release(self):
        for live, says in (
            (404, True),
            (499, True),
            (500, False),
            (503, False),
            (ConnectionRefusedError(111, "refused"), True),
        ):
            with self.subTest(live):
                self.setUp()
                self.assertEqual(bool(self.absent(500, live)), says)

    def test_an_error_that_only_gunicorn_meets(self):
        traceback = 'Traceback (most recent call last):\n  File "x.py", line 1\nOSError: closed\n'
        self.patch("engine.checks.health.error_of", lambda *_: None)
        for status, seen in ((499, False), (500, True), (501, True)):
            with open(self.new.gunicorn_log, "w") as log:
                log.write(f"Booting\n{traceback}[INFO] more\n")
            self.pages["/health"] = (status, "")
            refused = self.refused()
            self.assertEqual("Outside of gunicorn the page has no error." in refused.advice, seen, status)
            self.assertEqual(refused.lines[:1] == ["Booting"], not seen, refused.lines)
            self.assertIn(self.new.gunicorn_log, refused.advice)
        self.patch("engine.checks.health.help_with_read_only", lambda *_: "It wrote into its tree.")
        refused = self.refused()
        self.assertTrue(refused.advice.startswith("It wrote into its tree. The whole log"), refused.advice)
        # Without one in the log, there is only the log's end.
        self.patch("engine.checks.health.help_with_read_only", lambda *_: "")
        with open(self.new.gunicorn_log, "w") as log:
            log.write("Booting\n")
        refused = self.refused()
        self.assertEqual((refused.lines, "Outside of" in refused.advice), (["Booting"], False))

    def test_a_request_that_broke_off_because_the_tree_is_read_only(self):
        with open(self.new.gunicorn_log, "w") as log:
            log.write("first line\nlast line\n")
        seen = []
        self.patch("engine.checks.health.help_with_read_only", lambda _, text: seen.append(text) or "It wrote there.")
        self.pages["/health"] = ConnectionResetError(104, "Connection reset by peer")
        self.assertTrue(self.refused().advice.startswith("It wrote there. The whole log"))
        self.pages["/health"] = (500, "")
        self.refused()
        self.assertEqual(seen, ["first line\nlast line\n"] * 2)

    def test_one_that_does_not_answer(self):
        self.pages["/health"] = socket.timeout("timed out")
        self.assertEqual(self.refused(limits={"boot": 60, "health": 10}).reason, "/health did not answer within 60 s")
        # The first page of a worker has the time of a boot, those after it do not.
        del self.pages["/health"]
        self.pages["/"] = socket.timeout("timed out")
        refused = self.refused(limits={"boot": 60, "health": 10})
        self.assertEqual(refused.reason, "/ did not answer within 10 s")
        self.assertIn("limits.health", refused.advice)
        self.pages["/"] = ConnectionResetError(104, "Connection reset by peer")
        self.assertEqual(self.refused().reason, "/: gunicorn broke off (Connection reset by peer)")

    def test_redirects_within_the_site(self):
        self.pages.update({"/health": (302, "/login?next=/"), "/login?next=/": (200, "")})
        self.assertIn("/health answered 200", self.check())
        self.pages["/health"] = (301, "http://www.shop.example/there")
        self.assertIn("/health answered 200", self.check(names=["www.shop.example"]))
        self.assertIn(("/there", "www.shop.example", "http"), self.asked)
        self.pages["/there"] = (500, "")
        self.assertEqual(self.refused(names=["www.shop.example"]).reason, "/health answered 500")
        # One without a place to go to, and what is none.
        self.pages["/health"] = (304, "")
        self.assertIn("/health answered 304", self.check())
        self.pages["/health"] = (201, "/elsewhere")
        self.assertIn("/health answered 201", self.check())

    def test_which_answers_are_redirects(self):
        for status, followed in ((299, False), (300, True), (399, True), (400, False)):
            with self.subTest(status):
                self.asked.clear()
                self.pages.update({"/health": (status, "/there"), "/there": (200, "")})
                self.check(pages={"/health": 200 if followed else status})
                self.assertEqual(("/there", "shop.example", "http") in self.asked, followed)

    def test_a_redirect_with_a_port(self):
        self.pages.update({"/health": (302, "http://shop.example:8080/there")})
        self.assertIn("/health answered 200", self.check())
        self.assertIn(("/there", "shop.example:8080", "http"), self.asked)

    def test_redirects_of_a_site_that_is_served_with_https(self):
        self.pages.update({"/health": (302, "https://shop.example/there"), "/there": (302, "http://shop.example/x")})
        self.assertIn("/health answered 200", self.check(scheme="https"))
        self.assertEqual([scheme for _, _, scheme in self.asked[:3]], ["https", "https", "http"])

    def test_a_circle_over_two_names_of_the_site(self):
        self.pages.update({"/health": (302, "http://a.example/two"), "/two": (302, "http://shop.example/health")})
        reason = self.refused(names=["a.example"]).reason
        self.assertTrue(reason.endswith("in a circle: /health -> a.example/two -> /health"), reason)
        self.pages["/two"] = (302, "http://z.example/two")
        reason = self.refused(names=["a.example", "z.example"]).reason
        self.assertIn("/health -> a.example/two -> z.example/two -> z.example/two", reason)

    def test_how_long_each_page_may_take(self):
        self.check(limits={"boot": 60, "health": 10})
        first, second = self.deadlines
        self.assertTrue(50 < first <= 60 and 5 < second <= 10, self.deadlines)

    def test_workers_at_work_are_waited_for_a_while(self):
        for never, limit, waited in ((3, 10, 0.003), (10**9, 10, 0.25), (10**9, 0.1, 0.1)):
            with self.subTest(never=never, limit=limit):
                clock = [100.0]
                self.patch("engine.checks.health.time.monotonic", lambda clock=clock: clock[0])
                self.patch("engine.checks.health.time.sleep", lambda s, clock=clock: clock.__setitem__(0, clock[0] + s))
                looked = []
                self.patch(
                    f"{Connections.__module__}.Connections.taken",
                    lambda _, looked=looked, never=never: looked.append(1) or len(looked) > never,
                )
                visit(self.config(), self.new, "/", limit)
                self.assertAlmostEqual(clock[0] - 100, waited, delta=0.0015)

    def test_redirects_to_elsewhere(self):
        self.pages["/health"] = (302, "https://accounts.example/login")
        refused = self.refused()
        self.assertEqual(refused.reason, "/health redirects to accounts.example, which is no name of this site")
        self.assertIn("`pages: { /health: 302 }`", refused.advice)
        self.assertIn("/health answered 302", self.check(pages={"/health": 302}))

    def test_a_redirect_to_https_which_nobody_serves(self):
        self.pages["/health"] = (301, "https://shop.example/health")
        self.assertEqual(self.refused().reason, "/health redirects to https, and the site is served with http")

    def test_a_redirect_to_https_which_nginx_serves(self):
        self.patch("engine.checks.health.certificate_of_site", lambda: {"names": []})
        self.pages["/health"] = (301, "https://shop.example/there")
        self.assertIn("/health answered 200", self.check())
        self.assertIn(("/there", "shop.example", "https"), self.asked)

    def test_redirects_without_an_end(self):
        self.pages.update({"/health": (302, "/two"), "/two": (302, "/health")})
        refused = self.refused()
        self.assertEqual(refused.reason, "/health redirects in a circle: /health -> /two -> /health")
        self.assertIn("Set `health`", refused.advice)
        self.pages.update({"/health": (302, "/0"), **{f"/{at}": (302, f"/{at + 1}") for at in range(4)}})
        self.assertIn("/health answered 200", self.check())
        self.pages.update({f"/{at}": (302, f"/{at + 1}") for at in range(10)})
        self.assertRegex(self.refused().reason, r"in a circle: /health -> /0 -> /1 -> /2 -> /3 -> /4 -> /5$")
        self.assertIn("X-Forwarded-Proto", circle_advice(self.config(scheme="https")))

    def test_nginx_is_asked_where_it_has_a_server_for_a_slot(self):
        seen = []

        def check_as_visitor(job, answers, is_own):
            seen.append((sorted(answers), is_own("shop.example"), is_own("other.example")))
            return "through nginx too"

        self.patch("engine.checks.health.check_as_visitor", check_as_visitor)
        self.assertTrue(self.check(nginx="127.0.0.1:1").endswith(", through nginx too"))
        self.assertEqual(seen, [(["/", "/health"], True, False)])
        self.check()
        self.assertEqual(len(seen), 1)


class Words(Scratch):
    def test_the_pages_that_are_asked_for(self):
        self.assertEqual(wanted_pages(self.config(health="/up")), {"/up": None, "/": None})
        self.assertEqual(wanted_pages(self.config(health="/")), {"/": None})
        self.assertEqual(wanted_pages(self.config(pages={"/": 404}, health="/")), {"/": 404})
        self.assertEqual(
            list(wanted_pages(self.config(health="/up", pages={"/a": 200, "/": 302})).items()),
            [("/up", None), ("/a", 200), ("/", 302)],
        )

    def test_names_of_the_site(self):
        config = self.config(names=["*.shop.example", ".both.example", "plain.example"])
        for host, own in (
            ("shop.example", True),
            ("a.shop.example", True),
            ("a.b.shop.example", True),
            ("both.example", True),
            ("www.both.example", True),
            ("plain.example", True),
            ("www.plain.example", False),
            ("notplain.example", False),
            ("evilshop.example", False),
            ("bothXexample", False),
            ("", False),
        ):
            with self.subTest(host):
                self.assertEqual(is_of_site(config, host), own)

    def test_where_a_redirect_leads(self):
        for location, target in (
            ("/x", ("http", "shop.example", "/x")),
            ("x?y=1", ("http", "shop.example", "/a/x?y=1")),
            ("//other.example", ("http", "other.example", "/")),
            ("https://other.example:8443/x?y#z", ("https", "other.example:8443", "/x?y")),
            ("?y", ("http", "shop.example", "/a/b?y")),
        ):
            with self.subTest(location):
                self.assertEqual(target_of(location, "http", "shop.example", "/a/b"), target)


if __name__ == "__main__":
    unittest.main()
