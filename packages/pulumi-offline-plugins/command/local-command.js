// @ts-check
"use strict";
// command:local:Command: runs commands on the machine that Pulumi runs on.

const { spawn } = require("node:child_process");
const { errorText } = require("../shared/system-errors.js");
const { cancellationError } = require("./cancellation.js");
const { CommandOutput } = require("./command-output.js");
const { previousOutputEnvironment, requestedEnvironment } = require("./command-environment.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("../shared/resource-provider.js").Operation} Operation */
/** @typedef {import("./inferred-resource.js").Output} Output */

/**
 * Runs one command and waits until it and everything that holds its output has ended.
 * @param {Operation} operation
 * @param {string} command
 * @param {PropertyMap} inputs without markers
 * @param {Output} previous
 * @returns {Promise<Output>}
 * @throws {Error} with the command and its output in the text
 */
async function runLocalCommand(operation, command, inputs, previous) {
  const interpreter = inputs["interpreter"];
  const [file = "", ...args] =
    Array.isArray(interpreter) && interpreter.length > 0
      ? [...interpreter.map(String), command]
      : ["/bin/sh", "-c", command];
  const dir = typeof inputs["dir"] === "string" ? inputs["dir"] : process.cwd();
  if (operation.signal.aborted) {
    throw cancellationError(operation.signal, `: running ${JSON.stringify(command)}:\n`);
  }
  const output = new CommandOutput(operation, inputs["logging"]);
  const environment = environmentOf(inputs, previous);
  const failure = await execute(operation, file, args, dir, environment, inputs, output);
  const result = await output.finish();
  if (failure !== undefined) {
    throw new Error(`${failure}: running ${JSON.stringify(command)}:\n${output.text()}`);
  }
  return result;
}

/**
 * @param {PropertyMap} inputs
 * @param {Output} previous
 * @returns {NodeJS.ProcessEnv}
 */
function environmentOf(inputs, previous) {
  const variables = [
    ...requestedEnvironment(inputs),
    ...previousOutputEnvironment(inputs, previous),
  ];
  return { ...process.env, ...Object.fromEntries(variables) };
}

/**
 * @param {Operation} operation
 * @param {string} file
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @param {PropertyMap} inputs
 * @param {CommandOutput} output
 * @returns {Promise<string | undefined>} why it failed, if it did
 */
function execute(operation, file, args, cwd, env, inputs, output) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: "pipe" });
    const kill = () => child.kill("SIGKILL");
    operation.signal.addEventListener("abort", kill, { once: true });
    child.stdout.on("data", (chunk) => output.add("stdout", chunk));
    child.stderr.on("data", (chunk) => output.add("stderr", chunk));
    child.stdin.on("error", () => {
      // A command need not read its standard input.
    });
    child.stdin.end(typeof inputs["stdin"] === "string" ? inputs["stdin"] : "");
    child.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      resolve(`fork/exec ${file}: ${errorText(error)}`);
    });
    child.on("close", (code, signal) => {
      operation.signal.removeEventListener("abort", kill);
      if (signal) resolve(`signal: ${signal}`);
      else resolve(code === 0 ? undefined : `exit status ${code}`);
    });
  });
}

module.exports = { runLocalCommand };
