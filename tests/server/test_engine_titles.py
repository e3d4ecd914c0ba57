"""The engine finds the processes of an application that overwrites its environment, as setproctitle does."""

import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS


class Titles(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # gunicorn itself calls it where it is there.
        cls.site.write("requirements.pip", f"{REQUIREMENTS}setproctitle==1.3.8\n")
        cls.site.release("with a title")
        cls.good(cls.site.push())

    def masters(self):
        """Return the processes that write to a gunicorn log of this site and whose parent does not."""
        logs = self.site.path("var", "log", "gunicorn-")
        parents = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/fd/1").startswith(logs):
                    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                        parents[pid] = file.read().rpartition(")")[2].split()[1]
            except OSError:
                continue
        return [pid for pid, parent in parents.items() if parent not in parents]

    def one_master(self):
        """Return the process that is left when the earlier ones have finished their requests."""
        deadline = time.monotonic() + 10
        while len(self.masters()) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        (master,) = self.masters()
        return master

    def test_no_master_stays_and_no_request_fails(self):
        master = self.one_master()
        with open(f"/proc/{master}/environ", "rb") as file:
            self.assertNotIn(b"GREENPUSH_RELEASE", file.read())
        answers, over = [], threading.Event()

        def visit():
            while not over.is_set():
                try:
                    answers.append(self.site.page()[:12])
                except OSError as error:
                    answers.append(str(error))
                time.sleep(0.002)

        visitor = threading.Thread(target=visit)
        visitor.start()
        try:
            for number in range(3):
                self.site.release(f"titled {number}")
                self.good(self.site.push())
                self.site.wait_for_rest()
        finally:
            over.set()
            visitor.join()
        self.assertEqual(set(answers), {"HTTP/1.1 200"})
        self.one_master()
        self.assertEqual(self.served(), "titled 2")

    def test_one_that_is_refused_leaves_none(self):
        with open(os.path.join(self.site.clone, "codebase", "wsgi.py"), "a", encoding="utf-8") as file:
            file.write("import time\ntime.sleep(1000)\n")
        self.site.configure("deploy", {"health": "/health", "keep": 2, "limits": {"boot": 3, "stop": 3}})
        self.addCleanup(self.site.configure, "deploy", {"health": "/health", "keep": 2})
        self.site.release("that never comes up")
        said = self.bad(self.site.push())
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.assertIn("REFUSED at boot: ", said)
        self.one_master()

    def test_gunicorn_opens_no_control_socket(self):
        # Its place in the account's home is the same for both slots.
        master = self.one_master()
        with open("/proc/net/unix", encoding="utf-8") as file:
            paths = {words[6]: words[7] for words in map(str.split, file) if len(words) > 7}
        sockets = []
        for name in os.listdir(f"/proc/{master}/fd"):
            target = os.readlink(f"/proc/{master}/fd/{name}")
            if target.startswith("socket:["):
                sockets.append(paths.get(target[8:-1], ""))
        self.assertEqual([path for path in sockets if path.endswith("gunicorn.ctl")], [])
        self.assertTrue(any(path.endswith("/var/socket") for path in sockets), sockets)

    @classmethod
    def tearDownClass(cls):
        # Site.close() looks for the mark, which these have wiped.
        for pid in cls.masters(cls):
            os.kill(int(pid), 9)


if __name__ == "__main__":
    unittest.main()
