"""A build by Node: which Node, which package manager, and what makes a build anew."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.commands_test import BuildTest
from support.tools import tools

NODE = shutil.which("node")
VERSION = (
    [int(part) for part in subprocess.check_output([NODE, "--version"], text=True).lstrip("v").split(".")]
    if NODE
    else []
)


@unittest.skipUnless(NODE, "this machine has no Node")
class OfNode(BuildTest):
    """A front end in a folder of its own, with a package."""

    def setUp(self):
        super().setUp()
        # As the server's, with Nodes of this test.
        self.tools = tempfile.mkdtemp(dir=self.site.scratch)
        for name in os.listdir(tools()):
            os.symlink(os.path.join(tools(), name), os.path.join(self.tools, name))
        self.nodes = os.path.join(self.tools, "node")
        self.packages()

    def packages(self):
        folder = os.path.join(self.site.clone, "frontend")
        package = {"name": "words", "version": "1.0.0", "main": "index.js"}
        self.site.write("frontend/vendor/words/package.json", json.dumps(package))
        self.site.write("frontend/vendor/words/index.js", "module.exports = 'from a package';\n")
        pack = ["npm", "pack", "--silent", "./words"]
        self.site.run(*pack, cwd=os.path.join(folder, "vendor"))
        build = "node build.js"
        front = {"name": "front", "version": "1.0.0", "scripts": {"build": build}}
        self.site.write(
            "frontend/package.json", json.dumps({**front, "dependencies": {"words": "file:vendor/words-1.0.0.tgz"}})
        )
        self.site.write(
            "frontend/build.js",
            "const fs = require('fs');\n"
            "fs.mkdirSync('../pages/static', { recursive: true });\n"
            "const text = `${require('words')} ${process.env.API_URL} ${process.version}`;\n"
            "fs.writeFileSync('../pages/static/built.js', text);\n"
            "fs.appendFileSync(`${process.env['VAR_' + 'DIR']}/noted`, 'build\\n');\n",
        )
        self.site.write(".gitignore", "node_modules\n")
        self.site.run("npm", "install", "--package-lock-only", "--offline", "--silent", cwd=folder)
        self.build = [{"run": "npm ci", "in": "frontend"}, {"run": "npm run build", "in": "frontend"}]

    def install(self, version, program=NODE):
        binaries = os.path.join(self.nodes, version, "bin")
        os.makedirs(binaries)
        os.symlink(program, os.path.join(binaries, "node"))
        return binaries

    def test_packages_are_shared_and_what_is_fetched_stays(self):
        self.configure(build=self.build)
        self.good(self.push())
        place = ("frontend", "node_modules", "words", "index.js")
        one = os.stat(self.in_release(*place))
        self.assertEqual(one.st_mode & 0o222, 0)
        self.assertIn("from a package", self.text("..", "static", "built.js"))
        self.assertTrue(os.listdir(self.site.path("cache", "npm")))
        self.site.write("another", "")
        self.good(self.push())
        self.assertEqual(self.built(), 2)
        self.assertEqual(os.stat(self.in_release(*place)).st_ino, one.st_ino)
        self.assertEqual(os.stat(self.in_release("pages", "static", "built.js")).st_nlink, 1)
        self.restart()
        self.assertEqual(self.built(), 2)
        self.assertEqual(os.stat(self.in_release(*place)).st_ino, one.st_ino)

    def test_a_variable_counts_if_the_tree_names_it(self):
        self.configure(build=self.build)
        self.good(self.push())
        self.assertIn("as in release", self.settings(COLOUR="red"))
        self.assertEqual(self.built(), 1)
        self.settings(COLOUR="red", API_URL="https://api.example.org")
        self.assertEqual(self.built(), 2)
        self.assertIn("https://api.example.org", self.text("pages", "static", "built.js"))
        # As it was: so is the outcome, which the first of these releases has.
        self.settings()
        self.assertEqual(self.built(), 2)
        self.assertIn("undefined", self.text("pages", "static", "built.js"))

    def test_the_stack_or_the_tree_say_which_node(self):
        here = ".".join(map(str, VERSION))
        self.install(f"{VERSION[0]}.99.0")
        self.install(f"{VERSION[0] + 1}.1.0", "/bin/false")
        where = {"run": "command -v node >where"}
        self.configure(build=[where], tools=self.tools, node=str(VERSION[0]))
        self.good(self.push())
        self.assertEqual(self.text("where"), os.path.join(self.nodes, f"{VERSION[0]}.99.0", "bin", "node\n"))
        self.configure(build=[where], tools=self.tools)
        self.site.write(".nvmrc", f"v{VERSION[0] + 1}\n")
        self.good(self.push())
        self.assertEqual(self.text("where"), os.path.join(self.nodes, f"{VERSION[0] + 1}.1.0", "bin", "node\n"))
        self.configure(build=[where])
        self.site.write(".nvmrc", f"{here}\n")
        self.good(self.push())
        self.assertNotIn(self.nodes, self.text("where"))

    def test_one_that_the_server_lacks_is_refused_with_the_line_to_write(self):
        self.configure(build=self.build, tools=self.tools)
        for name, text, reads in (
            (".nvmrc", "lts/krypton\n", ".nvmrc asks for Node lts/krypton"),
            ("frontend/.node-version", "24.1.0\n", "frontend/.node-version asks for Node 24.1.0"),
            ("package.json", '{"engines": {"node": "^24.2 || >=25"}}', "engines.node of package.json asks for Node"),
        ):
            with self.subTest(name=name):
                self.site.write(name, text)
                said = self.bad(self.push())
                self.assertIn(f"REFUSED at build: {reads}", said)
                self.assertIn('`node: "24"`', said)
                self.site.git("rm", "--quiet", "--force", name)
        self.configure(build=[], tools=self.tools, node="24")
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: `node` in the stack file asks for Node 24", said)
        self.assertIn("`npx pulumi up` installs it", said)
        # A build that is none of Node's has nothing to do with what an editor reads.
        self.site.write(".nvmrc", "24\n")
        self.configure(build=["true"], tools=self.tools)
        self.good(self.push())

    def test_pnpm_and_yarn_install_as_the_tree_asks(self):
        self.addCleanup(self.configure)
        self.site.write(
            "build.js", 'require("fs").writeFileSync("pages/static/made.txt", String(require("ms")("2 days")));\n'
        )
        self.site.write("pages/static/.keep", "")
        for manager in ("pnpm@9.15.0", "yarn@1.22.22", "yarn@4.5.0"):
            with self.subTest(manager=manager):
                package = {
                    "packageManager": manager,
                    "dependencies": {"ms": "2.1.3"},
                    "scripts": {"make": "node build.js"},
                }
                self.site.write("package.json", json.dumps(package))
                self.site.write(".yarnrc.yml", "nodeLinker: node-modules\nenableTelemetry: false\n")
                name = manager.partition("@")[0]
                self.configure(build=[f"{name} --version", f"{name} install", f"{name} run make"])
                said = self.good(self.push(f"Built with {manager}"))
                self.assertIn(manager.partition("@")[2], said)
                self.assertEqual(self.text("pages", "static", "made.txt"), "172800000")

    def test_a_package_manager_that_cannot_be_had_is_said(self):
        package = {"packageManager": "pnpm@9.15.0+sha512.abc"}
        self.site.write("package.json", json.dumps(package))
        self.settings(npm_config_registry="http://127.0.0.1:9/", npm_config_fetch_retries="0")
        self.addCleanup(self.settings)
        self.addCleanup(self.configure)
        self.configure(build=["pnpm install"])
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: npm could not install pnpm@9.15.0, which package.json", said)
        self.assertIn("The package registry can't be reached (ECONNREFUSED).", said)
        self.site.write("package.json", json.dumps({"packageManager": "bun@1.2.0"}))
        said = self.bad(self.push())
        self.assertIn("REFUSED at build: packageManager of package.json is bun@1.2.0", said)

    def test_why_a_command_failed_is_said_with_what_it_printed(self):
        self.addCleanup(self.configure)
        self.configure(build=[{"run": "npm run biuld", "in": "frontend"}])
        said = self.bad(self.push())
        self.assertIn("`npm run biuld` (`build` in the stack file): exit status 1", said)
        self.assertIn('npm error Missing script: "biuld"', said)
        self.assertIn("package.json has no script biuld. It has build.", said)


if __name__ == "__main__":
    unittest.main()
