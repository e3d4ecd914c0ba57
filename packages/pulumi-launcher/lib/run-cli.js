// @ts-check
"use strict";
// Starts the CLI in place of this process. For a shell there is no difference: arguments, terminal, exit
// code, the signals that it gets and the one that ends it.

const { spawn } = require("node:child_process");
const os = require("node:os");
const { isatty } = require("node:tty");

/**
 * @param {string} cli
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {object} [also]
 * @param {() => void} [also.onStarted]
 * @param {() => void} [also.onEnded]
 * @returns {void} ends this process when the CLI has ended
 */
function runCli(cli, args, env, { onStarted, onEnded } = {}) {
  const child = spawn(cli, args, { stdio: "inherit", env });
  child.on("error", (error) => {
    process.stderr.write(`greenpush: ${cli} can't be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    onEnded?.();
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Not every signal ends every process.
    setTimeout(() => process.exit(128 + os.constants.signals[signal]), 100);
  });
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP", "SIGQUIT"])) {
    process.on(signal, () => child.kill(signal));
  }
  // On a terminal Ctrl-C reaches the CLI by itself, and a second one would make it stop at once.
  // Not process.stdout: touching it would make the CLI's standard output non-blocking, and a slow reader would lose the
  // rest of a long text.
  const onTerminal = [0, 1, 2].some((stream) => isatty(stream));
  process.on("SIGINT", () => {
    if (!onTerminal) child.kill("SIGINT");
  });
  if (onStarted) child.on("spawn", onStarted);
}

module.exports = { runCli };
