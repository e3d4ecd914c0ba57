"""The disk, memory and processor time that a deploy leaves to others."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.errors import Refused
from engine.host import headroom, priority
from engine.venv import build


class Room(unittest.TestCase):
    def test_there_is_some_here(self):
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = (line.split() for line in file)
            there_is = {words[0]: int(words[1]) * 1024 for words in lines}
        self.assertGreater(headroom.memory_left(), 0)
        self.assertLessEqual(headroom.memory_left(), there_is["MemTotal:"] + there_is["SwapTotal:"])

    def test_a_container_with_a_limit_has_what_it_did_not_use(self):
        files = {"max": 1_000_000_000, "current": 950_000_000}
        kernel = {
            "/proc/meminfo": {"MemAvailable:": 4_000_000, "SwapFree:": 0},
            "/sys/fs/cgroup/memory.stat": {"active_file": 20_000_000, "inactive_file": 10_000_000},
        }
        with (
            mock.patch.object(headroom, "number_in", lambda path: files[path.rsplit(".")[-1]]),
            mock.patch.object(headroom, "numbers_in", kernel.get),
        ):
            self.assertEqual(headroom.memory_left(), 80_000_000)
            headroom.check_headroom("boot")
            files["current"] += 31_000_000
            with self.assertRaises(Refused) as raised:
                headroom.check_headroom("boot")
        self.assertEqual(raised.exception.step, "boot")
        self.assertEqual(raised.exception.reason, "the server has 49 MB of memory left, and the site needs at least 50")
        self.assertIn("too little memory for two versions at once", raised.exception.advice)

    def test_of_the_machine_swap_counts_too(self):
        kernel = {"/proc/meminfo": {"MemAvailable:": 10_000, "SwapFree:": 50_000}}
        with (
            mock.patch.object(headroom, "number_in", mock.Mock(side_effect=FileNotFoundError)),
            mock.patch.object(headroom, "numbers_in", kernel.get),
        ):
            self.assertEqual(headroom.memory_left(), 61_440_000)

    def test_what_is_left_of_the_processors_is_used_where_something_is(self):
        then = priority.BEGUN
        for used, policy in ((60, os.SCHED_IDLE), (70, os.SCHED_OTHER)):
            with mock.patch.object(priority, "times", lambda used=used: (then[0] + used, then[1] + 100)):
                tell = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]
                self.assertEqual(int(priority.at_idle_priority(subprocess.check_output, tell)), policy)
        self.assertEqual(os.sched_getscheduler(0), os.SCHED_OTHER)

    def test_what_is_refused_with_what_is_left_is_refused(self):
        with mock.patch.object(priority, "has_spare_cpu", lambda: True), self.assertRaises(Refused) as raised:
            priority.at_idle_priority(self.refuse, "boot")
        self.assertEqual(raised.exception.step, "boot")

    def test_what_is_new_in_a_virtualenv_is_begun_to_be_written(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, mode in (("new.py", 0o644), ("shared.py", 0o444)):
                with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                    os.fchmod(file.fileno(), mode)
            begun = []
            with mock.patch.object(
                os, "posix_fadvise", lambda file, *_: begun.append(os.readlink(f"/proc/self/fd/{file}"))
            ):
                build.seal_venv(folder)
            self.assertEqual(begun, [os.path.join(folder, "new.py")])
            self.assertEqual(os.stat(begun[0]).st_mode & 0o222, 0)
            os.chmod(folder, 0o755)

    @staticmethod
    def refuse(step):
        raise Refused(step, "no reason")

    def test_the_times_of_the_processors_go_on(self):
        before = priority.times()
        deadline = time.monotonic() + 0.2
        while time.monotonic() < deadline:
            pass
        used, there = (now - then for now, then in zip(priority.times(), before))
        self.assertGreater(used, 0)
        self.assertLessEqual(used, there)


if __name__ == "__main__":
    unittest.main()
