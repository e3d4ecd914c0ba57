// @ts-check
"use strict";
// command:remote:Command: runs commands on another machine, each over a connection of its own.

const { isObject } = require("../shared/property-values.js");
const { CommandOutput } = require("./command-output.js");
const { previousOutputEnvironment, requestedEnvironment } = require("./command-environment.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("../shared/resource-provider.js").Operation} Operation */
/** @typedef {import("./inferred-resource.js").Output} Output */
/** @typedef {import("./ssh-session.js").SshSession} SshSession */

/**
 * Runs one command over a new SSH connection.
 * @param {Operation} operation
 * @param {string} command
 * @param {PropertyMap} inputs without markers
 * @param {Output} previous
 * @returns {Promise<Output>}
 * @throws {Error} with the command and its output in the text, if it ran
 */
async function runRemoteCommand(operation, command, inputs, previous) {
  // A preview never gets here, and ssh2 is the slowest part to load.
  const { dial } = require("./ssh-dial.js");
  const { SshSession } = require("./ssh-session.js");
  const connection = inputs["connection"];
  const client = await dial(operation, isObject(connection) ? connection : {});
  try {
    const session = await SshSession.open(client);
    await setEnvironment(operation, session, inputs, previous);
    const output = new CommandOutput(operation, inputs["logging"]);
    const stdin = inputs["stdin"];
    const failure = await session.run(
      command,
      typeof stdin === "string" ? stdin : "",
      (stream, chunk) => output.add(stream, chunk),
    );
    const result = await output.finish();
    if (failure !== undefined) {
      throw new Error(`${failure}: running ${JSON.stringify(command)}:\n${output.text()}`);
    }
    return result;
  } finally {
    client.end();
  }
}

/**
 * The server has to accept variables that the program sets. Those with the previous output are sent
 * too, but the server may refuse them.
 * @param {Operation} operation
 * @param {SshSession} session
 * @param {PropertyMap} inputs
 * @param {Output} previous
 */
async function setEnvironment(operation, session, inputs, previous) {
  for (const [name, value] of requestedEnvironment(inputs)) {
    try {
      await session.setEnvironment(name, value);
    } catch (error) {
      await operation.log("error", refusedText(name));
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`could not set environment variable ${JSON.stringify(name)}: ${why}`);
    }
  }
  for (const [name, value] of previousOutputEnvironment(inputs, previous)) {
    try {
      await session.setEnvironment(name, value);
    } catch {
      await operation.log("warning", refusedText(name));
    }
  }
}

/**
 * @param {string} name
 * @returns {string} the real provider's message, with its line breaks and tabs
 */
function refusedText(name) {
  return [
    `Unable to set '${name}'. This only works if your SSH server is configured to accept`,
    "\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could",
    "\tprefix the command itself with the variables in the form 'VAR=value command'",
  ].join("\n");
}

module.exports = { runRemoteCommand };
