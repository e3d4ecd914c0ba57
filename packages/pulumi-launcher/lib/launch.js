// @ts-check
"use strict";
// Becomes Pulumi's CLI: finds or fetches it and its plugins, and starts it.

const path = require("node:path");
const { ensureCli } = require("./cli.js");
const { projectFolder } = require("./command-line.js");
const { choosePlugins } = require("./plugins.js");
const { runCli } = require("./run-cli.js");

/** The commands for which the engine loads resource plugins. */
const engineCommands = new Set([
  ...["up", "update", "preview", "pre", "destroy", "down", "dn"],
  ...["refresh", "import", "watch"],
]);

/**
 * @param {string[]} args the CLI's
 * @returns {boolean} whether the command is one that runs the engine
 */
function usesEngine(args) {
  return args.some((arg) => engineCommands.has(arg));
}

/**
 * Run Pulumi's CLI in place of this process.
 * @param {string[]} args
 * @param {(cli: string) => (() => void) | void} [beforeStart] called with the CLI's path just before it starts; what it
 *   returns is called when the CLI has ended
 * @returns {Promise<void>}
 */
async function launch(args, beforeStart) {
  const cli = await ensureCli();
  const runsEngine = usesEngine(args);
  const { pathFolders, attach } = await choosePlugins(cli, runsEngine);
  const onEnded = beforeStart?.(cli) ?? undefined;
  const attached = await attach?.();
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env,
    PATH: [process.env["PATH"], ...pathFolders].filter(Boolean).join(path.delimiter),
    ...attached?.variables,
  };
  if (!attached || !runsEngine) return runCli(cli, args, env, { onEnded });

  // Where offline plugins are needed, Pulumi's can't be downloaded, and the engine would try five times.
  env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] ??= "true";
  const onStarted = () => {
    // The folder that the engine starts plugins in: local commands run there.
    process.chdir(projectFolder(args));
    attached.load();
  };
  runCli(cli, args, env, { onStarted, onEnded });
}

module.exports = { launch, usesEngine };
