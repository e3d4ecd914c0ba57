// @ts-check
"use strict";
// What has to be read of a preview stands at its end, and there Pulumi says its own. What the program has to say last
// it writes into a file, and it is said when the CLI has ended.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/**
 * Names the file to the program by a variable of this process's environment.
 * @returns {() => void} says what it holds on stderr, each line once, and removes it
 */
function awaitLastWords() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "greenpush-"));
  const file = path.join(folder, "last-words");
  process.env["GREENPUSH_LAST_WORDS"] = file;
  return () => {
    const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : [];
    fs.rmSync(folder, { recursive: true, force: true });
    for (const line of new Set(lines.filter(Boolean))) process.stderr.write(`${line}\n`);
  };
}

module.exports = { awaitLastWords };
