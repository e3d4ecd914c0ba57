// The program that a server gets, and its content.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { composeProgram } from "../../../../components/remote/program";

describe("a remote program", () => {
  const parts = {
    component: "nginx-site",
    script: "resources/nginx-site",
    name: "codebase",
    server: "own",
    stack: "test",
    values: {},
  };

  it("begins with its values, one a line", () => {
    const text = composeProgram({ ...parts, generation: "g1", values: { www: "/home/a b" } });
    const lines = text.split("\n");
    const at = lines.indexOf("component=nginx-site");
    assert.deepEqual(lines.slice(at, at + 6), [
      "component=nginx-site",
      "name=codebase",
      "server=own",
      "stack=test",
      "generation=g1",
      "www='/home/a b'",
    ]);
  });

  it("has values that can only be read", () => {
    const text = composeProgram({ ...parts, values: { www: "/home/a b" } });
    assert.match(text, /^readonly component name server stack generation www$/m);
  });

  it("differs in one line where one value differs", () => {
    const [one = [], other = []] = ["1", "2"].map((value) =>
      composeProgram({ ...parts, values: { value } }).split("\n"),
    );
    assert.equal(one.filter((line, index) => line !== other[index]).length, 1);
  });

  it("is a program that dash can read", () => {
    const text = composeProgram({ ...parts, files: { site: "text\n" } });
    const { status, stderr } = spawnSync("dash", ["-n"], { input: text, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });

  it("refuses texts that would end it early", () => {
    for (const line of ["GREENPUSH_FILE", "GREENPUSH_PROGRAM"])
      assert.throws(() => composeProgram({ ...parts, files: { site: `a\n${line}\nb` } }));
  });
});
