// The npm packages of a checkout, where another one's are linked in.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";

const setup = join(__dirname, "..", "..", "..", "setup", "checkout.js");

describe("npm packages that are a link", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const others = join(folder, "others");
  mkdirSync(join(others, "left-pad"), { recursive: true });
  const checkout = join(folder, "checkout");
  mkdirSync(checkout);
  writeFileSync(join(checkout, "package-lock.json"), "{}");
  symlinkSync(others, join(checkout, "node_modules"));

  const install = () => {
    const words = [setup, checkout].map((word) => JSON.stringify(word));
    const program = `require(${words[0]}).installNpmPackages(${words[1]}).catch((e) => console.log(e.message))`;
    return spawnSync(process.execPath, ["-e", program], { encoding: "utf8" }).stdout;
  };

  it("are not emptied", () => {
    assert.match(install(), /^node_modules is a link, and what it leads to/);
    assert.deepEqual(readdirSync(others), ["left-pad"]);
  });

  it("are taken where they are of the same lock file", () => {
    const lock = createHash("sha256").update("{}").digest("hex");
    writeFileSync(join(others, ".greenpush-lock"), lock);
    assert.equal(install(), "");
    assert.deepEqual(readdirSync(others).sort(), [".greenpush-lock", "left-pad"]);
  });
});
