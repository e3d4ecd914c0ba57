"""Node from a package registry: what is installed, and what is not taken."""

import base64
import hashlib
import http.server
import io
import json
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, "server", "tools", "install-node.py")
ENGINE = os.path.join(ROOT, "server", "engine")
NODE = f"node-linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}"


def archive(files, links=()):
    """Return an archive as a registry has it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        for name, text, mode in files:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text), mode
            file.addfile(member, io.BytesIO(text.encode()))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            file.addfile(member)
    return packed.getvalue()


class InstallNode(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="greenpush-node-")
        self.addCleanup(shutil.rmtree, self.scratch)
        self.folder = os.path.join(self.scratch, "node")
        self.paths = {}
        paths = self.paths

        class Registry(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                content = paths.get(self.path)
                self.send_response(200 if content is not None else 404)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.address = f"http://127.0.0.1:{server.server_port}/of/us"
        self.settings = os.path.join(self.scratch, "npmrc")
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(f"cafile=/none\nregistry={self.address}\n")
        self.package(NODE, "22.9.0", {}, self.node("22.9.0"))
        self.package(NODE, "22.10.0", {}, self.node("22.10.0"))
        self.package(NODE, "24.0.0", {}, self.node("24.0.0"))
        self.package(NODE, "24.1.0-rc.1", {}, self.node("24.1.0-rc.1"))
        for version, range_of in (("9.9.9", ">=16"), ("10.2.0", ">=18"), ("10.9.0", ">=30"), ("11.5.0", ">=18")):
            files = [(f"package/bin/{name}-cli.js", f"{name} {version}", 0o644) for name in ("npm", "npx")]
            self.package("npm", version, {"node": range_of}, archive(files))

    @staticmethod
    def node(version):
        files = [
            ("package/bin/node", f"#!/bin/sh\necho v{version}\n", 0o755),
            ("package/share/man/node.1", "a page", 0o644),
            ("package/../../outside", "never", 0o644),
            ("/absolute", "never", 0o644),
        ]
        return archive(files, [("package/bin/link", "/etc/passwd")])

    def package(self, name, version, engines, content, wrong=False):
        path = f"/of/us/{name}/-/{version}.tgz"
        self.paths[path] = content + b"changed" if wrong else content
        known = json.loads(self.paths.get(f"/of/us/{name}", b'{"versions": {}}'))
        total = base64.b64encode(hashlib.sha512(content).digest()).decode()
        dist = {"tarball": f"{self.address}{path[len('/of/us') :]}", "integrity": f"sha512-{total}"}
        known["versions"][version] = {"engines": engines, "dist": dist}
        self.paths[f"/of/us/{name}"] = json.dumps(known).encode()

    def install(self, version):
        os.makedirs(self.folder, exist_ok=True)
        words = ["/usr/bin/python3", "-I", "-B", PROGRAM, ENGINE, self.folder, version]
        environment = {**os.environ, "GREENPUSH_NPMRC": self.settings}
        return subprocess.run(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, umask=0o077
        )

    def installed(self, version):
        done = self.install(version)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.strip()

    def found(self):
        return sorted(
            os.path.relpath(os.path.join(folder, name), self.folder)
            for folder, _, names in os.walk(self.folder)
            for name in names
        )

    def text(self, *names):
        with open(os.path.join(self.folder, *names), encoding="utf-8") as file:
            return file.read()

    def test_the_newest_of_a_version_with_an_npm_for_it(self):
        self.assertEqual(self.installed("22"), "22.10.0")
        self.assertEqual(
            self.found(),
            [
                "22.10.0/bin/node",
                "22.10.0/bin/npm",
                "22.10.0/bin/npx",
                "22.10.0/etc/npmrc",
                "22.10.0/lib/node_modules/npm/bin/npm-cli.js",
                "22.10.0/lib/node_modules/npm/bin/npx-cli.js",
            ],
        )
        self.assertEqual(self.text("22.10.0", "bin", "npm"), "npm 10.2.0")
        for name, mode in (("bin/node", 0o755), ("lib/node_modules/npm/bin/npm-cli.js", 0o755), ("bin", 0o755)):
            self.assertEqual(os.stat(os.path.join(self.folder, "22.10.0", name)).st_mode & 0o777, mode, name)
        self.assertFalse(os.path.exists(os.path.join(self.scratch, "outside")))
        # Nothing new, nothing to do.
        self.assertEqual(self.installed("22"), "")
        self.assertEqual(self.installed("22.9"), "22.9.0")
        self.assertEqual(self.installed("24"), "24.0.0")
        self.assertEqual(self.text("24.0.0", "bin", "npm"), "npm 11.5.0")

    def refused(self, version, reads):
        done = self.install(version)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(reads, done.stdout)
        self.assertEqual([name for name in self.found() if not name.startswith(".new-")], [])

    def test_what_is_not_what_the_registry_says(self):
        self.package(NODE, "22.11.0", {}, self.node("22.11.0"), wrong=True)
        self.refused("22", "is not what the registry says it is: its sum differs")

    def test_a_version_that_there_is_not(self):
        self.refused("23", f"there is no Node 23; {self.address}/ has 22, 24")

    def test_a_registry_that_is_out_of_reach(self):
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(f"registry={self.address}/elsewhere\n")
        self.refused("22", "can't be had: HTTP Error 404")


if __name__ == "__main__":
    unittest.main()
