// The stack files of public applications are stack files.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseStack } from "../../../stacks/load";

const folder = join(__dirname, "..", "..", "..", "examples", "stacks");

describe("examples/stacks", () => {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".yaml"))) {
    it(name, () => {
      const text = readFileSync(join(folder, name), "utf8").replace(
        "AAAA…",
        `AAAA${"C".repeat(64)}`,
      );
      assert.equal(Object.keys(parseStack(text, join(folder, name)).sites).length, 1);
    });
  }
});
