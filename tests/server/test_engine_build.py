"""The `build` and `release` commands of the stack: their order, their failures, and builds that are taken over."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.commands_test import BuildTest, CommandsTest, noting


class Order(CommandsTest):
    def test_each_has_its_place_its_folder_and_the_release_s_environment(self):
        self.add_migration()
        self.site.write("deploy.sh", noting("deploy.sh") + "\n")
        self.site.write("tools/here", "")
        about = 'echo "$PWD $GREENPUSH_REVISION $(command -v python) $SECRET_KEY" >about'
        self.configure(
            build=[
                {"run": noting("build")},
                {"run": about, "in": "tools"},
                {"run": "mkdir -p pages/static && echo made >pages/static/made.css"},
            ],
            first=[{"run": "python manage.py columns"}, {"run": noting("first")}],
            release=[{"run": "python manage.py columns"}, {"run": noting("release")}],
        )
        said = self.good(self.push())
        self.assertEqual(self.noted(), ["build", "deploy.sh", "first", "release"])
        release = self.site.path("releases", str(self.site.live()))
        revision = self.site.git("rev-parse", "HEAD")
        self.assertEqual(
            self.text("tools", "about"), f"{release}/codebase/tools {revision} {release}/bin/python the key of a test\n"
        )
        steps = [step["step"] for step in self.site.record()[-1]["steps"]]
        self.assertEqual(
            [step for step in steps if step != "copy"],
            ["export", "virtualenv", "build", "deploy.sh", "django", "boot", "migrate", "first", "release", "health"],
        )
        self.assertTrue(os.path.exists(self.site.path("live", "static", "made.css")), said)
        # Both found the migrated table, and their output is read by the pusher.
        self.assertEqual(said.count("columns: "), 2)
        self.assertEqual(said.count(" more"), 2)
        self.assertIn("    $ python manage.py columns", said)
        # The secret is in the environment and in nothing that is printed.
        self.assertNotIn("the key of a test", said)

    def test_a_setting_that_is_missing_is_no_step(self):
        self.good(self.push())
        steps = [step["step"] for step in self.site.record()[-1]["steps"]]
        self.assertEqual(set(steps) & {"build", "first", "release"}, set())

    def test_a_procfile_s_release_line_runs_where_the_stack_says_nothing(self):
        self.site.write("Procfile", f"web: gunicorn codebase.wsgi\nrelease: {noting('of the Procfile')}\n")
        self.good(self.push())
        self.assertEqual(self.noted(), ["of the Procfile"])
        self.configure(release=[{"run": noting("of the stack")}])
        self.good(self.push())
        self.configure(release=[])
        self.good(self.push())
        self.assertEqual(self.noted(), ["of the Procfile", "of the stack"])
        self.configure()
        self.site.write("Procfile", "release: exit 4\n")
        said = self.bad(self.push())
        self.assertIn("REFUSED at release: `exit 4` (`release:` in the Procfile): exit status 4", said)

    def test_a_restart_runs_release_commands_and_a_rollback_none(self):
        self.configure(release=[{"run": noting("release")}], first=[{"run": noting("first")}])
        self.good(self.push())
        self.site.wait_for_rest()
        self.site.deploy("restart")
        self.assertEqual(self.noted(), ["first", "release", "release"])
        self.site.write("another", "")
        self.good(self.push())
        self.site.wait_for_rest()
        noted = self.noted()
        self.site.deploy("rollback")
        self.assertEqual(self.noted(), noted)


class Failures(CommandsTest):
    def test_each_refuses_the_push_and_says_which_command(self):
        self.add_migration()
        before = self.tables()
        live = self.site.live()
        for setting in ("build", "first", "release"):
            with self.subTest(setting=setting):
                self.configure(
                    **{setting: [{"run": "echo of another"}, {"run": "echo why it fails; exit 3"}, {"run": "false"}]}
                )
                said = self.bad(self.push())
                self.assertIn(
                    f"REFUSED at {setting}: `echo why it fails; exit 3` (`{setting}` in the stack file): exit status 3",
                    said,
                )
                refusal = said[said.index("REFUSED") + 100 :]
                self.assertIn("why it fails", refusal)
                self.assertNotIn("of another", refusal)
                self.assertIn("nothing was changed", said)
                self.assertEqual("undone: pages.0900_more" in said, setting != "build")
                self.site.wait_for_rest()
                self.assertEqual((self.site.live(), self.tables()), (live, before))
                self.only_runs(live)

    def test_an_error_within_a_line_is_one(self):
        self.configure(build=[{"run": "false; echo went on"}])
        said = self.bad(self.push())
        self.assertIn("exit status 1", said)
        self.assertNotIn("\n    went on", said)

    def test_one_that_takes_too_long_names_its_limit(self):
        for setting in ("build", "first", "release"):
            with self.subTest(setting=setting):
                self.configure(**{setting: [{"run": "sleep 60"}], "limits": {setting: 1}})
                said = self.bad(self.push())
                self.assertIn(f"REFUSED at {setting}: `sleep 60` (`{setting}` in the stack file): not done after", said)
                self.assertIn(f"limits.{setting}", said)

    def test_a_folder_that_is_none_of_the_tree(self):
        self.configure(build=[{"run": "true", "in": "frontend"}])
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: `true` (`build` in the stack file) is to run in frontend", said)
        self.assertIn("The tree's top has codebase, pages", said)

    def test_a_program_that_is_missing_is_said_with_the_way_to_it(self):
        self.configure(build=[{"run": "no-such-program --please"}])
        said = self.bad(self.push())
        self.assertIn("exit status 127", said)
        self.assertIn("`packages` of the server", said)
        self.assertIn("`npx --yes PROGRAM@VERSION`", said)

    def test_what_one_leaves_behind_ends(self):
        script = (
            'setsid sh -c \'echo $$ >>"$VAR_DIR/pids"; exec sleep 1000\' & while ! [ -s "$VAR_DIR/pids" ]; do :; done'
        )
        pids = self.site.path("var", "pids")
        for setting in ("build", "first", "release"):
            with self.subTest(setting=setting):
                self.configure(**{setting: [{"run": script}]})
                said = self.good(self.push())
                self.assertIn(f"{setting} left 1 process", said)
                with open(pids, encoding="ascii") as file:
                    (pid,) = map(int, file.read().split())
                os.unlink(pids)
                self.assertFalse(os.path.exists(f"/proc/{pid}"))


class Reuse(BuildTest):
    """A build that is taken over from another release, and when it is made again."""

    BUILD = (
        noting("build"),
        "mkdir -p made/empty; echo style >made/one.css; ln -s one.css made/link; chmod 755 made/one.css; rm README.md",
    )

    def test_a_restart_has_all_that_the_build_made_and_shares_nothing_with_it(self):
        self.configure(build=list(self.BUILD))
        self.good(self.push())
        for _ in range(2):
            before = self.site.path("releases", str(self.site.live()))
            said = self.restart()
            self.assertRegex(said, r"build .* as in release \d+")
            self.assertEqual(self.built(), 1)
            self.assertEqual(self.text("made", "one.css"), "style\n")
            self.assertEqual(os.stat(self.in_release("made", "one.css")).st_mode & 0o777, 0o755)
            self.assertEqual(os.readlink(self.in_release("made", "link")), "one.css")
            self.assertTrue(os.path.isdir(self.in_release("made", "empty")))
            self.assertFalse(os.path.exists(self.in_release("README.md")))
            self.assertEqual(os.stat(self.in_release("made", "one.css")).st_nlink, 1)
            self.assertEqual(os.stat(os.path.join(before, "codebase", "made", "one.css")).st_nlink, 1)

    def test_what_makes_it_anew(self):
        build = [*self.BUILD]
        self.configure(build=build)
        self.good(self.push())
        self.good(self.push("The same tree in another commit"))
        self.assertEqual(self.built(), 2)
        self.restart("redeploy", "--fresh")
        self.assertEqual(self.built(), 3)
        self.configure(build=[*build, "true"])
        self.restart()
        self.assertEqual(self.built(), 4)
        # It runs more than Node: Python, maybe, whose settings may read any variable.
        self.settings(COLOUR="red")
        self.assertEqual(self.built(), 5)
        self.restart()
        self.assertEqual(self.built(), 5)
        self.settings()

    def test_what_another_step_has_changed_is_made_anew(self):
        self.site.write("deploy.sh", "echo more >>made/one.css\n")
        self.configure(build=list(self.BUILD))
        self.good(self.push())
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertEqual(self.text("made", "one.css"), "style\nmore\n")

    def test_what_knows_its_place_is_made_anew(self):
        self.configure(build=[*self.BUILD, 'echo "$PWD" >place'])
        self.good(self.push())
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertEqual(
            self.text("place"), os.path.join(self.site.path("releases", str(self.site.live()), "codebase\n"))
        )

    def test_what_lies_outside_of_the_tree_is_made_anew(self):
        self.configure(build=[noting("build"), 'echo style >"$STATIC_ROOT/outside.css"'])
        self.good(self.push())
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertTrue(os.path.exists(self.site.path("live", "static", "outside.css")))


if __name__ == "__main__":
    unittest.main()
