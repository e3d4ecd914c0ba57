#!/usr/bin/env node
// @ts-check
"use strict";
// `pulumi` on any network: finds or makes the CLI and its plugins, and becomes it.

const nodeModule = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { isInInstallScript } = require("../lib/npm-install-script.js");

// Node keeps compiled code from 22.8 on, by default in this folder. The program is to have that too.
process.env["NODE_COMPILE_CACHE"] ??= path.join(os.tmpdir(), "node-compile-cache");
const { enableCompileCache } =
  /** @type {typeof nodeModule & {enableCompileCache?: () => void}} */ (nodeModule);
enableCompileCache?.();

/** The commands for which the engine loads resource plugins. */
const engineCommands = new Set([
  ...["up", "update", "preview", "pre", "destroy", "down", "dn"],
  ...["refresh", "import", "watch"],
]);

/** @param {string[]} args */
async function main(args) {
  const { findCli, ensureCli } = require("../lib/cli.js");
  const { choosePlugins, standInsFolder } = require("../lib/plugins.js");
  const { useDemoStack } = require("../lib/demo-stack.js");
  const { removeDeadLocks } = require("../lib/dead-lock.js");
  const { awaitLastWords } = require("../lib/last-words.js");
  const { sayBeforeDestroy } = require("../lib/before-destroy.js");
  const { runCli } = require("../lib/run-cli.js");

  useDemoStack(args);
  const cli = findCli() ?? (await ensureCli());
  const usesEngine = args.some((arg) => engineCommands.has(arg));
  if (usesEngine) removeDeadLocks();
  sayBeforeDestroy(cli, args);
  const { pathFolders, standIns } = await choosePlugins(cli, usesEngine);
  const onEnded = usesEngine ? awaitLastWords() : undefined;
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env,
    PATH: [process.env["PATH"], ...pathFolders].filter(Boolean).join(path.delimiter),
    GREENPUSH_LANGUAGE_HOST: path.join(standInsFolder, "language-nodejs", "pulumi-language-nodejs"),
  };
  if (standIns.length === 0) return runCli(cli, args, env, { onEnded });

  const { attachStandIns } = require("../lib/attached-stand-ins.js");
  const { projectFolder } = require("../lib/project-folder.js");
  const { variables, load } = await attachStandIns(standIns);
  Object.assign(env, variables);
  // Whoever needs stand-ins can't download plugins, and the engine would try it five times.
  env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] ??= "true";
  const onStarted = () => {
    // Where the engine would start them: a local command runs in this folder.
    process.chdir(projectFolder(args));
    load();
  };
  runCli(cli, args, env, { onStarted, onEnded });
}

if (!isInInstallScript()) {
  main(process.argv.slice(2)).catch((/** @type {unknown} */ error) => {
    process.stderr.write(`greenpush: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
