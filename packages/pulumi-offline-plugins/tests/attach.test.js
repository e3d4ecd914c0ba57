// @ts-check
"use strict";
// When the launcher lets the CLI attach to these plugins.

const assert = require("node:assert/strict");
const { afterEach, beforeEach, describe, it } = require("node:test");
const { Machine } = require("../../pulumi-launcher/tests/support/machine.js");

describe("where Pulumi's own plugins can't be had", () => {
  /** @type {Machine} */
  let machine;
  beforeEach(() => {
    machine = new Machine();
    machine.putPulumi(
      "bin/pulumi",
      'if [ "$1" = plugin ]; then exit 1; fi\n' +
        'echo "providers: $PULUMI_DEBUG_PROVIDERS"; echo "languages: $PULUMI_DEBUG_LANGUAGES"',
    );
  });
  afterEach(() => machine.remove());

  it("the CLI attaches to these, which is said once", async () => {
    const first = await machine.run(["up"]);
    assert.match(first.stdout, /^providers: command:\d+,random:\d+\nlanguages: nodejs:\d+\n/);
    assert.match(first.stderr, /Pulumi's own plugins \(command, random\) are out of reach/);
    const second = await machine.run(["up"]);
    assert.match(second.stdout, /^providers: command:\d+,random:\d+\n/);
    assert.equal(second.stderr, "");
  });

  it("a user's own entries come first", async () => {
    const { stdout } = await machine.run(["up"], {
      PULUMI_DEBUG_PROVIDERS: "command:1",
      PULUMI_DEBUG_LANGUAGES: "python:2",
    });
    assert.match(stdout, /^providers: command:1,random:\d+\nlanguages: python:2,nodejs:\d+\n/);
  });

  it("a command that needs no provider has the language host", async () => {
    const { stdout, stderr } = await machine.run(["about"]);
    assert.match(stdout, /^providers: \nlanguages: nodejs:\d+\n/);
    assert.equal(stderr, "");
  });

  it("what earlier versions put beside a CLI is no language host", async () => {
    machine.write(
      "bin/pulumi-language-nodejs",
      '#!/bin/sh\nexec "$GREENPUSH_LANGUAGE_HOST" "$@"\n',
    );
    assert.match((await machine.run(["about"])).stdout, /^languages: nodejs:\d+\n/m);
    machine.write("bin/pulumi-language-nodejs", "#!/bin/sh\n");
    assert.match((await machine.run(["about"])).stdout, /^languages: \n/m);
  });
});
