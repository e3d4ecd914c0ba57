// Files that a remote program carries packed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it, mock } from "node:test";
import { packed, unpack, type NamedFile } from "../../../../components/remote/packed-files";

describe("packed files", () => {
  const files: NamedFile[] = [
    ["cli.py", "one\n"],
    ["checks/health.py", 'two "$(x)"\n\n==> no.py <==\n'],
    ["empty.py", ""],
    ["long.py", "äöü\n".repeat(10_000)],
  ];

  it("are unpacked as tail prints several", () => {
    const { stdout, stderr, status } = spawnSync("sh", ["-c", unpack], {
      input: packed(files),
      encoding: "utf8",
    });
    assert.equal(stdout, files.map(([name, text]) => `==> ${name} <==\n${text}`).join("\n"));
    assert.deepEqual([status, stderr], [0, ""]);
  });

  it("are a line each, which begins with the name", () => {
    const lines = packed(files).split("\n");
    assert.deepEqual(
      lines.map((line) => line.split(" ")[0]),
      [...files.map(([name]) => name), ""],
    );
    const others = packed([...files.slice(0, 3), ["long.py", "new\n"]]).split("\n");
    assert.deepEqual(others.slice(0, 3), lines.slice(0, 3));
    assert.notEqual(others[3], lines[3]);
  });

  it("are the same text at each time", () => {
    const before = packed(files);
    mock.timers.enable({ apis: ["Date"], now: 0 });
    try {
      assert.equal(packed(files), before);
    } finally {
      mock.timers.reset();
    }
  });
});
