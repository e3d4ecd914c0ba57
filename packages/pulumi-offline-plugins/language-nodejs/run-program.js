// @ts-check
"use strict";
// Runs a Pulumi program: node with the SDK's own cmd/run, told where engine and monitor are.

const { spawn } = require("node:child_process");
const { createRequire } = require("node:module");
const path = require("node:path");
const { outputToEngine } = require("./engine-output.js");
const { parseRuntimeOptions, splitWords } = require("./runtime-options.js");

/** @typedef {import("@pulumi/pulumi/proto/language_pb.js").RunRequest} RunRequest */
/** @typedef {{error: string, bail: boolean}} RunResult no error and no bail: the program went well */

/** The SDK's exit code for "the user has seen what is wrong already". */
const shownExitCode = 32;
const killAfterMs = 5000;

/**
 * @param {RunRequest} request
 * @param {string} engineAddress host:port; the program's output goes there
 * @param {AbortSignal} signal interrupts the program; one that doesn't end by itself is killed
 * @returns {Promise<RunResult>}
 */
async function runProgram(request, engineAddress, signal) {
  /** @type {string[]} */
  let args;
  /** @type {NodeJS.ProcessEnv} */
  let env;
  try {
    const options = parseRuntimeOptions(request.getInfo());
    args = [...splitWords(options.nodeargs), ...programArguments(request, engineAddress)];
    env = programEnvironment(request, options);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), bail: false };
  }
  const output = outputToEngine(engineAddress);
  const { code, killedBy, startError } = await execute(args, env, output, signal);
  await output.end();
  if (startError) {
    const error = `Problem executing program (could not run language executor): ${startError}`;
    return { error, bail: false };
  }
  if (code === 0) return { error: "", bail: false };
  if (code === shownExitCode) return { error: "", bail: true };
  // A program that a signal ended has the exit code -1 for Go.
  const error = `Program exited with non-zero exit code: ${killedBy ? -1 : code}`;
  return { error, bail: false };
}

/**
 * @param {RunRequest} request
 * @param {string} engineAddress
 * @returns {string[]} cmd/run, its flags, the program and the program's own arguments
 */
function programArguments(request, engineAddress) {
  const info = request.getInfo();
  const programDirectory = info?.getProgramDirectory() ?? request.getPwd();
  /** @type {[string, string][]} */
  const flags = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engineAddress],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["root-directory", info?.getRootDirectory() ?? ""],
    ["stack", request.getStack()],
    ["pwd", programDirectory],
  ];
  return [
    locateModule(
      process.env["PULUMI_LANGUAGE_NODEJS_RUN_PATH"] || "@pulumi/pulumi/cmd/run",
      programDirectory,
    ),
    ...flags.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    "--parallel",
    String(request.getParallel()),
    info?.getEntryPoint() ?? request.getProgram(),
    ...request.getArgsList(),
  ];
}

/**
 * @param {string} name
 * @param {string} programDirectory
 * @returns {string} the file of the module that the program itself would load
 */
function locateModule(name, programDirectory) {
  try {
    return createRequire(path.join(programDirectory, "program.js")).resolve(name);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    const text =
      code === "MODULE_NOT_FOUND"
        ? "It looks like the Pulumi SDK has not been installed. Have you run pulumi install?"
        : message;
    throw new Error(`${text}\n`);
  }
}

/**
 * @param {RunRequest} request
 * @param {import("./runtime-options.js").RuntimeOptions} options
 * @returns {NodeJS.ProcessEnv}
 */
function programEnvironment(request, options) {
  /** @type {{[key: string]: string}} */
  const config = {};
  request.getConfigMap().forEach((/** @type {string} */ value, /** @type {string} */ key) => {
    // The form that SDKs of every age understand.
    config[key.replace(/^([^:]*):(?:config:)?/, "$1:config:")] = value;
  });
  /** @type {NodeJS.ProcessEnv} */
  const environment = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
  if (options.typescript) environment["PULUMI_NODEJS_TYPESCRIPT"] = "true";
  if (options.tsconfig) environment["PULUMI_NODEJS_TSCONFIG_PATH"] = options.tsconfig;
  return environment;
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {ReturnType<typeof outputToEngine>} output
 * @param {AbortSignal} signal
 * @returns {Promise<{code: number | null, killedBy: NodeJS.Signals | null, startError?: string}>}
 */
function execute(args, env, output, signal) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      // The engine interrupts programs, not the terminal's Ctrl-C.
      detached: true,
    });
    child.stdout.on("data", (/** @type {Buffer} */ chunk) => output.write("stdout", chunk));
    child.stderr.on("data", (/** @type {Buffer} */ chunk) => output.write("stderr", chunk));
    const interrupt = () => {
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGKILL"), killAfterMs).unref();
    };
    const killNow = () => child.kill("SIGKILL");
    if (signal.aborted) interrupt();
    signal.addEventListener("abort", interrupt, { once: true });
    process.on("exit", killNow);
    child.on("error", (error) => {
      resolve({ code: null, killedBy: null, startError: error.message });
    });
    child.on("close", (code, killedBy) => {
      signal.removeEventListener("abort", interrupt);
      process.removeListener("exit", killNow);
      resolve({ code, killedBy });
    });
  });
}

module.exports = { runProgram };
