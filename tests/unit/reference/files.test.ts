import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { referenceFiles } from "../../../reference/files";

it("docs/reference/configuration.md and stacks/stack.schema.json are what `npm run reference` makes", async () => {
  for (const [name, text] of Object.entries(await referenceFiles()))
    assert.equal(readFileSync(join(__dirname, "..", "..", "..", name), "utf8"), text, name);
});

it("docs/reference/configuration.md says of each setting what it means, and has a table for each that has some below it", async () => {
  const page = (await referenceFiles())["docs/reference/configuration.md"] ?? "";
  const tables = [...page.matchAll(/^##+ `(.*)`.*\n([^#]*)/gm)];
  const names = tables.map(([, name]) => name);
  for (const [, name, text = ""] of tables)
    for (const [row, setting, is = ""] of text.matchAll(/^\| `([^`]+)` +\| (.*)$/gm)) {
      assert.doesNotMatch(row, /\| +\|$/, `${name}.${setting}`);
      if (is.includes("see below")) assert.ok(names.includes(`${name}.${setting}`), row);
    }
  assert.ok(names.includes("sites.NAME.tls.acme.dns"));
});
