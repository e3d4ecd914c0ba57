// @ts-check
"use strict";
// The demo's own Pulumi settings, for whoever types `npx pulumi preview --stack test` after `npm run demo`.

const fs = require("node:fs");
const path = require("node:path");
const { optionValue, projectFolder, say } = require("@greenpush/pulumi-launcher");

/** Whoever sets one of these has chosen a login and a state. */
const decided = ["PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"];

/**
 * Let a command that names the demo's stack use the demo's login and state, and say so on stderr.
 * @param {string[]} args the CLI's
 * @returns {void} sets variables of this process's environment
 */
function useDemoStack(args) {
  if (decided.some((name) => process.env[name])) return;
  const demo = readDemo(projectFolder(args));
  if (!demo || optionValue(args, "s", "stack") !== demo.stack) return;
  Object.assign(process.env, demo.variables);
  say(`the stack ${demo.stack} of \`npm run demo\`, with the state that it keeps in .demo`);
}

/**
 * @param {string} folder of the project
 * @returns {{stack: string, variables: {[name: string]: string}} | undefined} what demo/environment.js wrote
 */
function readDemo(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, ".demo", "environment.json"), "utf8"));
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "ENOENT") return undefined;
    throw error;
  }
}

module.exports = { useDemoStack };
