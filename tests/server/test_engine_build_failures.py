"""Why a command of a build failed, as npm, pnpm and yarn say it, and what a person reads of that."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.pipeline.build_failures import CAUSES, advice_for
from engine.pipeline.commands import Command

HAS_MS = {"dependencies": {"ms": "2.1.3"}}
UNREACHED = "The package registry can't be reached (ECONNREFUSED). If packages are to come from another registry"


class Tree(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.tree)

    def write(self, path, content):
        file = os.path.join(self.tree, path)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "w", encoding="utf-8") as opened:
            json.dump(content, opened)

    def advice(self, said, line="npm ci", reason="exit status 1"):
        return advice_for(Command(line, self.tree, "`build` in the stack file"), self.tree, said, reason)


@unittest.skipUnless(shutil.which("npm"), "this machine has no npm")
class Npm(Tree):
    """What the npm of this machine says, without a network."""

    def run_line(self, line, **environment):
        """Return the advice for a command that fails."""
        local = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}
        cache = {"npm_config_cache": os.path.join(self.tree, ".npm"), "npm_config_update_notifier": "false"}
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", line],
            cwd=self.tree,
            env={**os.environ, **local, **cache, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return self.advice(done.stdout, line, f"exit status {done.returncode}")

    def script(self, line, **environment):
        self.write("package.json", {"scripts": {"build": line}})
        return self.run_line("npm run build", **environment)

    def test_no_package_json(self):
        self.write("web/ui/package.json", {})
        self.write("node_modules/x/package.json", {})
        for line in ("npm run build", "npm install"):
            said = self.run_line(line)
            self.assertIn("There is no package.json in the tree's top.", said)
            self.assertIn("`{ run: …, in: FOLDER }`. The tree has one in web/ui.", said)

    def test_no_such_script(self):
        self.write("package.json", {"scripts": {"bundle": "true", "lint": "true"}})
        said = self.run_line("npm run build")
        self.assertEqual("package.json has no script build. It has bundle, lint.", said)
        self.write("package.json", {})
        self.assertEqual("package.json has no script build. It has none.", self.run_line("npm run build"))

    def test_the_registry_is_out_of_reach(self):
        self.write("package.json", HAS_MS)
        self.assertTrue(self.run_line("npm install").startswith(UNREACHED))
        # A program of the application that finds no database is not npm.
        self.assertEqual(self.script("echo Error: connect ECONNREFUSED; exit 1"), "")

    def test_lock_files(self):
        self.write("package.json", HAS_MS)
        self.assertIn("There is no lock file.", self.run_line("npm ci"))
        self.write("ms/package.json", {"name": "ms", "version": "2.1.3"})
        self.write("package.json", {"name": "front", "dependencies": {"ms": "file:ms"}})
        self.write("package-lock.json", {"name": "front", "lockfileVersion": 3, "packages": {"": {"name": "front"}}})
        self.assertIn("The lock file is not that of package.json. Run `npm install`", self.run_line("npm ci"))

    def test_another_node(self):
        self.write("package.json", {"engines": {"node": ">=99"}})
        said = self.run_line("npm install", npm_config_engine_strict="true")
        self.assertIn("A package asks for Node >=99. Set `node` of the site", said)

    def test_what_is_not_installed(self):
        self.assertIn("No package that is installed brings no-such-bundler.", self.script("no-such-bundler build"))
        self.assertIn("Node finds no module ms.", self.script("""node -e 'require("ms")'"""))
        # That which the tree itself lacks is for its author to see.
        self.assertEqual(self.script("""node -e 'require("./gone")'"""), "")
        self.assertIn("/bin/sh found no such program.", self.run_line("no-such-program"))

    def test_the_hash_of_webpack_4(self):
        said = self.script("""node -e 'require("crypto").createHash("md4")'""")
        self.assertIn("NODE_OPTIONS: --openssl-legacy-provider", said)

    def test_memory(self):
        line = """node --max-old-space-size=8 -e 'const all = []; for (;;) all.push({ ...all })' """
        self.assertIn("--max-old-space-size=4096", self.script(line))


class Others(Tree):
    """Lines of programs that this test does not run."""

    def test_each_is_led_to_its_cause(self):
        for said, reads in (
            ("npm ERR! code ENOTFOUND\n", "The package registry can't be reached (ENOTFOUND)."),
            (" ERR_PNPM_META_FETCH_FAIL  GET http://a/ms: request failed, reason: connect ECONNREFUSED", UNREACHED),
            ("error Error: connect ECONNREFUSED 127.0.0.1:9", UNREACHED),
            ("➤ YN0001: │ RequestError: connect ECONNREFUSED 127.0.0.1:9", UNREACHED),
            ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "is not trusted (SELF_SIGNED_CERT_IN_CHAIN)"),
            ("npm error code UNABLE_TO_VERIFY_LEAF_SIGNATURE", "is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)"),
            ("npm error 404  The requested resource '@own/a@1.0.0' could not be found", "has no @own/a@1.0.0."),
            ("npm ERR! 404  'own@1.0.0' is not in this registry.", "The package registry has no own@1.0.0."),
            ('error Couldn\'t find package "own" on the "npm" registry.', "The package registry has no own."),
            ("\nown-a is not in the npm registry, or you have no permission", "The package registry has no own-a."),
            ("➤ YN0035: │ own@npm:1.0.0: Package not found", "The package registry has no own@npm:1.0.0."),
            ("npm error code E401", "who have a token (E401). A private package needs"),
            ("npm error notarget No matching version found for ms@99.0.0.", "has no ms@99.0.0. Lock a version"),
            ("error Your lockfile needs to be updated, but yarn was run with", "The lock file is not that of"),
            (
                "➤ YN0028: │ The lockfile would have been modified by this install, which",
                "The lock file is not that of",
            ),
            (' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"', "The lock file is not that of"),
            (' ERR_PNPM_NO_LOCKFILE  Cannot install with "frozen-lockfile" because', "There is no lock file."),
            ("npm error code ERESOLVE", "`npm ci --legacy-peer-deps`"),
            (
                'error t@1.0.0: The engine "node" is incompatible with this module. Expected version ">=99". Got "20"',
                "A package asks for Node >=99.",
            ),
            ("Node Sass does not yet support your current environment: Linux 64-bit", "node-sass does not know"),
            ("npm error gyp ERR! stack Error: not found: make", "has no make. Write `packages: [build-essential]`"),
            ("➤ YN0000: command not found: make", "has no make. Write `packages: [build-essential]`"),
            ("make: g++: No such file or directory", "has no g++. Write `packages: [build-essential]`"),
            ('error Command "build" not found.', "package.json has no script build."),
            ('Usage Error: Couldn\'t find a script named "build".', "package.json has no script build."),
            (" ERR_PNPM_NO_SCRIPT  Missing script: build", "package.json has no script build."),
            ("CommandError: Can't find msgfmt. Make sure you have GNU gettext tools", "`packages: [gettext]`"),
        ):
            with self.subTest(said):
                self.assertIn(reads, self.advice(f"$ a command\n{said}\n"))

    def test_what_nothing_tells_gets_no_advice(self):
        for said in ("", "error: something else", "Error: Cannot find module './gone'", "make: *** [all] Error 1"):
            self.assertEqual(self.advice(said), "")

    def test_each_cause_names_what_to_do(self):
        for _, why, helps in CAUSES:
            self.assertTrue(why.endswith(".") and helps.endswith("."), why)


if __name__ == "__main__":
    unittest.main()
