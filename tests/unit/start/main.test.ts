// How the program is loaded: an edit counts at once, an error names its place, and unused packages cost nothing.

import assert from "node:assert/strict";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { scratchFolder } from "../../../testing/checkout";
import { run } from "../../../testing/run";

describe("the start of the program", () => {
  const root = join(__dirname, "..", "..", "..");
  const checkout = scratchFolder();
  before(() => {
    for (const name of ["start", "tsconfig.json"])
      cpSync(join(root, name), join(checkout, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  });

  /** Run a script in a Node.js that can't load TypeScript by itself. */
  const script = (text: string) =>
    run(process.execPath, ["-e", text], {
      cwd: checkout,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
  const loadModule = () =>
    script(
      `require("./start/typescript").loadTypeScript();
      require("./start/stack-traces").showOwnFrames();
      console.log(require("./module.ts").word)`,
    );
  const writeModule = (text: string) => writeFileSync(join(checkout, "module.ts"), text);

  it("loads each file as it is now, also one that it has kept", async () => {
    for (const word of ["one", "two", "one"]) {
      writeModule(`export const word: string = "${word}";\n`);
      for (const _ of ["compiled", "kept"]) {
        const { stdout, output } = await loadModule();
        assert.equal(stdout, `${word}\n`, output);
      }
    }
  });

  it("names the place of a mistake, again and again", async () => {
    writeModule('export const word: string = "three";\n\nexport const list = [1, 2;\n');
    for (const _ of ["first", "second"]) {
      const { status, output } = await loadModule();
      assert.notEqual(status, 0);
      assert.match(output, /module\.ts\(3,26\): error TS1005: ',' expected\./);
    }
  });

  it("tells where an error comes from in the line that the file has", async () => {
    writeModule(
      'interface Gone {\n  word: string;\n}\n\nthrow new Error("mine" as Gone["word"]);\n',
    );
    assert.match((await loadModule()).output, /Error: mine\n +at .*module\.ts:5:7/);
  });

  it("leaves packages unloaded until they are used, and they work then", async () => {
    const { stdout, output } = await script(`
      require("./start/lazy-packages").loadLazily(["typescript", "@npmcli/arborist", "no-package"]);
      const pulumi = require("@pulumi/pulumi");
      const loaded = (file) => Object.keys(require.cache).some((name) => name.endsWith(file));
      console.log(loaded("arborist/lib/arborist/index.js"), require("typescript/package.json").version);
      pulumi.runtime
        .serializeFunction(() => "carried")
        .then(({ text }) => console.log(text.includes('"carried"')))
        .then(() => console.log(typeof require("@npmcli/arborist").Arborist));
    `);
    assert.match(stdout, /^false \d+\.\d+\.\d+\ntrue\nfunction\n$/, output);
  });
});
