// The files that go to a server past Pulumi's state, and what the state has of them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  asTail,
  engineContents,
  engineFiles,
  listOf,
  type NamedFile,
  readEarly,
  sumOf,
} from "../../../../components/remote/engine-files";

const checkout = join(__dirname, "..", "..", "..", "..");

describe("the files of the engine", () => {
  const files: NamedFile[] = [
    ["cli.py", "one\n"],
    ["health.py", 'two "$(x)"\n\n==> no.py <==\n'],
    ["empty.py", ""],
    ["long.py", "äöü\n".repeat(10_000)],
  ];

  it("are one text, as tail prints several", () => {
    const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    const names = files.map(([name]) => name);
    const { stdout } = spawnSync("tail", ["-n", "+1", ...names], { cwd: folder, encoding: "utf8" });
    rmSync(folder, { recursive: true });
    assert.equal(asTail(files), stdout);
  });

  it("are a line each in the state, which begins with the name and changes with the file", () => {
    const before = listOf(files).split("\n");
    const after = listOf([...files.slice(0, 3), ["long.py", "new\n"]]).split("\n");
    const names = before.map((line) => line.split(" ")[0]);
    assert.deepEqual(names, [...files.map(([name]) => name), ""]);
    const changed = before.flatMap((line, index) => (line === after[index] ? [] : [line]));
    assert.deepEqual(
      changed.map((line) => line.split(" ")[0]),
      ["long.py"],
    );
    const { sum, list } = engineContents();
    assert.equal(sum, sumOf(asTail(engineFiles())));
    assert.equal(list, listOf(engineFiles()));
  });

  it("are the engine with the library, and each script that a program reads there", () => {
    const names = engineFiles().map(([name]) => name);
    for (const name of [
      "engine/cli.py",
      "edge/certbot.py",
      "in_home/main.py",
      "library.sh",
      // Not read there: a change of it has to be a change of the step that runs it.
      "resources/engine-files.sh",
      "resources/nginx-site.sh",
      "resources/server-tools.sh",
    ])
      assert.ok(names.includes(name), name);
    const early = ["library.sh", "resources/server-packages.sh", "resources/server-engine.sh"];
    assert.deepEqual(readEarly, early);
    assert.deepEqual(names.slice(0, 3), [...early].sort());
  });

  it("are not sent where they have changed since the stack declared them", () => {
    const script = join(checkout, "components", "remote", "send-engine.ts");
    const { list } = engineContents();
    const words = ["own", "", sumOf("other"), "web", "127.0.0.1", "1", "root", "", ""];
    const send = (declared: string) =>
      spawnSync("node", ["--require", "./start/register.js", script, ...words], {
        cwd: checkout,
        input: declared,
        encoding: "utf8",
      });
    const { status, stderr } = send(list.replace(/^engine\/cli\.py .*$/m, "engine/cli.py 1"));
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "servers.web: files of Greenpush have changed since this began: engine/cli.py\n  Run it again.\n",
    );
  });
});
