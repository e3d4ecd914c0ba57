// @ts-check
"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
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

it("what the program has to say last is said when the CLI has ended, once, and nothing is left of it", async () => {
  const lastWords = join(__dirname, "..", "lib", "last-words.js");
  const script =
    'for i in 1 2; do echo "own could not be asked" >>"$GREENPUSH_LAST_WORDS"; done; echo summary >&2; exit 3';
  const program = `
    const onEnded = require(${JSON.stringify(lastWords)}).awaitLastWords();
    const words = ["-c", ${JSON.stringify(script)}];
    require(${JSON.stringify(runCli)}).runCli("/bin/sh", words, process.env, { onEnded });
    console.log(process.env["GREENPUSH_LAST_WORDS"]);`;
  const launcher = spawn(process.execPath, ["-e", program]);
  let printed = "";
  let file = "";
  launcher.stderr.on("data", (/** @type {Buffer} */ part) => (printed += String(part)));
  launcher.stdout.on("data", (/** @type {Buffer} */ part) => (file += String(part)));
  const [status] = await once(launcher, "close");
  assert.deepEqual(
    { status, printed },
    { status: 3, printed: "summary\nown could not be asked\n" },
  );
  assert.equal(existsSync(dirname(file.trim())), false);
});
