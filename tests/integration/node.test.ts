// A preview of a whole program on other versions of Node than the one that runs the tests.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { copyCheckout, scratchFolder } from "../../testing/checkout";
import { run, runWell } from "../../testing/run";
import { Stack } from "../../testing/stack";

const versions = ["22.23.3", "24.21.0"];

describe("Node", { timeout: 300_000 }, () => {
  for (const version of versions) {
    it(`${version}: npx pulumi and the program`, async () => {
      const folder = scratchFolder();
      const name = `node-linux-${process.arch}`;
      const words = ["install", "--no-audit", "--no-fund", "--prefix", folder];
      await runWell("npm", [...words, `${name}@${version}`], { cwd: folder });
      const stack = new Stack(await copyCheckout());
      stack.environment["PATH"] =
        `${join(folder, "node_modules", name, "bin")}:${process.env["PATH"]}`;
      const options = { cwd: stack.checkout, env: stack.environment };
      assert.equal(await runWell("node", ["--version"], options), `v${version}\n`);
      await stack.create();
      stack.describe({
        servers: { own: { host: "127.0.0.1", hostKey: "ssh-ed25519 AAAA", probe: false } },
        sites: {
          codebase: { serverNames: ["www.example.org"], settings: "codebase.settings.test" },
        },
      });
      const preview = ["pulumi", "preview", "--stack", stack.name, "--non-interactive"];
      const { status, output } = await run("npx", preview, options);
      assert.equal(status, 0, output);
      assert.match(output, /codebase-nginx-apply create/);
    });
  }
});
