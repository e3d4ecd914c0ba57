// @ts-check
"use strict";
// How a command that launches Pulumi begins and how it fails.

const nodeModule = require("node:module");
const os = require("node:os");
const path = require("node:path");

/**
 * The install scripts of Pulumi's npm packages run `pulumi plugin install` if there is a `pulumi`. During `npm install` that
 * is this one, and it must not start a download then.
 */
const installScripts = new Set(["preinstall", "install", "postinstall", "prepare"]);

/**
 * Run `main` with this process's arguments; an error that it throws is one line on stderr.
 * @param {(args: string[]) => void | Promise<void>} main loads what it needs itself, so that
 *   Node caches the compiled code of that too
 */
function start(main) {
  if (installScripts.has(process.env["npm_lifecycle_event"] ?? "")) return;
  // Node caches compiled code from 22.8 on, by default in this folder. The variable lets the program do so too.
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
