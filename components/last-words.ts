import { appendFileSync } from "node:fs";

/** Have `npx pulumi` say a line after all that Pulumi says; without it nobody does (cli/last-words.js). */
export function sayLast(line: string): void {
  const file = process.env["GREENPUSH_LAST_WORDS"];
  if (file) appendFileSync(file, `${line}\n`);
}
