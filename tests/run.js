// @ts-check
"use strict";

// `npm test`: set up what the tests need, run them, and print how many passed and failed.
// Words after `--` choose folders or files: `npm test -- tests/unit`.

const { spawn } = require("node:child_process");
const {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} = require("node:fs");
const { freemem, tmpdir } = require("node:os");
const { dirname, join, relative } = require("node:path");
const { packagesOfMissingPrograms } = require("../setup/apt-packages");
const { root, setUp } = require("../setup/checkout");
const { SetupError } = require("../setup/console");
const { preflight } = require("../setup/preflight");

/** Programs that tests and linters need on this machine, and their Debian packages. */
const programs = {
  python3: "python3",
  sshd: "openssh-server",
  virtualenv: "virtualenv",
  shellcheck: "shellcheck",
  shfmt: "shfmt",
  // Its server is on no PATH: the command of the package beside it is.
  pg_ctlcluster: "postgresql",
};

/** Any of these browsers does. Ubuntu has Chromium as a snap only; its machines in CI have a browser already. */
const browsers = /** @type {string[]} */ (
  JSON.parse(readFileSync(join(__dirname, "server", "support", "browsers.json"), "utf8"))
);

/** The Debian packages that the tests lack here. */
function missingPackages() {
  const names = Object.fromEntries(browsers.map((name) => [name, name]));
  const hasBrowser = packagesOfMissingPrograms(names).length < browsers.length;
  return packagesOfMissingPrograms(hasBrowser ? programs : { ...programs, chromium: "chromium" });
}

