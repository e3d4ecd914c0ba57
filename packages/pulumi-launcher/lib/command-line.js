// @ts-check
"use strict";
// What the CLI's arguments say of the project and the stack.

const fs = require("node:fs");
const path = require("node:path");

/**
 * @param {string[]} args the CLI's
 * @param {string} letter of the option's short name
 * @param {string} name its long one
 * @returns {string | undefined} the value of an option that has one
 */
function optionValue(args, letter, name) {
  const joined = new RegExp(`^(?:-${letter}=?|--${name}=)(.+)$`);
  for (const [i, arg] of args.entries()) {
    if (arg === "--") return undefined;
    if (arg === `-${letter}` || arg === `--${name}`) return args[i + 1];
    const match = joined.exec(arg);
    if (match) return match[1];
  }
  return undefined;
}

/**
 * The folder that the engine starts plugins in.
 * @param {string[]} args the CLI's
 * @returns {string} the folder of the program: the project's, or where its `main` points to
 */
function projectFolder(args) {
  const start = path.resolve(optionValue(args, "C", "cwd") ?? ".");
  for (let folder = start; ; folder = path.dirname(folder)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
      const file = path.join(folder, name);
      if (fs.existsSync(file)) return mainFolder(folder, fs.readFileSync(file, "utf8"));
    }
    if (folder === path.dirname(folder)) return start;
  }
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

module.exports = { optionValue, projectFolder };
