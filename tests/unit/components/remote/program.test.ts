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

  it("carries texts with lines that end its own here-documents", () => {
    const site =
      "a\nGREENPUSH_FILE\nGREENPUSH_PROGRAM\nGREENPUSH_FILE_\n$& `$(b)` \\\\ 'c' \"d\"\n";
    const text = composeProgram({ ...parts, files: { site } });
    // What it would run is what `sh` finds in $program: here it is printed.
    const printing = text.replace(/^sh "\$program".*$/m, 'cat "$program"; status=0');
    const program = spawnSync("sh", { input: printing, encoding: "utf8" }).stdout;
    assert.match(program, /\ngreenpush "\$@"\n$/);
    const input = program.replace(/^greenpush "\$@"$/m, "file_site");
    assert.equal(spawnSync("sh", { input: functionOf(input), encoding: "utf8" }).stdout, site);
  });
});

/** The lines of a program from its file on, without the library. */
function functionOf(program: string): string {
  const found = /^file_site\(\) \{\n {2}cat <<'(\w+)'\n[^]*?\n\1\n\}\n/m.exec(program);
  return `${found?.[0] ?? ""}file_site\n`;
}
