import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { configurationPage, jsonSchema } from "./configuration";

/** The files that are made of the schema, by path from the checkout's root. */
export async function referenceFiles(): Promise<Record<string, string>> {
  const texts = {
    "docs/reference/configuration.md": configurationPage(),
    // Not schema.json: `./schema` would find it before schema.ts.
    "stacks/stack.schema.json": JSON.stringify(jsonSchema()),
  };
  const formatted = Object.entries(texts).map(async ([name, text]) => {
    const file = join(__dirname, "..", name);
    return [name, await format(text, { ...(await resolveConfig(file)), filepath: file })];
  });
  return Object.fromEntries(await Promise.all(formatted)) as Record<string, string>;
}