/** Folders with tests, the quick ones first. */
const folders = [
  "tests/unit",
  ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/tests`),
  "tests/server",
  "tests/integration",
];

/** Those whose tests make test servers. */
const makesServers = /tests(\/?$|\/integration|\/server\/?$|\/server\/test-server)/;

/** @param {string} path @returns {string[]} */
function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
  );
}

const isNodeTest = (/** @type {string} */ file) => /\.test\.(ts|js)$/.test(file);
const isPythonTest = (/** @type {string} */ file) => /(^|\/)test_[^/]*\.py$/.test(file);

/** Bytes that tests keep at a time in the temporary folder, and as much again for all else. */
const roomInMemory = 8e9;

/** Let tests write to memory where there is room: a virtualenv on a disk takes up to three times as long. */
function useMemory() {
  const memory = "/dev/shm";
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const options = mounts
    .map((line) => line.split(" "))
    .find(([, folder]) => folder === memory)?.[3];
  if (process.env["TMPDIR"] || !options || options.split(",").includes("noexec")) return;
  const { bavail, bsize } = statfsSync(memory);
  if (Math.min(bavail * bsize, freemem()) < roomInMemory) return;
  const folder = mkdtempSync(join(memory, "greenpush-"));
  // Some tests let other accounts into their own folders, as nginx's.
  chmodSync(folder, 0o755);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  process.env["TMPDIR"] = folder;
}

const count = { passed: 0, failed: 0 };

/** Run the tests of files in one process, and print each. @param {string[]} files */
async function runNodeTests(files) {
  // Not at the start of this file: an old Node has no such module, and the preflight reports that first.
  const { run } = require("node:test");
  const stream = run({ files: [inOneFile(files)], timeout: 40 * 60_000 });
  for await (const event of stream) {
    if (event.type === "test:stderr" || event.type === "test:stdout")
      process.stderr.write(event.data.message);
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name, details, file = "" } = event.data;
    const failed = event.type === "test:fail";
    const whole = details.type === "suite" || existsSync(join(root, name)) || name.startsWith("/");
    if (whole && !(failed && isFileFailure(event.data))) continue;
    if (event.data.skip !== undefined || event.data.todo !== undefined)
      throw new Error(`${name} is skipped`);
    if (failed) count.failed++;
    else count.passed++;
    const seconds = (details.duration_ms / 1000).toFixed(1);
    console.log(`${failed ? "FAILED" : "ok    "} ${relative(root, file)}: ${name} (${seconds} s)`);
    if (failed) console.log(indent(reason(/** @type {Error} */ (details.error))));
  }
}

/** A file that loads these, or the one that there is. @param {string[]} files */
function inOneFile([first = "", ...others]) {
  if (others.length === 0) return first;
  const folder = mkdtempSync(join(tmpdir(), "greenpush-tests-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const all = join(folder, "all.test.js");
  const lines = [first, ...others].map((file) => `require(${JSON.stringify(file)});\n`);
  writeFileSync(all, lines.join(""));
  return all;
}

/**
 * A file that fails as a whole (it does not load, or a hook fails) has no failed test to report.
 *
 * @param {{details: {error?: Error & {failureType?: string}}}} data
 */
function isFileFailure(data) {
  return data.details.error?.failureType !== "subtestsFailed";
}

/** @param {Error & {cause?: unknown}} error */
function reason(error) {
  const cause = error.cause ?? error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

/** @param {string} text */
const indent = (text) => text.replace(/^/gm, "    ");

/** Run the tests of files in one process, and print how many. @param {string[]} files */
async function runPythonTests(files) {
  const [first = "", ...others] = files.map((file) => relative(root, file));
  const name = others.length > 0 ? dirname(first) : first;
  const words = others.length > 0 ? ["-m", "unittest", "-v", first, ...others] : [first, "-v"];
  const printed = await /** @type {Promise<string>} */ (
    new Promise((resolve) => {
      const child = spawn("python3", ["-B", ...words], {
        cwd: root,
        stdio: ["ignore", "inherit", "pipe"],
      });
      let text = "";
      child.stderr.on("data", (data) => (text += data));
      child.on("close", () => resolve(text));
    })
  );
  const ran = Number(/^Ran (\d+) tests?/m.exec(printed)?.[1] ?? 0);
  const bad = [...printed.matchAll(/(?:failures|errors)=(\d+)/g)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
  const failed = ran === 0 ? 1 : bad;
  count.failed += failed;
  count.passed += ran - bad;
  console.log(`${failed ? "FAILED" : "ok    "} ${name}: ${ran} tests`);
  if (failed) console.log(indent(printed));
}

/**
 * Run a queue of files to its end, one at a time. Several may share a queue.
 *
 * @template T
 * @param {T[]} queue
 * @param {(file: T) => Promise<void>} runFile
 */
async function runAll(queue, runFile) {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) await runFile(file);
}

const ofUnits = join(root, "tests", "unit");
/** Their tests declare stacks, each with an engine of its own in the place of Pulumi's. */
const declaring = join(ofUnits, "components");

/**
 * Files by the process that runs them. Quick ones share one, which takes longer to start than they do: all of Python's unit
 * tests, and those of a folder for Node.
 *
 * @param {string[]} files
 */
function inProcesses(files) {
  /** @type {Map<string, string[]>} */
  const processes = new Map();
  for (const file of files) {
    const isAlone = !file.startsWith(ofUnits) || dirname(file) === declaring;
    const name = isAlone ? file : isPythonTest(file) ? ofUnits : dirname(file);
    processes.set(name, [...(processes.get(name) ?? []), file]);
  }
  return [...processes.values()];
}

async function main() {
  const words = process.argv.slice(2);
  const chosen = words.length > 0 ? words : folders;
  await preflight({ testServers: chosen.some((name) => makesServers.test(name)) });
  await setUp(missingPackages());
  useMemory();
  const files = chosen.flatMap((name) => filesBelow(join(root, name)));
  // Children of the test runner inherit how TypeScript is loaded.
  process.env["NODE_OPTIONS"] =
    `${process.env["NODE_OPTIONS"] ?? ""} --require=${JSON.stringify(join(root, "start", "register.js"))}`;
  const ofNode = inProcesses(files.filter(isNodeTest));
  // Three at a time, of which one is Python's as long as there are any: they wait for servers and processes, too.
  await Promise.all([
    runAll(ofNode, runNodeTests),
    runAll(ofNode, runNodeTests),
    runAll(inProcesses(files.filter(isPythonTest)), runPythonTests).then(() =>
      runAll(ofNode, runNodeTests),
    ),
  ]);
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(error instanceof SetupError ? error.message : error);
  console.log(`${count.passed} passed, ${count.failed + 1} failed`);
  process.exitCode = 1;
});
