// @ts-check
"use strict";
// For the preview of a destroy Pulumi runs no program and shows no outputs. So this prints the stack's output `onDestroy`
// before it.

const { spawnSync } = require("node:child_process");
const { optionValue } = require("@greenpush/pulumi-launcher");

const verbs = new Set(["destroy", "down", "dn"]);

/**
 * Print the stack's output `onDestroy` on stderr, one line for each entry; nothing if there is none.
 * @param {string} cli
 * @param {string[]} args the CLI's
 */
function sayBeforeDestroy(cli, args) {
  if (!args.some((arg) => verbs.has(arg)) || args.some((arg) => /^(-h|--help)$/.test(arg))) return;
  const words = ["stack", "output", "onDestroy", "--json", "--non-interactive", ...chosen(args)];
  const { status, stdout } = spawnSync(cli, words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 30_000,
  });
  const said = status === 0 ? entriesOf(stdout) : [];
  for (const [name, text] of said) process.stderr.write(`on destroy: ${name}: ${text}\n`);
}

/**
 * @param {string[]} args
 * @returns {string[]} the options that choose the stack and the project's folder
 */
function chosen(args) {
  const stack = optionValue(args, "s", "stack");
  const folder = optionValue(args, "C", "cwd");
  return [...(stack ? ["--stack", stack] : []), ...(folder ? ["--cwd", folder] : [])];
}

/**
 * @param {string} json
 * @returns {[string, unknown][]}
 */
function entriesOf(json) {
  try {
    return Object.entries(JSON.parse(json) ?? {});
  } catch {
    return [];
  }
}

module.exports = { sayBeforeDestroy };
