"""server/lib/journal.sh and verbs.sh: what each verb does in addition to what a script describes."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import as_root  # the line before finds it
from support.library_test import LibraryTest


class Verbs(LibraryTest):
    """What each verb does besides what is described."""

    def test_the_record(self):
        path = self.path("f")
        line = f"echo ours | gp_file {path} 644 root"
        self.apply(line)
        self.assertEqual(self.read(os.path.join(self.record, "generation")), "g1\n")
        self.assertEqual(self.read(os.path.join(self.record, "script")), self.program(line))
        self.assertEqual(sorted(os.listdir(self.record)), ["generation", "made", "script", "sum"])
        subprocess.run(["sha256sum", "--status", "-c", "sum"], cwd=self.record, check=True)
        os.chmod(self.record, 0o755)
        os.chmod(os.path.join(self.record, "script"), 0o644)
        self.assertEqual(
            sorted(self.probe(line)),
            [
                "~~/records/component.name/script: mode is 644, wanted 600",
                "~~/records/component.name: mode is 755, wanted 700",
            ],
        )

    def test_a_remove_of_what_was_never_applied(self):
        self.remove(":")

    def test_a_probe_in_a_folder_of_its_callers(self):
        path = self.path("with two  spaces")
        description = f"echo one | gp_file '{path}' 644 root"
        self.apply(description)
        os.chmod(path, 0o600)
        wanted = ["~/with two  spaces: mode is 600, wanted 644"]
        self.assertEqual(self.probe(description), wanted)
        work = self.make("work")
        program = os.path.join(self.scratch, "program")
        printed = subprocess.check_output(["dash", program, "probe", work], stdin=subprocess.DEVNULL, text=True)
        self.assertEqual(printed, f"drift\tcomponent\tname\t{path}: mode is 600, wanted 644\n")
        self.assertNotEqual(os.listdir(work), [])

    def test_a_word_that_is_no_verb(self):
        self.assertIn("there is no verb bring", self.fails("bring", ":"))

    def test_a_failure_names_server_and_component(self):
        said = self.fails("apply", "gp_fail 'the disk is full' 'Make room.'")
        self.assertEqual(said, "greenpush: own: component of name: the disk is full\n  Make room.\n")

    def test_a_value_that_a_function_would_change(self):
        said = self.fails_at_once("name=other")
        self.assertIn("name: is read only", said)

    def fails_at_once(self, line):
        status, _, said = self.run_verb("apply", line)
        self.assertEqual(status, 2)
        return said

    def test_names_that_a_terminal_obeys(self):
        path = self.path("l")
        self.apply(f"gp_link {path} /wanted")
        os.unlink(path)
        os.symlink("\x1b]0;x\x07\u202e\tevil\nline", path)
        (said,) = self.probe(f"gp_link {path} /wanted")
        self.assertTrue(said.isprintable(), ascii(said))

    def test_what_an_account_prints(self):
        into = self.path("into")
        _, _, said = self.run_verb(
            "apply", f"gp_as_into {into} games sh -c 'echo out; printf \"\\033[2Jerr\" >&2; exit 3' || echo $? >&2"
        )
        self.assertEqual((self.read(into), said), ("out\n", " [2Jerr3\n"))


if __name__ == "__main__":
    as_root()
    unittest.main()
