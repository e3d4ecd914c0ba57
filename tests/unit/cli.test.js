// @ts-check
"use strict";
// What `npx pulumi` prints and does in addition to Pulumi.

const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const { existsSync, readdirSync } = require("node:fs");
const { hostname, userInfo } = require("node:os");
const path = require("node:path");
const { afterEach, beforeEach, describe, it } = require("node:test");
const { Machine } = require("../../packages/pulumi-launcher/tests/support/machine.js");

describe("npx pulumi", () => {
  /** @type {Machine} */
  let machine;
  beforeEach(() => {
    machine = new Machine(path.join(__dirname, "..", "..", "cli", "pulumi.js"));
  });
  afterEach(() => machine.remove());

  it("says before a destroy what the program has said of it, of the stack that is meant", async () => {
    const output = `case "$*" in
      "stack output onDestroy --json --non-interactive "*) shift 5; echo "{\\"asked\\": \\"$*\\", \\"b\\": \\"c\\"}" ;;
      "stack "*) exit 255 ;;
      *) echo "run: $*" ;;
    esac`;
    machine.putPulumi("bin/pulumi", output);
    for (const [args, asked] of [
      [["destroy", "--stack", "one", "--yes"], "--stack one"],
      [["-C", ".", "down", "-sone"], "--stack one --cwd ."],
    ]) {
      const { stdout, stderr } = await machine.run(/** @type {string[]} */ (args));
      assert.match(stderr, new RegExp(`^on destroy: asked: ${asked}\non destroy: b: c\n`, "m"));
      assert.match(stdout, /^run: /);
    }
    for (const args of [["up", "-s", "one"], ["destroy", "--help"], ["destroy"]]) {
      const { stderr } = await machine.run(args);
      assert.doesNotMatch(stderr, /on destroy/);
    }
  });

  it("unlocks a state in files whose holder was killed, and no other", async () => {
    machine.putPulumi("bin/pulumi", "exit 0");
    const lock = (/** @type {string} */ name, /** @type {object} */ changes) =>
      machine.write(
        `state/.pulumi/locks/organization/greenpush/test/${name}.json`,
        JSON.stringify({
          pid: dead,
          username: userInfo().username,
          hostname: hostname(),
          timestamp: "2026-01-01T00:00:00Z",
          ...changes,
        }),
      );
    const dead = spawnSync("true").pid;
    lock("killed", {});
    machine.putPulumi("other/pulumi", "while :; do sleep 1; done");
    const alive = spawn(path.join(machine.folder, "other/pulumi"), ["up"], { stdio: "ignore" });
    lock("alive", { pid: alive.pid });
    lock("number-of-another", { pid: process.pid });
    lock("elsewhere", { hostname: "another" });
    lock("somebody", { username: "another" });
    const { stderr } = await machine.run(["up"], {
      GREENPUSH_OFFLINE_PLUGINS: "never",
      PULUMI_BACKEND_URL: `file://${machine.folder}/state`,
    });
    alive.kill();
    assert.match(stderr, new RegExp(`locked by process ${dead}, which has ended: unlocked`));
    const left = readdirSync(
      path.join(machine.folder, "state/.pulumi/locks/organization/greenpush/test"),
    );
    assert.deepEqual(left.sort(), ["alive.json", "elsewhere.json", "somebody.json"]);
  });

  it("says what the program has to say last when the CLI has ended, once, and leaves nothing of it", async () => {
    machine.putPulumi(
      "bin/pulumi",
      `for i in 1 2; do echo "own could not be asked" >>"$GREENPUSH_LAST_WORDS"; done
      echo "$GREENPUSH_LAST_WORDS"; echo summary >&2; exit 3`,
    );
    const ended = await machine.run(["preview"], { GREENPUSH_OFFLINE_PLUGINS: "never" });
    const { status, stdout, stderr } = ended;
    assert.deepEqual(
      { status, stderr },
      { status: 3, stderr: "summary\nown could not be asked\n" },
    );
    assert.equal(existsSync(path.dirname(stdout.trim())), false);
  });

  describe("after `npm run demo`", () => {
    beforeEach(() => {
      machine.putPulumi("bin/pulumi", 'echo "state: $PULUMI_BACKEND_URL"');
      machine.write(
        "project/.demo/environment.json",
        JSON.stringify({ stack: "test", variables: { PULUMI_BACKEND_URL: "file://demo" } }),
      );
    });

    for (const words of [
      ["stack", "--stack", "test"],
      ["stack", "--stack=test"],
      ["stack", "-s", "test"],
    ])
      it(`${words.join(" ")} finds its state, and says so`, async () => {
        const { stdout, stderr } = await machine.run(words);
        assert.equal(stdout, "state: file://demo\n");
        assert.match(stderr, /the stack test of `npm run demo`/);
      });

    for (const words of [["stack", "--stack", "production"], ["stack", "ls"], ["login"]])
      it(`${words.join(" ")} is the person's own`, async () => {
        const { stdout, stderr } = await machine.run(words);
        assert.deepEqual({ stdout, stderr }, { stdout: "state: \n", stderr: "" });
      });

    it("whoever chose a state has it", async () => {
      const own = { PULUMI_BACKEND_URL: "file://own" };
      assert.equal((await machine.run(["stack", "-s", "test"], own)).stdout, "state: file://own\n");
    });
  });
});
