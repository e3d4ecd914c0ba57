// @ts-check
"use strict";

// What `npm run demo` and `npm test` need from this machine, checked before anything that takes long.

const { spawnSync } = require("node:child_process");
const { existsSync, statSync, statfsSync } = require("node:fs");
const { createServer } = require("node:net");
const { homedir } = require("node:os");
const { dirname, join } = require("node:path");
const { SetupError } = require("./console");

const oldest = { node: "20", python3: "3.9", git: "2.28" };
/** Room for the npm packages, Pulumi's CLI and the image of a test server, and to build them. */
const freeMegabytes = 2000;
/** Where a test server takes its three ports: see ports.sh beside test-server.sh. */
const ports = { first: 20000, last: 31997 };
const root = join(__dirname, "..");

/** @param {string} command @param {string[]} words */
function answer(command, ...words) {
  const { status, stdout } = spawnSync(command, words, { encoding: "utf8", timeout: 10_000 });
  return status === 0 ? stdout.trim() : undefined;
}

/** @param {string} version @param {string} least */
function isOlder(version, least) {
  const [parts = [], leastParts = []] = [version, least].map((each) => each.split(".").map(Number));
  const differing = leastParts.findIndex((part, index) => part !== (parts[index] ?? 0));
  return differing >= 0 && (parts[differing] ?? 0) < (leastParts[differing] ?? 0);
}

/** @param {string} name @param {string | undefined} printed @param {string} least */
function* troubleWithVersion(name, printed, least) {
  const version = /\d+(\.\d+)+/.exec(printed ?? "")?.[0];
  if (version && isOlder(version, least))
    yield `${name} ${version} is too old: Greenpush needs ${name} ${least} or later.`;
}

/** A missing program is fine, because set-up installs its package. */
function* troubleWithPrograms() {
  yield* troubleWithVersion("Python", answer("python3", "--version"), oldest.python3);
  yield* troubleWithVersion("git", answer("git", "--version"), oldest.git);
  if (answer("apt-get", "--version") === undefined)
    yield "There is no apt-get here: test servers are made on Debian or Ubuntu.";
}

/** Which engine is chosen, and whether this user may use it: as engine.sh beside test-server.sh has it. */
function* troubleWithContainers() {
  const chosen = process.env["GREENPUSH_CONTAINER_ENGINE"] ?? "";
  const isRoot = answer("id", "-u") === "0";
  if (!["", "podman", "docker"].includes(chosen))
    yield `GREENPUSH_CONTAINER_ENGINE is "${chosen}"; it can be podman or docker.`;
  else if (chosen === "docker" ? !dockerAnswers() : !isRoot && (chosen || !dockerAnswers()))
    yield isRoot
      ? "The Docker daemon does not answer: `docker version` tells more. Or leave GREENPUSH_CONTAINER_ENGINE unset, and root uses Podman."
      : "This user can't run test servers: rootless Podman is not supported, and no Docker daemon answers. Run this as root (`sudo npm …`), or let this user use Docker (`sudo usermod -aG docker $USER`, then log in again).";
}

const dockerAnswers = () => answer("docker", "version") !== undefined;

/** Check the file systems of the checkout, the caches and the containers. */
function* troubleWithDisk() {
  const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folders = [root, process.env["GREENPUSH_CACHE"] || caches, "/var/lib"].map(nearest);
  for (const folder of new Map(folders.map((each) => [statSync(each).dev, each])).values()) {
    const { bavail, bsize } = statfsSync(folder);
    const free = Math.floor((bavail * bsize) / 1e6);
    if (free < freeMegabytes)
      yield `${folder} has ${free} MB of free disk: ${freeMegabytes} MB are needed.`;
  }
}

/** @param {string} folder @returns {string} the folder itself, or the nearest one above that exists */
const nearest = (folder) => (existsSync(folder) ? folder : nearest(dirname(folder)));

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** @returns {Promise<string[]>} */
async function troubleWithPorts() {
  for (let port = ports.first; port <= ports.last; port += 3) {
    const free = await Promise.all([port, port + 1, port + 2].map(isFree));
    if (free.every(Boolean)) return [];
  }
  return [`No three ports from ${ports.first} on are free on 127.0.0.1, for SSH, HTTP and HTTPS.`];
}

/**
 * Check whether this machine has what only its owner can provide.
 *
 * @param {{testServers?: boolean}} [needs] testServers: whether test servers are going to be made
 * @throws {SetupError} with all that is missing, in one paragraph
 */
async function preflight({ testServers = true } = {}) {
  const trouble = [...troubleWithVersion("Node", process.versions.node, oldest.node)];
  // An old Node can't run the other checks.
  if (trouble.length === 0) trouble.push(...troubleWithPrograms(), ...troubleWithDisk());
  if (trouble.length === 0 && testServers)
    trouble.push(...troubleWithContainers(), ...(await troubleWithPorts()));
  if (trouble.length > 0) throw new SetupError(trouble.join("\n"));
}

module.exports = { preflight };
