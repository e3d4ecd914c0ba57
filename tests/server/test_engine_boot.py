"""How a release is started: its workers, what is loaded before visitors come, what it leaves on the disk."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS


class Boot(EngineTest):
    def gunicorn(self, **options):
        usual = {"wsgi": "codebase.wsgi", "workers": 1, "manager": "direct"}
        self.site.configure("gunicorn", {**usual, **options})
        self.addCleanup(self.site.configure, "gunicorn", usual)

    def test_each_worker_has_answered_before_visitors_ask(self):
        self.gunicorn(workers=3)
        self.edit_view(
            "    import os, pathlib\n"
            "    path = pathlib.Path(os.environ['VAR_DIR'], 'asked')\n"
            "    path.open('a').write(f'{os.getpid()} {request.path}\\n')\n"
        )
        self.site.release("of three workers")
        self.good(self.site.push())
        with open(self.site.path("var", "asked"), encoding="utf-8") as file:
            asked = [line.split() for line in file]
        for path in ("/", "/health"):
            self.assertEqual(len({pid for pid, of in asked if of == path}), 3, asked)

    def test_a_worker_that_never_comes_up_is_refused(self):
        self.gunicorn(workers=2)
        before = self.site.live()
        with open(os.path.join(self.site.clone, "codebase", "wsgi.py"), "a", encoding="utf-8") as file:
            # The first worker takes the lock, and the second waits for it forever.
            file.write(
                "import fcntl, time\n"
                "turn = open(os.path.join(os.environ['STATIC_ROOT'], 'turn'), 'w')\n"
                "fcntl.flock(turn, fcntl.LOCK_EX)\n"
            )
        self.site.configure("deploy", {"health": "/health", "keep": 2, "limits": {"boot": 3}})
        self.addCleanup(self.site.configure, "deploy", {"health": "/health", "keep": 2})
        self.site.release("of which one worker waits")
        said = self.bad(self.site.push())
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertIn("REFUSED at boot: gunicorn takes no connection after 3 s", said)
        self.assertEqual(self.site.live(), before)

    def test_an_error_of_loading_is_told_where_gunicorn_logs_none(self):
        # Its log may be in a form of the application's own, without a traceback, or lead elsewhere.
        self.gunicorn(options=["--error-logfile=/dev/null"])
        with open(os.path.join(self.site.clone, "codebase", "wsgi.py"), "a", encoding="utf-8") as file:
            file.write("raise ValueError('not as it is')\n")
        self.site.release("that can't be loaded")
        said = self.bad(self.site.push())
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertRegex(said, r'REFUSED at boot: .*\n +File ".*/codebase/wsgi\.py", line \d+')
        self.assertIn("    ValueError: not as it is", said)

    def test_an_old_gunicorn_changes_no_account(self):
        # Before 21 it called setuid for any account, which the sandbox forbids.
        self.site.write(
            "requirements.pip", f"{re.sub('gunicorn==.*', 'gunicorn==20.1.0', REQUIREMENTS)}setuptools<81\n"
        )
        self.site.write(
            "gunicorn.conf.py",
            # It did not for root, as who these tests may run.
            "import os\nfrom gunicorn.config import User\nUser.default = os.geteuid() or 65534\n"
            "def setuid(uid):\n    raise PermissionError(uid)\nos.setuid = setuid\n",
        )
        self.addCleanup(self.site.git, "revert", "--no-edit", "HEAD")
        self.site.release("of an old gunicorn")
        self.good(self.site.push())
        self.assertEqual(self.served(), "of an old gunicorn")

    def test_what_the_sandbox_lets_not_be_written_is_named_and_kept(self):
        # As a log file in the tree: Django's commands write it, and gunicorn may not.
        with open(os.path.join(self.site.clone, "codebase", "wsgi.py"), "a", encoding="utf-8") as file:
            file.write(
                "import pathlib\nhere = pathlib.Path(__file__).resolve().parent\n"
                "paths = [here / 'shop.log', here / 'audit.log']\n"
                "for path in paths: path.exists() or path.write_text('')\n"
                "for path in paths:\n"
                "    if not path.is_symlink():\n"
                "        raise OSError(30, 'Read-only file system', str(path))\n"
            )
        self.addCleanup(self.site.git, "reset", "--quiet", "--hard", "HEAD~1")
        self.addCleanup(self.site.configure, "deploy", {"health": "/health", "keep": 2})
        self.site.release("that writes into its tree")
        said = self.bad(self.site.push())
        self.assertIn("gunicorn's sandbox lets the application write codebase/shop.log not into its tree.", said)
        # Of all that are written at the start, so that the next push is not refused for another.
        shared = ["codebase/shop.log", "codebase/audit.log"]
        self.assertIn(f"Write `shared: [{', '.join(shared)}]` into the stack file", said)
        self.site.configure("deploy", {"health": "/health", "keep": 2, "shared": shared})
        self.good(self.site.push())

    def test_what_is_loaded_is_not_collected_again(self):
        self.edit_view(
            "    import gc\n"
            "    return HttpResponse(f'id=\"version\">{gc.isenabled()}, {gc.get_freeze_count() > 10000}<')\n"
        )
        self.site.release("that tells")
        self.good(self.site.push())
        self.assertEqual(self.served(), "True, True")

    def test_settings_are_read_by_those_who_serve(self):
        # Code that is loaded once for all workers must not load the application's own settings.
        with open(os.path.join(self.site.clone, "codebase", "settings", "test.py"), "a", encoding="utf-8") as file:
            file.write(
                "import os\nopen(os.path.join(os.environ['VAR_DIR'], 'readers'), 'a').write(f'{os.getpid()}\\n')\n"
            )
        self.site.release("that tells who reads its settings")
        self.good(self.site.push())
        with open(self.site.path("var", "pid"), encoding="ascii") as file:
            master = file.read().strip()
        with open(self.site.path("var", "readers"), encoding="ascii") as file:
            readers = file.read().split()
        # One process of the checks, one worker.
        self.assertEqual(len(readers), 2)
        self.assertNotIn(master, readers)

    def test_what_serves_has_the_usual_priority(self):
        self.edit_view(
            "    import os\n"
            "    return HttpResponse(f'id=\"version\">nice {os.nice(0)}, policy {os.sched_getscheduler(0)}<')\n"
        )
        self.site.release("that tells its priority")
        self.good(self.site.push())
        self.assertEqual(self.served(), f"nice 0, policy {os.SCHED_OTHER}")

    def test_the_application_and_its_scripts_know_their_revision_and_release(self):
        names = ("GREENPUSH_REVISION", "GREENPUSH_RELEASE_NUMBER")
        self.edit_view(
            "    import os\n"
            f"    return HttpResponse('id=\"version\">' + ' '.join(map(os.environ.get, {names})) + '<')\n"
        )
        self.site.write("deploy.sh", 'echo "$GREENPUSH_REVISION $GREENPUSH_RELEASE_NUMBER" >../var/known\n')
        self.site.release("that tells what it is")
        self.good(self.site.push())
        known = f"{self.site.git('rev-parse', 'HEAD')} {self.site.live()}"
        self.assertEqual(self.served(), known)
        with open(self.site.path("live", "var", "known"), encoding="ascii") as file:
            self.assertEqual(file.read(), f"{known}\n")
        self.site.write("deploy.sh", "")

    def test_what_has_served_is_taken_apart_with_what_is_left(self):
        path = os.path.join(self.site.clone, "pages", "models.py")
        with open(path, "a", encoding="utf-8") as file:
            file.write(
                "import os\n"
                "class End:\n"
                "    file = open(os.path.join(os.environ['VAR_DIR'], 'ends'), 'ab', buffering=0)\n"
                "    def __del__(self, policy_of=os.sched_getscheduler, write=file.write):\n"
                "        write(b'%d\\n' % policy_of(0))\n"
                "END = End()\n"
            )
        self.site.release("that tells how it ends")
        self.good(self.site.push())
        self.site.git("revert", "--no-edit", "HEAD")
        self.good(self.site.push())
        self.only_runs(self.site.live())
        with open(self.site.path("var", "ends"), encoding="ascii") as file:
            self.assertEqual(file.read().split(), [str(os.SCHED_IDLE)])

    def edit_view(self, text):
        """Put lines at the beginning of each view, until the end of the test."""
        path = os.path.join(self.site.clone, "pages", "views.py")
        with open(path, encoding="utf-8") as file:
            before = file.read()
        self.addCleanup(lambda: (self.site.write("pages/views.py", before), self.site.commit("As before")))
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^def .*\n( +\"\"\".*\n)?", lambda head: head.group() + text, before, flags=re.M))

    def test_the_application_is_loaded_when_its_static_files_are_complete(self):
        # gunicorn must not count a worker that waits for them as one that hangs.
        self.gunicorn(timeout=1)
        self.site.write(
            "pages/finders.py",
            "import time\n"
            "from django.contrib.staticfiles.finders import FileSystemFinder\n"
            "class Slow(FileSystemFinder):\n"
            "    def list(self, ignored):\n"
            "        time.sleep(2)\n"
            "        return []\n",
        )
        with open(os.path.join(self.site.clone, "codebase", "settings", "test.py"), "a", encoding="utf-8") as file:
            file.write("from django.conf.global_settings import STATICFILES_FINDERS\n")
            file.write('STATICFILES_FINDERS = ["pages.finders.Slow", *STATICFILES_FINDERS]\n')
        with open(os.path.join(self.site.clone, "codebase", "wsgi.py"), "a", encoding="utf-8") as file:
            file.write("open(os.path.join(os.environ['STATIC_ROOT'], 'pages', 'style.css')).close()\n")
        self.site.release("that reads its style as it is loaded")
        self.good(self.site.push())
        self.assertEqual(self.served(), "that reads its style as it is loaded")
        self.assertNotIn("WORKER TIMEOUT", self.site.deploy("log", str(self.site.live())))

    def test_what_it_leaves_in_temporary_files_goes(self):
        self.site.write("deploy.sh", "mktemp >../var/temporary\nkill -HUP $(cat ../var/pid)\n")
        self.site.release("that leaves a temporary file")
        self.good(self.site.push())
        with open(self.site.path("live", "var", "temporary"), encoding="utf-8") as file:
            self.assertEqual(os.path.dirname(file.read()), self.site.path("releases", str(self.site.live()), "tmp"))
        self.assertFalse(os.path.exists(self.site.path("live", "tmp")))

    def test_what_the_disk_does_not_take_is_refused(self):
        before = self.site.live()
        folder = os.path.join(self.site.scratch, "programs")
        os.makedirs(folder)
        with open(os.path.join(folder, "sync"), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o755)
            file.write("#!/bin/sh\necho 'sync: error syncing: Input/output error' >&2\nexit 1\n")
        self.site.release("that the disk loses")
        said = self.bad(self.site.push(env={"PATH": f"{folder}:{os.environ['PATH']}"}))
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertRegex(said, r"REFUSED at disk: what was written to .*/releases/\d+ can't be stored")
        self.assertIn("Input/output error", said)
        self.assertEqual(self.site.live(), before)

    def test_it_runs_as_gunicorn_of_its_release(self):
        self.site.release("to be looked at")
        self.good(self.site.push())
        release = self.site.path("releases", str(self.site.live()))
        with open(self.site.path("var", "pid"), encoding="ascii") as file:
            about = self.site.run("ps", "-o", "comm=,args=", "-p", file.read().strip()).stdout
        self.assertRegex(about, rf"^gunicorn +{release}/bin/python {release}/gunicorn ")


if __name__ == "__main__":
    unittest.main()
