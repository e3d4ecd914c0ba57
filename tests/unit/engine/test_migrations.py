"""What a deploy says of migrations, what it lets run, what it copies before, and what it tells of those that stay."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from migrating import LOSS, MB, TWO, Migrating

from engine.database.migrations import (
    LEFT,
    MigrateStep,
    applied_in,
    counted,
    forget_asides,
    names_of,
    push_options,
    read_left,
    sentences_of_left,
    settle_left,
    shown,
    take_back,
    words_of_plan,
)
from engine.errors import Refused
from engine.release.release import State


class Words(Migrating):
    def test_names(self):
        self.assertEqual(names_of(TWO), ["a.0001", "a.0002", "b.0001 (database second)"])
        self.assertEqual(names_of({}), [])

    def test_many_names_are_a_number(self):
        ten = [f"a.{at}" for at in range(10)]
        self.assertEqual(shown(ten), ", ".join(ten))
        self.assertEqual(shown([*ten, "a.10"]), "11, from a.0 to a.10")

    def test_counts(self):
        self.assertEqual(counted({}), "no migrations to apply")
        self.assertEqual(counted({"default": ["a"]}), "1 migration to apply")
        self.assertEqual(counted(TWO), "3 migrations to apply")

    def test_push_options(self):
        self.assertEqual(push_options(), [])
        self.push_option("one", "migrate=anyway")
        self.assertEqual(push_options(), ["one", "migrate=anyway"])
        os.environ["GIT_PUSH_OPTION_COUNT"] = "x"
        self.assertEqual(push_options(), [])

    def test_a_plan_is_told_of_what_was_left(self):
        self.assertEqual(words_of_plan(), [])
        self.leave()
        self.assertEqual(words_of_plan(), [f"left={LEFT}"])

    def test_how_far_a_log_says_they_are(self):
        log = self.path("var", "log", "x.log")
        for text, found in (
            ("Operations to perform:\n", (0, "")),
            ("  Applying a.0001... OK\n", (1, "a.0001")),
            ("  Applying a.0001... OK\n  Applying a.0002_x...", (1, "a.0002_x")),
            ("Applying a.0001... OK\n  Applying a.0002... OK (faked)\n", (0, "a.0002")),
        ):
            with self.subTest(text):
                with open(log, "w") as file:
                    file.write(text)
                self.assertEqual(applied_in(log), found)

    def test_progress(self):
        migrations = self.migrations(pending=TWO)
        step = MigrateStep(migrations.job, migrations)
        with open(self.new.deploy_log, "w") as file:
            file.write("")
        self.assertEqual(step.progress(), "...")
        with open(self.new.deploy_log, "w") as file:
            file.write("  Applying a.0001... OK\n  Applying a.0002...")
        self.assertEqual(step.progress(), "1 of 3, a.0002")
        self.assertEqual((step.name, step.every), ("migrate", 10))


class Before(Migrating):
    def test_what_the_databases_have_is_said_and_on_record(self):
        self.migrations(left_alone=["One is left alone."], unknown=["c.0001"]).note()
        self.assertEqual(
            self.said,
            ["    One is left alone.", "    The database has migrations that this revision doesn't know: c.0001."],
        )
        self.assertEqual(self.new.reload().migrations, ["a.0001", "a.0002"])

    def test_others_than_pushes_know_what_they_don_t_know(self):
        self.migrations(kind="configure", unknown=["c.0001"]).note()
        self.assertEqual(self.said, [])

    def test_what_was_left_and_is_still_there_is_said(self):
        self.leave(names=["a.0003", "a.0004"], changed=[["default", "new", "t", None]], unasked="away", release=7)
        self.migrations(unknown=["a.0003"], still=[["default", "gone", "t", "c"]], kind="configure").note()
        self.assertEqual(
            self.said,
            [
                "    Migrations of the refused release 7 that are left in the database: a.0003.",
                "    Of the refused release 7, the column t.c of the database default is gone.",
            ],
        )
        left = self.new.reload().left
        self.assertEqual((left["names"], left["unasked"], left["release"]), (["a.0003"], "", 7))

    def test_what_can_not_be_undone_is_asked_for(self):
        copies = {"default": {"size": 2 * MB, "why": ""}}
        with self.assertRaises(Refused) as raised:
            self.migrations(losses=[LOSS], copies=copies, pending=TWO).approve()
        refused = raised.exception
        self.assertEqual((refused.step, refused.lines), ("migrate", ["a.0002: drops rows"]))
        self.assertIn("`git push -o migrate=anyway`", refused.advice)
        self.assertIn("The database default (2.0 MB) is copied before.", refused.advice)
        self.assertEqual(self.said, [])

    def test_and_let_run_by_the_person_or_the_stack(self):
        for config, options in (({}, ["migrate=anyway"]), ({}, ["x", "migrate=anyway"]), ({"migrations": "allow"}, [])):
            with self.subTest(config=config, options=options):
                self.said.clear()
                self.push_option(*options)
                self.migrations(config, losses=[LOSS]).approve()
                self.assertEqual(self.said, ["    a.0002: drops rows"])
        self.push_option("migrate=always")
        with self.assertRaises(Refused):
            self.migrations(losses=[LOSS]).approve()

    def test_rows_of_refused_pushes_are_nobody_s(self):
        known = {"migrations": ["a.0001", "a.0002"], "pending": {"default": ["a.0002"]}, "losses": [LOSS]}
        left = {"names": ["a.0001"], "fresh": ["default"]}
        self.leave(**left)
        self.migrations(**known).approve()
        self.assertEqual(self.said, ["    a.0002: drops rows"])
        for about, plan in (
            ({"fresh": ["second"]}, {}),
            ({"names": ["a.0003"]}, {}),
            ({}, {"unknown": ["b.0001"]}),
            ({}, {"pending": {"second": ["a.0002"]}}),
            ({}, {"losses": [LOSS, {**LOSS, "alias": "second"}]}),
        ):
            self.leave(**{**left, **about})
            with self.subTest(about=about, plan=plan), self.assertRaises(Refused):
                self.migrations(**{**known, **plan}).approve()
        # As an earlier version of the engine has left it.
        self.leave(names=["a.0001"])
        with self.assertRaises(Refused):
            self.migrations(**known).approve()
        self.leave(**left)
        self.live(1)
        with self.assertRaises(Refused):
            self.migrations(**known).approve()

    def test_what_does_not_ask_is_said(self):
        many = [{**LOSS, "asks": False, "migration": f"a.{at:04}"} for at in range(1, 13)]
        self.migrations(losses=many).approve()
        self.assertEqual(self.said.pop(), "    12, from a.0001 to a.0012: drops rows")
        with self.assertRaises(Refused) as refused:
            self.migrations(losses=[*many, LOSS]).approve()
        self.assertIn("a.0001, a.0002, a.0003", refused.exception.lines[0])
        self.migrations(losses=[{**LOSS, "asks": False, "alias": "second"}]).approve()
        self.assertEqual(self.said, ["    a.0002 (database second): drops rows"])
        with self.assertRaises(Refused):
            self.migrations(losses=[{**LOSS, "asks": False}, LOSS]).approve()

    def test_what_the_live_release_still_uses(self):
        self.live(1)
        gone = {"default": [["t", "c"]]}
        self.answers["uses"] = ["t.c"]
        self.migrations(pending=TWO, gone=gone).approve()
        self.assertEqual(self.asked, [("of", 1), ("uses", json.dumps(gone))])
        self.assertIn("The live release still uses t.c, which goes", self.said[0])
        self.said.clear()
        for pending, goes, answer in (
            ({}, gone, ["t.c"]),
            (TWO, {"default": []}, ["t.c"]),
            (TWO, gone, []),
            (TWO, gone, Refused("django", "it does not start")),
        ):
            self.answers["uses"] = answer
            self.migrations(pending=pending, gone=goes).approve()
            self.assertEqual(self.said, [])

    def test_without_a_live_release_nobody_is_asked(self):
        self.migrations(pending=TWO, gone={"default": [["t", None]]}).approve()
        self.assertEqual(self.asked, [])


class Copies(Migrating):
    def test_each_database_that_loses_something_is_copied(self):
        copies = {"default": {"size": 2 * MB, "why": ""}, "second": {"size": None, "why": ""}}
        self.assertEqual(self.migrations(copies=copies).copy(), "2-default, 2-second")
        folder = self.path("copies")
        wanted = [("copy", "default", f"{folder}/2-default"), ("copy", "second", f"{folder}/2-second")]
        self.assertEqual(self.asked, wanted)

    def test_where_it_can_not_be_that_is_said(self):
        for about, config, left, reason in (
            ({"size": 1, "why": "no pg_dump"}, {}, 10_000, " (0.0 MB) is not copied before: no pg_dump."),
            ({"size": None, "why": "no pg_dump"}, {}, 10_000, " is not copied before: no pg_dump."),
            ({"size": 1001 * MB, "why": ""}, {}, 10_000, " (1001.0 MB) is not copied before: limits.copy in the stack"),
            ({"size": 6 * MB, "why": ""}, {"copy": 5}, 10_000, "limits.copy in the stack file is 5 MB."),
            ({"size": 100 * MB, "why": ""}, {}, 249, "the server's disk has no room for it."),
        ):
            with self.subTest(reason):
                self.said.clear()
                self.patch("engine.database.migrations.disk_left", lambda left=left: left * MB)
                self.assertEqual(self.migrations({"limits": config}, copies={"default": about}).copy(), "no copy")
                self.assertIn(reason, self.said[0])
        self.assertEqual(self.asked, [])

    def test_at_the_limits_it_is_copied(self):
        self.patch("engine.database.migrations.disk_left", lambda: 250 * MB)
        self.assertEqual(self.migrations(copies={"default": {"size": 100 * MB, "why": ""}}).copy(), "2-default")
        self.patch("engine.database.migrations.disk_left", lambda: 10_000 * MB)
        self.assertEqual(self.migrations(copies={"default": {"size": 1000 * MB, "why": ""}}).copy(), "2-default")


class Apply(Migrating):
    def test_it_is_on_record_before_the_first(self):
        copies = {"default": {"size": 1, "why": "no pg_dump"}, "second": {"size": 1001 * MB, "why": ""}}
        said = self.migrations(pending=TWO, losses=[LOSS], copies=copies).apply()
        self.assertEqual(said, "a.0001, a.0002, b.0001 (database second)")
        release = self.new.reload()
        self.assertEqual((release.state, release.pending, release.losses), (State.MIGRATING, TWO, [LOSS]))
        # What is too large to be copied is too large to be set aside.
        self.assertEqual(release.aside, ["default"])
        notes = self.new.path("migrations.jsonl")
        self.assertEqual(self.asked, [("migrate", notes, json.dumps(TWO), '["default"]')])

    def test_before_its_boot_a_release_is_being_built(self):
        self.new.save(state=State.BUILDING)
        self.migrations(pending=TWO).apply()
        self.assertEqual(self.new.reload().state, State.BUILDING)


class After(Migrating):
    def back(self, answer, **about):
        self.new.save(pending=TWO, **about)
        self.answers["undo"] = answer
        return take_back(self.config(), self.new)

    def undone(self, **changed):
        names = {"undone": TWO, "left": {"default": [], "second": []}, "returned": [], "fresh": []}
        return {**names, "why": {}, "cut": {}, "changed": [], **changed}

    def test_nothing_was_applied(self):
        self.new.save(pending={})
        self.assertEqual(take_back(self.config(), self.new), [])
        self.new.save(pending={"default": []})
        self.assertEqual(take_back(self.config(), self.new), [])
        self.assertEqual(self.asked, [])

    def test_all_is_undone(self):
        self.assertEqual(self.back(self.undone()), [])
        self.assertEqual(self.said, ["    undone: a.0001, a.0002, b.0001 (database second)"])
        self.assertIsNone(read_left())
        self.assertEqual(self.asked, [("of", 2), ("undo", self.new.path("migrations.jsonl"), json.dumps(TWO))])

    def test_some_stay(self):
        answer = self.undone(
            undone={"default": [], "second": []},
            left={"default": ["a.0001"], "second": []},
            why={"a.0001": "RunPython has no reverse"},
            cut={"a.0002": "RunSQL"},
            changed=[["default", "new", "t", None], ["second", "gone", "t", "c"]],
        )
        self.assertEqual(
            self.back(answer, aside=["default", "second"]),
            [
                "Migrations of this push that are left in the database: a.0001.",
                "a.0001: RunPython has no reverse",
                "a.0002: RunSQL was ended in the middle of its work",
                "Of this push, the table t of the database default is new.",
                "Of this push, the column t.c of the database second is gone.",
            ],
        )
        self.assertEqual(self.said, [])
        left = read_left()
        self.assertEqual((left["release"], left["names"], left["aside"]), (2, ["a.0001"], ["default"]))

    def test_rows_that_do_not_come_back(self):
        with open(self.path("copies", "2-default"), "w"):
            pass
        for loss, returned, lost in (
            (LOSS, [], True),
            (LOSS, [["default", "a.0002"]], False),
            ({**LOSS, "of_rows": False}, [["default", "a.0002"]], True),
            ({**LOSS, "migration": "a.0009"}, [], False),
            ({**LOSS, "alias": "third"}, [], False),
        ):
            with self.subTest(loss=loss, returned=returned):
                sentences = self.back(self.undone(returned=returned), losses=[loss])
                self.assertEqual(len(sentences), int(lost), sentences)
                if lost:
                    self.assertIn("What a.0002 of this push did to rows is not undone (drops rows).", sentences[0])
                    self.assertIn("`www/deploy restore 2-default` puts the database back", sentences[0])
        os.unlink(self.path("copies", "2-default"))
        (sentence,) = self.back(self.undone(), losses=[LOSS])
        self.assertTrue(sentence.endswith("There is no copy."), sentence)

    def test_several_of_which_the_same_is_to_be_said_are_one_sentence(self):
        pending = {"default": [f"a.{at:04}" for at in range(1, 13)], "second": []}
        losses = [{**LOSS, "migration": name, "what": "no reverse"} for name in pending["default"]]
        answer = self.undone(undone=pending)
        (sentence,) = self.back(answer, losses=[*losses[:2], losses[1]])
        self.assertTrue(sentence.startswith("What a.0001, a.0002 of this push did to rows is not"), sentence)
        (sentence,) = self.back(answer, losses=losses)
        self.assertTrue(sentence.startswith("What 12, from a.0001 to a.0012 of this push did"), sentence)
        two = self.back(answer, losses=[losses[0], LOSS, losses[2]])
        self.assertEqual([each.split(" of ")[0] for each in two], ["What a.0001, a.0003", "What a.0002"])

    def test_of_what_stays_rows_are_lost_too(self):
        answer = self.undone(undone={"default": [], "second": []}, left={"default": ["a.0002"], "second": []})
        self.assertIn("did to rows is not undone", self.back(answer, losses=[LOSS])[-1])

    def test_a_database_that_can_not_be_asked(self):
        for lines, reason in ((["one", "the last line"], "the last line"), ([], "it failed")):
            with self.subTest(reason):
                (sentence,) = self.back(Refused("migrate", "it failed", lines))
                self.assertIn(f"what is left of this push ({reason}).", sentence)
                self.assertIn("may be applied: a.0001, a.0002, b.0001 (database second).", sentence)
                self.assertEqual(read_left()["unasked"], reason)

    def test_what_an_earlier_push_has_left_stays_on_record(self):
        self.leave(names=["a.0001", "z.0001"], why=["old"], aside=["third"], fresh=["default"], release=1)
        self.back(self.undone(left={"default": ["a.0001"], "second": []}, why={"a.0001": "new"}), aside=["default"])
        left = read_left()
        self.assertEqual(left["names"], ["z.0001", "a.0001"])
        self.assertEqual(left["why"], ["old", "a.0001: new"])
        self.assertEqual((left["aside"], left["fresh"], left["release"]), (["third", "default"], ["default"], 2))

    def test_much_of_it_is_a_number(self):
        changed = [["default", "new", f"t{at}", None] for at in range(12)]
        why = [f"reason {at}" for at in range(12)]
        left = {"names": [], "why": why, "changed": changed, "lost": []}
        said = sentences_of_left(left)
        self.assertEqual(len(said), 21)
        self.assertEqual(
            (said[9], said[19]), ("reason 9", "Of this push, the table t9 of the database default is new.")
        )
        self.assertEqual(said[20], "2 more tables and columns are otherwise than before.")
        self.assertEqual(len(sentences_of_left({**left, "changed": changed[:10]})), 20)
        self.assertEqual(sentences_of_left(None), [])


class Rest(Migrating):
    def test_what_was_set_aside_goes_with_the_switch(self):
        live = self.live(1, aside=["default"])
        forget_asides(self.config(), live)
        self.assertEqual(self.asked, [("of", 1), ("forget", '["default"]')])
        self.assertEqual(live.reload().aside, [])
        self.asked.clear()
        forget_asides(self.config(), live)
        self.assertEqual(self.asked, [])

    def test_a_database_that_is_away_is_asked_at_the_next(self):
        live = self.live(1, aside=["default"])
        self.answers["forget"] = Refused("django", "away")
        forget_asides(self.config(), live)
        self.assertEqual(live.reload().aside, ["default"])

    def seen(self, **about):
        whole = {"names": [], "why": [], "changed": [], "lost": [], "unasked": "", "aside": [], "release": 1}
        return {**whole, **about}

    def test_what_the_live_release_has_looked_at(self):
        for left, seen, kept in (
            # Nobody has looked, or at something else.
            ({"names": ["a"]}, None, {"names": ["a"]}),
            ({"names": ["a"]}, self.seen(release=9), {"names": ["a"]}),
            # All of it is gone.
            ({"names": ["a"]}, self.seen(), None),
            # Some is there.
            ({"names": ["a", "b"], "lost": [LOSS]}, self.seen(names=["b"]), {"names": ["b"], "lost": []}),
            ({"changed": [["x"], ["y"]]}, self.seen(changed=[["y"]]), {"changed": [["y"]]}),
            ({"names": ["a"], "lost": [LOSS]}, self.seen(names=["a"], lost=[LOSS]), {"names": ["a"], "lost": [LOSS]}),
            # What was set aside goes before the record does.
            ({"names": ["a"], "aside": ["default"]}, self.seen(), None),
        ):
            with self.subTest(left=left, seen=seen):
                self.setUp()
                self.leave(**left)
                self.live(1, **({"left": seen} if seen else {}))
                settle_left(self.config())
                found = read_left()
                self.assertEqual(found and {name: found[name] for name in kept or {}}, kept)
                asks = [("of", 1), ("forget", '["default"]')] if "aside" in left else []
                self.assertEqual(self.asked, asks)

    def test_what_can_not_be_forgotten_stays_on_record(self):
        self.leave(aside=["default"])
        self.live(1, left=self.seen())
        self.answers["forget"] = Refused("django", "away")
        settle_left(self.config())
        self.assertEqual(read_left()["aside"], ["default"])

    def test_nothing_was_left(self):
        self.live(1, left=self.seen())
        settle_left(self.config())
        self.assertIsNone(read_left())


if __name__ == "__main__":
    unittest.main()
