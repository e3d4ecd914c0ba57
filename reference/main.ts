// `npm run reference`: write docs/reference/configuration.md and stacks/stack.schema.json.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceFiles } from "./files";

async function main(): Promise<void> {
  for (const [name, text] of Object.entries(await referenceFiles()))
    writeFileSync(join(__dirname, "..", name), text);
}

void main();
