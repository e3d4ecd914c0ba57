// @ts-check
"use strict";
// People read the end of a preview, and Pulumi prints its summary there. So the program writes its last words into a file,
// and they are printed when the CLI has ended.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/**
 * Set the environment variable that names the file to the program.
 * @returns {() => void} prints each line of the file once, on stderr, and removes the file
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
