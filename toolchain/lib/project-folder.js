// @ts-check
"use strict";
// The folder that the engine starts plugins in, from the CLI's arguments and the project's file.

const fs = require("node:fs");
const path = require("node:path");

/**
 * @param {string[]} args the CLI's
 * @returns {string} the folder of the program: the project's, or where its `main` points to
 */
function projectFolder(args) {
  const start = path.resolve(cwdOption(args) ?? ".");
  for (let folder = start; ; folder = path.dirname(folder)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
      const file = path.join(folder, name);
      if (fs.existsSync(file)) return mainFolder(folder, fs.readFileSync(file, "utf8"));
    }
    if (folder === path.dirname(folder)) return start;
  }
}

/**
 * @param {string[]} args
 * @returns {string | undefined} the value of -C or --cwd
 */
function cwdOption(args) {
  for (const [i, arg] of args.entries()) {
    if (arg === "-C" || arg === "--cwd") return args[i + 1];
    const match = /^(?:-C=?|--cwd=)(.+)$/.exec(arg);
    if (match) return match[1];
  }
  return undefined;
}

/**
 * @param {string} folder
 * @param {string} project the text of its Pulumi.yaml
 */
function mainFolder(folder, project) {
  const [, main = ""] = /^main:\s*["']?([^"'#\n]*?)["']?\s*(?:#.*)?$/m.exec(project) ?? [];
  const at = path.resolve(folder, main);
  const isFolder = fs.existsSync(at) && fs.statSync(at).isDirectory();
  return isFolder ? at : path.dirname(at);
}

module.exports = { projectFolder };
