"""When supervisord's word for a slot counts."""

import os
import sys
import unittest
from types import SimpleNamespace
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scratch  # noqa: F401 # it makes the engine found

from engine.runtime import managers

SLOT = SimpleNamespace(name="blue")


class OfSupervisord(unittest.TestCase):
    def failed(self, state, started):
        manager = managers.Supervisor(SimpleNamespace(unit="gunicorn-shop"))
        with (
            mock.patch.object(managers.subprocess, "run"),
            mock.patch.object(managers, "begin", return_value=lambda: started),
            mock.patch.object(manager, "_state", return_value=state),
        ):
            manager.start(SLOT)
            return manager.failed(SLOT)

    def test_until_it_was_told_to_start_it_speaks_of_the_release_before(self):
        for state in ("EXITED", "FATAL", "UNKNOWN", "STOPPED", "STARTING"):
            with self.subTest(state):
                self.assertIsNone(self.failed(state, started=False))

    def test_then_it_speaks_of_this_one(self):
        for state, ended in {"EXITED": True, "FATAL": True, "UNKNOWN": True, "RUNNING": False}.items():
            with self.subTest(state):
                self.assertEqual(self.failed(state, started=True) is not None, ended)

    def test_only_what_was_started_is_tried_again(self):
        self.assertIsNotNone(self.failed("BACKOFF", started=False))


if __name__ == "__main__":
    unittest.main()
