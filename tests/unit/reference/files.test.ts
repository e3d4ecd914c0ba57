import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { referenceFiles } from "../../../reference/files";

it("docs/reference/configuration.md and stacks/stack.schema.json are what `npm run reference` makes", async () => {
  for (const [name, text] of Object.entries(await referenceFiles()))
    assert.equal(readFileSync(join(__dirname, "..", "..", "..", name), "utf8"), text, name);
});
