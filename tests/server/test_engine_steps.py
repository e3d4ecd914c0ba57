"""A step's program leaves no process behind, however it hides and however the step ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ENGINE

# Ways to start something that outlives its parent; each writes its process's id to ./pids.
DAEMON = """
import os, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
with open("pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
os.closerange(0, 100)
time.sleep(1000)
"""
WAYS = {
    "in the background": "sleep 1000 & echo $! >>pids",
    "with a session of its own": "setsid sh -c 'echo $$ >>pids; exec sleep 1000' &",
    "without an environment": "env -i setsid nohup sh -c 'echo $$ >>pids; exec sleep 1000' >/dev/null 2>&1 &",
    "as a daemon": f"python3 - <<'END'\n{DAEMON}END\n",
    "deaf to signals": "(trap '' HUP TERM INT; echo ok; sh -c 'echo $PPID >>pids'; while :; do sleep 1; done) &",
}
RUNNER = """
import sys
sys.path.insert(0, sys.argv[1])
from engine.host import supervised
from engine.host import run
from engine.errors import Refused
supervised.TASKS = 200
try:
    run.run("deploy.sh", ["sh", "-e", "script"], "log", float(sys.argv[2]), {"PATH": sys.argv[3]}, ".", shown=True)
except Refused as refused:
    sys.exit(f"REFUSED: {refused.reason}")
"""
# 511 processes at most. What can't be forked any more ends its branch.
BOMB = 'bomb() { if [ "$1" -lt 8 ]; then bomb $(($1 + 1)) & bomb $(($1 + 1)) & fi; sleep 1000; }\n'


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


class Steps(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="greenpush-steps-")
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(ENGINE, os.path.join(self.folder, "engine"), ignore=shutil.ignore_patterns("__pycache__"))
        os.chmod(self.folder, 0o777)

    def start(self, script, limit=60, **options):
        with open(os.path.join(self.folder, "script"), "w", encoding="utf-8") as file:
            file.write(script)
        words = ["/usr/bin/python3", "-B", "-c", RUNNER, self.folder, str(limit), os.environ["PATH"]]
        return subprocess.Popen(
            words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )

    def run_step(self, script, **options):
        """How it ended and what the person read."""
        runner = self.start(script, **options)
        said = runner.communicate()[0]
        return runner.returncode, said

    def pids(self):
        path = os.path.join(self.folder, "pids")
        with open(path, encoding="ascii") as file:
            pids = [int(line) for line in file]
        os.unlink(path)
        return pids

    def test_nothing_outlives_it(self):
        started = "while ! [ -s pids ]; do sleep 0.01; done\n"
        for way, script in WAYS.items():
            for ending, reads in (
                ("", "deploy.sh left "),
                ("exit 3", "REFUSED: exit status 3"),
                ("sleep 1000", "REFUSED: not done after 1.5 s"),
                ("kill -9 $$", "REFUSED: killed by signal 9"),
            ):
                with self.subTest(way=way, ending=ending):
                    status, said = self.run_step(f"{script}\n{started}{ending}\n", limit=1.5)
                    self.assertIn(reads, said)
                    self.assertEqual(status, 0 if ending == "" else 1)
                    for pid in self.pids():
                        self.assertFalse(runs(pid), said)

    def test_nothing_outlives_a_killed_engine(self):
        started = "while ! [ -s pids ]; do sleep 0.01; done\necho $$ >>pids\necho started\nsleep 1000\n"
        for way, script in WAYS.items():
            with self.subTest(way=way):
                runner = self.start(f"{script}\n{started}")
                while "started" not in runner.stdout.readline():
                    self.assertIsNone(runner.poll())
                runner.kill()
                # The step's output ends with the last of its processes.
                runner.communicate()
                pids = self.pids()
                deadline = time.monotonic() + 20
                while any(map(runs, pids)) and time.monotonic() < deadline:
                    time.sleep(0.02)
                self.assertEqual([pid for pid in pids if runs(pid)], [])

    def test_one_that_kills_or_stops_who_watches_over_it(self):
        for sign, reads in (
            (signal.SIGKILL, "killed"),
            (signal.SIGSTOP, "not done after 2.0 s"),
            (signal.SIGTERM, "killed"),
        ):
            with self.subTest(sign=sign):
                status, said = self.run_step(f"kill -{int(sign)} $PPID\nsleep 3\n", limit=2)
                self.assertEqual(status, 1, said)
                self.assertIn(reads, said)

    def test_what_ends_by_itself_is_heard_to_its_end(self):
        status, said = self.run_step("(sleep 0.05; echo last words) &\n")
        self.assertEqual((status, said), (0, "    last words\n"))

    def test_one_that_starts_itself_without_end_is_refused(self):
        # As another account, for the kernel does not limit root.
        options = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        status, said = self.run_step(f"{BOMB}bomb 0 &\nsleep 1\n", **options)
        self.assertEqual(status, 1, said)
        self.assertRegex(said, r"REFUSED: it left \d+ processes, which were ended")
        self.assertRegex(said, r"(?i)fork")
        status, said = self.run_step(f"{BOMB}bomb 0\n", limit=2, **options)
        self.assertRegex(said, "REFUSED: (not done after 2.0 s|exit status 2)")
        words = ["pgrep", "--uid", str(options.get("user", os.getuid())), "-f", "^sleep 1000$"]
        self.assertEqual(subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout, "")

    def test_one_that_prints_without_end_is_refused(self):
        status, said = self.run_step("yes $(seq 1000) >&2\n")
        self.assertEqual(status, 1)
        self.assertIn("REFUSED: it printed more than 50 MB", said)
        status, said = self.run_step("head -c 60000000 /dev/zero\n")
        self.assertIn("REFUSED: it printed more than 50 MB", said)

    def test_what_can_not_be_started_says_why(self):
        status, said = self.run_step("exec /nothing/of/that/name\n")
        self.assertIn("/nothing/of/that/name", said)
        self.assertIn("REFUSED: exit status 127", said)


if __name__ == "__main__":
    unittest.main()
