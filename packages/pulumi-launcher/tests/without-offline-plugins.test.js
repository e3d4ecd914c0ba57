// @ts-check
"use strict";
// The launcher where the folder of the offline plugins was deleted.

const assert = require("node:assert/strict");
const { cpSync, symlinkSync } = require("node:fs");
const path = require("node:path");
const { afterEach, beforeEach, describe, it } = require("node:test");
const { Machine } = require("./support/machine.js");

const packages = path.join(__dirname, "..", "..");

describe("without the offline plugins", () => {
  /** @type {Machine} */
  let machine;
  beforeEach(() => {
    machine = new Machine();
    const copy = path.join(machine.folder, "checkout");
    const launcher = path.join(copy, "packages", "pulumi-launcher");
    cpSync(path.join(packages, "pulumi-launcher"), launcher, { recursive: true });
    machine.write("checkout/node_modules/.keep", "");
    const pulumi = path.dirname(path.dirname(require.resolve("@pulumi/pulumi/package.json")));
    symlinkSync(pulumi, path.join(copy, "node_modules", "@pulumi"));
    machine.launcher = path.join(launcher, "bin", "pulumi-launcher.js");
    machine.putPulumi(
      "bin/pulumi",
      'if [ "$1" = plugin ]; then exit 1; fi\n' +
        'echo "$*"; echo "providers: $PULUMI_DEBUG_PROVIDERS"; echo "languages: $PULUMI_DEBUG_LANGUAGES"',
    );
  });
  afterEach(() => machine.remove());

  const nothingAttached = (/** @type {string} */ words) => `${words}\nproviders: \nlanguages: \n`;

  it("a command that needs no plugin works and does not mention them", async () => {
    const { status, stdout, stderr } = await machine.run(["stack", "ls"]);
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 0, stdout: nothingAttached("stack ls"), stderr: "" },
    );
  });

  it("where Pulumi's own plugins are, `up` works and does not mention them", async () => {
    for (const name of ["language-nodejs", "resource-command", "resource-random"])
      machine.write(`bin/pulumi-${name}`, "#!/bin/sh\n");
    const { status, stdout, stderr } = await machine.run(["up"]);
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 0, stdout: nothingAttached("up"), stderr: "" },
    );
  });

  it("where Pulumi can't install its own either, says once what is missing and leaves the rest to Pulumi", async () => {
    const first = await machine.run(["up"]);
    assert.equal(first.stdout, nothingAttached("up"));
    assert.match(
      first.stderr,
      /\(command, random\) are out of reach: @greenpush\/pulumi-offline-plugins, which takes their place, is not installed/,
    );
    assert.equal((await machine.run(["up"])).stderr, "");
  });

  it("a setting that asks for them is an error", async () => {
    const { status, stderr } = await machine.run(["up"], { GREENPUSH_OFFLINE_PLUGINS: "always" });
    assert.deepEqual(
      { status, stderr },
      {
        status: 1,
        stderr:
          'greenpush: GREENPUSH_OFFLINE_PLUGINS is "always", but @greenpush/pulumi-offline-plugins is not installed\n',
      },
    );
  });
});
