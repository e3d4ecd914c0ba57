"""What a person reads of a traceback: the place in their own code and the reason, once."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.console.logs import cause_in

HEAD = "Traceback (most recent call last):\n"
HANDLING = "\nDuring handling of the above exception, another exception occurred:\n\n"
CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
WWW = "/home/deploy/www"


def frame(path, code="x()"):
    return f'  File "{path}", line 7, in f\n    {code}\n'


OWN = frame(f"{WWW}/releases/3/codebase/shop/settings.py", "own()")
OTHER_OWN = frame(f"{WWW}/releases/3/codebase/shop/urls.py", "other()")
INSTALLED = frame(f"{WWW}/releases/3/lib/python3.11/site-packages/environ/environ.py")
IN_TREE = frame(f"{WWW}/releases/3/codebase/.venv/lib/python3.11/site-packages/thing.py")
STANDARD = frame("/usr/lib/python3.11/os.py")
ENGINE = frame("/usr/lib/greenpush/engine/guest/run_django.py")
FROZEN = frame("<frozen importlib._bootstrap>")
AT = '  File "/home/deploy/www/releases/3/codebase/shop/settings.py", line 7, in f'
AT_OTHER = AT.replace("settings", "urls")


class Causes(unittest.TestCase):
    def check(self, text, *lines):
        self.assertEqual(cause_in(text), list(lines))

    def test_it_ends_in_the_persons_own_frame(self):
        self.check(f"{HEAD}{ENGINE}{OWN}{INSTALLED}ValueError: no\n", AT, "    own()", "ValueError: no")
        self.check(f"{HEAD}{OWN}{IN_TREE}{STANDARD}ValueError: no\n", AT, "    own()", "ValueError: no")
        both = f"{HEAD}{OWN}{INSTALLED}{OTHER_OWN}{STANDARD}ValueError: no\nreally\n"
        self.check(both, AT, "    own()", AT_OTHER, "    other()", "ValueError: no", "really")

    def test_a_site_whose_folder_has_the_name_too(self):
        www = "/home/codebase/codebase/www"
        frames = frame(f"{www}/releases/3/codebase/own.py") + frame(f"{www}/releases/3/lib/python3.11/x.py")
        self.check(f"{HEAD}{frames}E: no\n", *frame(f"{www}/releases/3/codebase/own.py").splitlines(), "E: no")

    def test_without_an_own_frame_the_last_ones_are_shown(self):
        shown = [*INSTALLED.splitlines(), *STANDARD.splitlines()]
        self.check(f"{HEAD}{ENGINE}{STANDARD}{FROZEN}{INSTALLED}{STANDARD}E: no\n", *shown, "E: no")
        self.check(f"{HEAD}{ENGINE}{FROZEN}ModuleNotFoundError: x\n", "ModuleNotFoundError: x")

    def test_it_stands_there_once(self):
        worker = f"[2026-01-01 10:00:00 +0000] [7] [ERROR] Exception in worker process\n{HEAD}{OWN}E: no\n"
        self.check(worker * 3, AT, "    own()", "E: no")

    def test_of_a_chain_it_is_what_the_authors_say(self):
        first = f"{HEAD}{INSTALLED}KeyError: 'DSN'\n"
        last = f"{HEAD}{ENGINE}{OWN}{INSTALLED}ImproperlyConfigured: Set the variable\n"
        said = (AT, "    own()", "ImproperlyConfigured: Set the variable", "which came of KeyError: 'DSN'")
        for link in (HANDLING, CAUSED):
            self.check(f"{first}{link}{last}", *said)
            self.check(f"{first}{link}{last}{HEAD}{OTHER_OWN}E: of another\n", *said)

    def test_of_a_chain_in_own_code_it_is_the_last(self):
        chain = f"{HEAD}{OWN}KeyError: 'x'\n{CAUSED}{HEAD}{OTHER_OWN}ImproperlyConfigured: no x\n"
        said = ("ImproperlyConfigured: no x", "which came of KeyError: 'x'")
        self.check(chain, AT_OTHER, "    other()", *said)

    def test_of_a_chain_it_is_what_has_an_own_frame(self):
        own, others = f"{HEAD}{OWN}FileNotFoundError: a.json\n", f"{HEAD}{INSTALLED}LibraryError: failed\n"
        self.check(f"{own}{CAUSED}{others}", AT, "    own()", "FileNotFoundError: a.json")

    def test_the_same_words_are_said_once(self):
        chain = f"{HEAD}{STANDARD}sqlite3.OperationalError: no such table: a\n{CAUSED}{HEAD}{OWN}"
        self.check(
            f"{chain}django.OperationalError: no such table: a\n",
            *OWN.splitlines(),
            "django.OperationalError: no such table: a",
        )

    def test_one_without_an_end_is_shown_at_its_end(self):
        lines = cause_in(f"{HEAD}{OWN * 500}{INSTALLED}RecursionError: too deep\n")
        self.assertEqual(len(lines), 21)


class Pushed(EngineTest):
    def test_a_traceback_of_deploy_sh_is_not_said_again(self):
        self.site.write("deploy.sh", "echo begun\npython -c 'raise ValueError(\"of the script\")'\n")
        self.site.commit("That fails")
        said = self.bad(self.site.push())
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertEqual(said.count("Traceback"), 1)
        refused = said[said.index("REFUSED at deploy.sh: exit status 1") :]
        self.assertRegex(refused, r"\n    begun *\n    ValueError: of the script *\n")


if __name__ == "__main__":
    unittest.main()
