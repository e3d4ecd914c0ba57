"""What recovery makes of a site, by what the disk says."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scratch import Scratch

from engine.pipeline.recovery import prune, recover
from engine.release.history import read_history
from engine.release.release import Release, State, live_release, releases
from engine.release.slots import BLUE, GREEN, slot_of

HEAD = f"{3:040x}"


class Manager:
    def __init__(self, *running):
        self.slots, self.started = set(running), []

    def running(self, slot):
        return slot in self.slots

    def start(self, slot):
        self.started.append(slot.name)


class Recovery(Scratch):
    def setUp(self):
        super().setUp()
        self.manager, self.gits, self.discarded, self.drained, self.after = Manager(BLUE), [], [], [], []
        Release(0).path()
        os.makedirs(Release(0).path("var"))
        Release(0).save(number=0, state=State.EMPTY, venv="base")
        self.head = None
        module = "engine.pipeline.recovery"
        self.patch(f"{module}.branch_revision", lambda _: self.head)
        self.patch(f"{module}.git", lambda *words: self.gits.append(words))
        self.patch("engine.pipeline.switch.git", lambda *words: self.gits.append(words))
        self.patch(f"{module}.discard_release", self.discard)
        self.patch(f"{module}.drain", lambda _, slot: self.drained.append(slot.name))
        self.patch(f"{module}.manager_of", lambda *_: self.manager)
        self.patch(f"{module}.protect_from_oom", lambda release: self.after.append(("oom", release.number)))
        self.patch(f"{module}.settle_left", lambda _: self.after.append("left"))
        self.patch(f"{module}.forget_asides", lambda _, release: self.after.append(("asides", release.number)))
        self.patch(f"{module}.renew_environments", lambda: self.after.append("environments"))
        self.patch(f"{module}.venv_complete", lambda name: name == "venv-1")
        self.patch(f"{module}.link_venv", lambda release, name: self.after.append(("venv", release.number, name)))
        self.patch(f"{module}.waits_for_next", lambda name: name == "waits")
        self.left = []

    def discard(self, _, release):
        self.discarded.append((release.number, release.state))
        os.rename(release.path(), self.path(f"discarded-{release.number}"))
        return self.left

    def states(self):
        return {release.number: release.state for release in releases() if release}

    def recover(self, **config):
        recover(self.config(**config))

    def test_a_site_at_rest_is_not_changed(self):
        self.release(1)
        self.live(2)
        os.makedirs(Release(2).path("bin"))
        with open(Release(2).path("bin", "gunicorn"), "w"):
            pass
        self.recover()
        self.assertEqual(self.states(), {1: State.PREVIOUS, 2: State.LIVE})
        self.assertEqual((self.manager.started, self.discarded, self.drained, self.gits), ([], [], [], []))
        self.assertEqual(self.after, [("oom", 2), "left", ("asides", 2), "environments"])
        self.assertEqual(read_history(10), [])

    def test_one_that_nobody_has_pushed_to(self):
        self.recover()
        self.assertEqual(os.readlink(self.path("live")), "releases/0")
        self.assertEqual(self.after, ["environments"])

    def test_what_was_not_finished_is_discarded_and_on_record(self):
        for state in (State.BUILDING, State.BOOTING, State.MIGRATING, State.PREPARED, None):
            with self.subTest(state):
                self.setUp()
                self.live(1)
                self.release(2, state) if state else os.makedirs(Release(2).path())
                self.left = ["a sentence"] if state is State.MIGRATING else []
                self.recover()
                self.assertEqual(self.discarded, [(2, state)])
                (entry,) = read_history(10)
                while_ = (state or State.BUILDING).value
                self.assertEqual((entry["ended"], entry["reason"]), ("interrupted", f"while {while_}"))
                self.assertEqual((entry["release"], entry.get("left")), (2, self.left or None))
                self.assertEqual(live_release().number, 1)

    def test_a_push_that_git_has_accepted_goes_live(self):
        self.live(1)
        self.release(3, State.PREPARED)
        self.head = HEAD
        GREEN.take(Release(3))
        self.recover()
        self.assertEqual(self.states(), {1: State.PREVIOUS, 3: State.LIVE})
        self.assertEqual(self.gits, [("reset", "--quiet", "--hard", HEAD)])
        self.assertEqual((self.discarded, self.drained), ([], ["blue"]))
        self.assertEqual((BLUE.release, GREEN.release), (None, Release(3)))
        self.assertEqual(self.manager.started, ["green"])
        (entry,) = read_history(10)
        self.assertEqual((entry["ended"], entry["reason"]), ("live", "finished after an interruption"))

    def test_another_that_is_prepared_is_discarded(self):
        for about, head in (
            ({"kind": "push"}, f"{9:040x}"),
            ({"kind": "configure"}, HEAD),
            ({"kind": "push"}, None),
        ):
            with self.subTest(about=about, head=head):
                self.setUp()
                self.live(1)
                self.release(3, State.PREPARED, **about)
                self.head = head
                self.recover()
                self.assertEqual(self.discarded, [(3, State.PREPARED)])
                self.assertEqual(live_release().number, 1)

    def test_one_that_is_older_than_what_is_live_is_discarded(self):
        self.release(3, State.PREPARED)
        self.live(4)
        self.head = HEAD
        self.recover()
        self.assertEqual(self.discarded, [(3, State.PREPARED)])

    def test_one_that_only_says_that_it_is_live_is_one_before(self):
        self.live(2)
        self.release(1, State.LIVE)
        self.release(3, State.BUILDING)
        self.recover()
        self.assertEqual(self.states(), {1: State.PREVIOUS, 2: State.LIVE})
        self.assertEqual(self.discarded, [(3, State.BUILDING)])

    def test_the_link_that_somebody_moved_is_mended(self):
        for link in ("releases/1", None):
            with self.subTest(link):
                self.setUp()
                self.release(1)
                self.live(2)
                os.unlink(self.path("live"))
                if link:
                    os.symlink(link, self.path("live"))
                self.recover()
                self.assertEqual(os.readlink(self.path("live")), "releases/2")
                self.assertEqual(self.states(), {1: State.PREVIOUS, 2: State.LIVE})

    def test_a_switch_that_was_cut_off_is_finished(self):
        self.live(2)
        Release(2).save(state=State.PREPARED)
        self.recover()
        self.assertEqual(self.states(), {2: State.LIVE})
        self.assertEqual(self.discarded, [])

    def test_a_rollback_that_was_cut_off_is_finished(self):
        self.live(1, moves_branch=True)
        self.release(2)
        self.recover(branch="trunk")
        self.assertEqual(self.gits[0], ("update-ref", "refs/heads/trunk", Release(1).revision))
        self.assertEqual((Release(1).moves_branch, Release(2).given_up), (False, True))

    def test_the_slot_that_is_not_live_is_emptied(self):
        self.release(1)
        self.live(2, slot=GREEN)
        BLUE.take(Release(1))
        self.manager.slots = {GREEN}
        self.recover()
        self.assertEqual((self.drained, BLUE.release, GREEN.release), (["blue"], None, Release(2)))

    def test_what_does_not_run_is_started(self):
        self.live(1, slot=GREEN)
        self.recover()
        self.assertEqual(self.manager.started, ["green"])
        # What visitors wait for comes before what starts Django.
        self.assertLess(self.after.index(("oom", 1)), self.after.index("left"))

    def test_a_slot_that_was_lost_is_that_which_runs_else_blue(self):
        for running, slot, started in (((GREEN,), GREEN, []), ((BLUE,), BLUE, []), ((), BLUE, ["blue"])):
            with self.subTest(running=running):
                self.setUp()
                self.manager = Manager(*running)
                self.live(1, slot=None)
                self.recover()
                self.assertEqual((slot_of(Release(1)), self.manager.started), (slot, started))

    def test_a_virtualenv_that_is_whole_is_linked_again(self):
        self.live(1)
        self.recover()
        self.assertIn(("venv", 1, "venv-1"), self.after)
        self.setUp()
        self.live(2)
        self.recover()
        self.assertFalse([each for each in self.after if each[0] == "venv"])

    def test_earlier_ones_beyond_those_to_keep_go(self):
        for number in range(1, 6):
            self.release(number)
        self.live(6)
        self.recover(keep=9)
        self.assertEqual(sorted(self.states()), [1, 2, 3, 4, 5, 6])
        self.recover(keep=2)
        self.assertEqual(sorted(self.states()), [4, 5, 6])

    def test_what_was_given_up_or_is_there_twice_goes_first(self):
        self.release(1)
        self.release(2)
        self.release(3, revision=f"{2:040x}")
        self.release(4, given_up=True)
        self.live(5)
        self.recover(keep=2)
        self.assertEqual(sorted(self.states()), [1, 3, 5])
        self.recover(keep=1)
        self.assertEqual(sorted(self.states()), [3, 5])
        self.recover(keep=0)
        self.assertEqual(sorted(self.states()), [5])

    def test_virtualenvs_submodules_and_logs_that_none_uses_go(self):
        self.release(1, submodules=["used"])
        self.live(2)
        for name in ("base", "venv-1", "venv-2", "waits", "venv-9"):
            os.makedirs(self.path("venvs", name))
        for name in ("used", "old", "young"):
            os.makedirs(self.path("submodules", name))
        day = 24 * 3600
        for name in ("used", "old"):
            os.utime(self.path("submodules", name), (time.time() - day - 60,) * 2)
        os.utime(self.path("submodules", "young"), (time.time() - day + 60,) * 2)
        for name in ("gunicorn-1.log", "deploy-2.log", "other.log"):
            with open(self.path("var", "log", name), "w"):
                pass
        self.recover()
        self.assertEqual(sorted(os.listdir(self.path("venvs"))), ["base", "venv-1", "venv-2", "waits"])
        self.assertEqual(sorted(os.listdir(self.path("submodules"))), ["used", "young"])
        self.assertEqual(sorted(os.listdir(self.path("var", "log"))), ["deploy-2.log", "gunicorn-1.log", "other.log"])

    def test_logs_of_what_was_refused_stay_as_long_as_as_many_releases(self):
        self.live(20)
        for number in (14, 15, 19):
            for kind in ("gunicorn", "deploy"):
                with open(self.path("var", "log", f"{kind}-{number}.log"), "w"):
                    pass
        prune(self.config(keep=5))
        self.assertEqual(
            sorted(os.listdir(self.path("var", "log"))),
            ["deploy-15.log", "deploy-19.log", "gunicorn-15.log", "gunicorn-19.log"],
        )

    def test_without_submodules_and_copies(self):
        os.rmdir(self.path("copies"))
        self.live(1)
        self.recover()


if __name__ == "__main__":
    unittest.main()
