"""What each role may do over SSH: sshd runs `deploy shell ROLE NAME` for a key."""

import os
import pwd
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import GIT


class Roles(EngineTest):
    def setUp(self):
        # The account's home, in which www lies.
        self.home = self.site.scratch

    def ssh(self, role, asked, name="alice", **environment):
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "HOME": self.home,
            "SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22",
            **environment,
        }
        if asked is not None:
            environment["SSH_ORIGINAL_COMMAND"] = asked
        done = subprocess.run(
            [self.site.path("deploy"), "shell", role, name],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.home,
            timeout=60,
        )
        return done.returncode, done.stdout.decode(errors="replace")

    def push_as(self, role, name="alice", path="~/www/codebase"):
        """Run git push with a fake ssh that does what sshd would."""
        program = os.path.join(self.site.scratch, "ssh")
        with open(program, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o755)
            file.write(
                "#!/bin/sh\n"
                'while [ "$1" != host ]; do shift; done\nshift\n'
                f'export HOME="{self.home}" SSH_ORIGINAL_COMMAND="$*" SSH_CONNECTION="10.0.0.1 50000 10.0.0.2 22"\n'
                f'cd "$HOME" && exec "{self.site.path("deploy")}" shell "{role}" "{name}"\n'
            )
        done = subprocess.run(
            ["git", "-C", self.site.clone, "push", f"ssh://host/{path}", "HEAD:main"],
            env={**os.environ, **GIT, "GIT_SSH": program},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout

    def test_each_role_pushes_and_is_on_record_by_name(self):
        for role in ("push", "operate", "shell"):
            with self.subTest(role=role):
                self.site.release(f"by {role}")
                self.good(self.push_as(role, f"{role}er"))
                self.assertEqual(self.served(), f"by {role}")
                self.site.wait_for_rest()
                self.assertEqual(self.site.record()[-1]["by"], f"{role}er from 10.0.0.1")
                for word in ("log", "releases", "status"):
                    self.assertIn(f"{role}er from 10.0.0.1", self.ssh("push", f"deploy {word}")[1])

    def test_the_repository_by_any_of_its_names(self):
        repository = self.site.path("codebase")
        for path in ("~/www/codebase", "~/www/codebase/", "~/www/codebase.git", "~/www/codebase/.git", repository[1:]):
            with self.subTest(path=path):
                self.assertIn("Everything up-to-date", self.good(self.push_as("push", path=path)))
        for form in (
            "git-upload-pack www/codebase",
            f"git upload-pack '{repository}/'",
            'git-upload-pack "~/www/codebase"',
        ):
            with self.subTest(form=form):
                self.assertIn("refs/heads/main", self.ssh("push", form)[1])

    def test_looking(self):
        for program in ("deploy", "www/deploy", "~/www/deploy", self.site.path("deploy"), "'www/deploy'"):
            for role in ("push", "operate"):
                with self.subTest(program=program, role=role):
                    status, said = self.ssh(role, f"{program} status")
                    self.assertEqual(status, 0, said)
                    self.assertRegex(said, r"^site: release \d+, ")
        self.assertIn("deploy: ", self.ssh("push", f"deploy log {self.site.live()}")[1])

    def test_all_else_is_refused(self):
        outside = os.path.join(self.home, "outside")
        repository = self.site.path("codebase")
        both = (
            None,
            "",
            "sh",
            "bash -c id",
            "scp -t .",
            "/usr/lib/openssh/sftp-server",
            "internal-sftp",
            "rsync --server . .",
            "git-receive-pack ~/other",
            "git-receive-pack",
            "git-receive-pack ..",
            "git-receive-pack '~/www/codebase' x",
            f"git-receive-pack --upload-pack=x {repository}",
            f"git-upload-pack --strict {repository}",
            f"git-upload-archive {repository}",
            f"git archive {repository}",
            f"git -c core.pager=id upload-pack {repository}",
            f"git-receive-pack {repository}; touch {outside}",
            f"git-receive-pack `touch {outside}`",
            f"git-receive-pack $(touch {outside})",
            f"deploy status; touch {outside}",
            f"deploy status && touch {outside}",
            f"deploy status | tee {outside}",
            f"deploy status\ntouch {outside}",
            "deploy",
            "deploy prepare",
            "deploy switch",
            "deploy init",
            "deploy configure settings",
            "deploy pip 1 install x",
            "deploy shell shell alice",
            "other/deploy status",
            "./deploy status",
            "www/../deploy status",
            "'unfinished",
            "git-receive-pack '",
            "\x1b[31m",
        )
        before = self.site.live()
        for role, may in (("push", "deploy log."), ("operate", "deploy run.")):
            wrong = both if role == "operate" else (*both, *(f"deploy {word}" for word in OPERATING))
            for asked in wrong:
                with self.subTest(role=role, asked=asked):
                    status, said = self.ssh(role, asked)
                    self.assertEqual(status, 1, said)
                    self.assertTrue(said.startswith(f"alice has the role {role} here"), said)
                    self.assertTrue(said.endswith(f"{may}\n"), said)
                    self.assertEqual(said.count("\n"), 1)
                    self.assertFalse(os.path.exists(outside))
        self.assertEqual(self.site.live(), before)

    def test_operating(self):
        self.site.release("older")
        self.good(self.site.push())
        self.site.release("newer")
        self.good(self.site.push())
        status, said = self.ssh("operate", "deploy restart", "bob")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.site.record()[-1]["by"], "bob from 10.0.0.1")
        status, said = self.ssh("operate", "www/deploy rollback", "bob")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.served(), "older")
        self.assertEqual(self.ssh("operate", "deploy recover")[0], 0)
        outside = os.path.join(self.home, "outside")
        status, said = self.ssh("operate", f"deploy run echo '$HOME; touch {outside}' '`id`'")
        self.assertEqual((status, said), (0, f"$HOME; touch {outside} `id`\n"))
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")

    def test_a_shell(self):
        shell = pwd.getpwuid(os.getuid()).pw_shell
        self.assertEqual(
            self.ssh("shell", 'echo "$GREENPUSH_PERSON $0"; umask')[1], f"alice {os.path.basename(shell)}\n0022\n"
        )
        self.assertEqual(self.ssh("shell", "exit 7")[0], 7)
        self.assertEqual(self.ssh("shell", None)[0], 0)

    def test_what_a_client_sends_along_counts_for_nothing(self):
        forged = {"GREENPUSH_PERSON": "mallory", "GREENPUSH_X": "1", "GIT_DIR": "/tmp", "GIT_SSH_COMMAND": "x"}
        said = self.ssh("shell", "env", **forged)[1]
        self.assertEqual(re.findall(r"(?m)^(?:GREENPUSH|GIT)_.*", said), ["GREENPUSH_PERSON=alice"])
        self.assertIn("refs/heads/main", self.ssh("push", "git-upload-pack www/codebase", **forged)[1])

    def test_a_key_with_a_role_that_there_is_none(self):
        for role in ("admin", "", "push x"):
            status, said = self.ssh(role, "deploy status")
            self.assertEqual(status, 1)
            self.assertIn("is no role", said)


OPERATING = (
    "rollback",
    "recover",
    "restart",
    "redeploy",
    "redeploy --fresh",
    "redeploy --fresh --first",
    "restore",
    "maintenance on",
    "run id",
)

if __name__ == "__main__":
    unittest.main()
