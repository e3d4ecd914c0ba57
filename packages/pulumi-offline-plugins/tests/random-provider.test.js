// @ts-check
"use strict";
// Random values, as Pulumi's random provider makes and keeps them.

const assert = require("node:assert/strict");
const { after, before, describe, it } = require("node:test");
const { Secret, withoutSecrets } = require("../shared/property-values.js");
const { Plugin } = require("./support/plugin.js");

const password = "random:index/randomPassword:RandomPassword";
const id = "random:index/randomId:RandomId";

describe("the random provider", () => {
  /** @type {Plugin} */
  let plugin;
  before(async () => {
    plugin = await Plugin.start("random");
    await plugin.configure();
  });
  after(() => plugin.stop());

  it("a password is as long as asked, another one each time, and secret with its hash", async () => {
    const results = new Set();
    for (const _ of Array(20)) {
      const { id: name, state } = await plugin.create(password, { length: 24 });
      assert.equal(name, "none");
      assert.ok(state["result"] instanceof Secret);
      assert.ok(state["bcryptHash"] instanceof Secret);
      const result = String(withoutSecrets(state["result"]));
      assert.equal(result.length, 24);
      results.add(result);
    }
    assert.equal(results.size, 20);
  });

  it("keeps to the characters that are asked for", async () => {
    const rules = { length: 200, special: false, upper: false, minNumeric: 150 };
    const { state } = await plugin.create(password, rules);
    const result = String(withoutSecrets(state["result"] ?? null));
    assert.match(result, /^[a-z0-9]{200}$/);
    assert.ok(result.replace(/\D/g, "").length >= 150);
  });

  it("takes special characters from the person's own set", async () => {
    const rules = { length: 60, minSpecial: 60, overrideSpecial: "-_" };
    const { state } = await plugin.create(password, rules);
    assert.match(String(withoutSecrets(state["result"] ?? null)), /^[-_]{60}$/);
  });

  it("lengths that can't be are refused", async () => {
    for (const [inputs, reason] of /** @type {const} */ ([
      [{}, "Missing a required property"],
      [{ length: 0 }, "expected length to be at least 1, got 0"],
      [
        { length: 3, minLower: 2, minUpper: 2 },
        "expected length to be at least the sum of the min counts (4), got 3",
      ],
    ])) {
      const { failures } = await plugin.check(password, inputs);
      assert.deepEqual(failures, [{ property: "length", reason }]);
    }
  });

  it("no change is no change, each change replaces", async () => {
    const inputs = { length: 24, keepers: { a: "1" } };
    const { state } = await plugin.create(password, inputs);
    assert.equal((await plugin.diff(password, inputs, inputs, state)).changed, false);
    /** @type {{[name: string]: import("../shared/property-values.js").PropertyValue}[]} */
    const changes = [{ length: 25 }, { keepers: { a: "2" } }, { special: false }];
    for (const change of changes) {
      const { replaces } = await plugin.diff(password, inputs, { ...inputs, ...change }, state);
      assert.deepEqual(replaces.slice(0, 1), Object.keys(change));
    }
  });

  it("an id is shown in every notation", async () => {
    const { id: name, state } = await plugin.create(id, { byteLength: 4 });
    const { hex, dec, b64Url } = state;
    assert.match(String(hex), /^[0-9a-f]{8}$/);
    assert.equal(String(dec), String(parseInt(String(hex), 16)));
    assert.equal(b64Url, name);
  });
});
