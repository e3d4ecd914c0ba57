// @ts-check
"use strict";

const { spawn } = require("node:child_process");
const { SetupError } = require("./console");

/**
 * Run a program to its end.
 *
 * @param {string} command
 * @param {string[]} words
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, shown?: boolean}} [options] shown: print its output as
 *   it comes; otherwise print only its end, and only if it fails
 * @returns {Promise<string>} what it printed on stdout, empty where shown
 * @throws {SetupError} if it can't be started or fails
 */
function run(command, words, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: options.shown ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    let all = "";
    child.stdout?.on("data", (data) => {
      printed += data;
      all += data;
    });
    child.stderr?.on("data", (data) => (all += data));
    child.on("error", (error) => reject(new SetupError(`${command}: ${error.message}`)));
    child.on("close", (status) => {
      if (status === 0) resolve(printed);
      else {
        const end = all.trim().split("\n").slice(-25).join("\n");
        reject(new SetupError(`${[command, ...words].join(" ")} failed (${status}).\n${end}`));
      }
    });
  });
}

module.exports = { run };
