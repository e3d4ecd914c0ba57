// @ts-check
"use strict";
// How a command that launches Pulumi begins and how it fails.

const nodeModule = require("node:module");
const os = require("node:os");
const path = require("node:path");

/**
 * The install scripts of Pulumi's npm packages run `pulumi plugin install` where there is a `pulumi`, and within
 * `npm install` that is this one. It must not start a download there.
 */
const installScripts = new Set(["preinstall", "install", "postinstall", "prepare"]);

/**
 * Run `main` with this process's arguments; an error that it throws is one line on stderr.
 * @param {(args: string[]) => void | Promise<void>} main loads what it needs by itself, so that Node keeps that compiled
 */
function start(main) {
  if (installScripts.has(process.env["npm_lifecycle_event"] ?? "")) return;
  // Node keeps compiled code from 22.8 on, by default in this folder. The program is to have that too.
  process.env["NODE_COMPILE_CACHE"] ??= path.join(os.tmpdir(), "node-compile-cache");
  const { enableCompileCache } =
    /** @type {typeof nodeModule & {enableCompileCache?: () => void}} */ (nodeModule);
  enableCompileCache?.();
  Promise.resolve(process.argv.slice(2))
    .then(main)
    .catch((/** @type {unknown} */ error) => {
      process.stderr.write(
        `greenpush: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      process.exit(1);
    });
}

module.exports = { start };
