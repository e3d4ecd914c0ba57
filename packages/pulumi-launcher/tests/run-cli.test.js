// @ts-check
"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { join } = require("node:path");
const { it } = require("node:test");
const { setTimeout: sleep } = require("node:timers/promises");

const runCli = join(__dirname, "..", "lib", "run-cli.js");

it("a long text of the CLI reaches a slow reader whole", async () => {
  // Begins when the launcher has done all that it does beside the CLI.
  const cli = ["/bin/sh", ["-c", "sleep 0.3; head -c 1000000 /dev/zero"], {}];
  const program = `require(${JSON.stringify(runCli)}).runCli(...${JSON.stringify(cli)})`;
  const launcher = spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(launcher, "close");
  // Nothing is read so far.
  await sleep(800);
  let length = 0;
  launcher.stdout.on("data", (/** @type {Buffer} */ part) => (length += part.length));
  const [status] = await closed;
  assert.deepEqual({ status, length }, { status: 0, length: 1_000_000 });
});
