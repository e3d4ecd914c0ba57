import assert from "node:assert/strict";
import { it } from "node:test";
import { nearest } from "../../../stacks/nearest";

const known = ["server", "serverNames", "settings", "secrets", "health"];

for (const [typed, meant] of Object.entries({
  servr: "server",
  servernames: "serverNames",
  setings: "settings",
  sercets: "secrets",
  helth: "health",
  xyz: undefined,
}))
  it(`${typed} is meant to be ${meant ?? "nothing"}`, () =>
    assert.equal(nearest(typed, known), meant));
