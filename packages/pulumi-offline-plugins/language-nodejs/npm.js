// @ts-check
"use strict";
// npm: its version, installing with it, and what its lock file lists.

const { spawn } = require("node:child_process");
const { existsSync, readFileSync, realpathSync } = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

/**
 * @returns {string} empty if unknown. A preview asks for it, and `npm --version` would take 0.15 s.
 */
function npmVersion() {
  const found = (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, "npm"))
    .find((file) => existsSync(file));
  try {
    return String(createRequire(realpathSync(found ?? ""))("../package.json").version);
  } catch {
    return "";
  }
}

/**
 * Run `npm install`. In a workspace npm itself finds the workspace's root.
 * @param {string} directory
 * @param {boolean} production without devDependencies
 * @param {(stream: "stdout" | "stderr", chunk: Buffer) => void} onOutput
 * @returns {Promise<void>}
 * @throws {Error} if npm fails
 */
async function install(directory, production, onOutput) {
  const args = ["install", "--loglevel=error", ...(production ? ["--omit=dev"] : [])];
  const code = await new Promise((resolve, reject) => {
    const child = spawn("npm", args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk) => onOutput("stdout", chunk));
    child.stderr.on("data", (chunk) => onOutput("stderr", chunk));
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`npm install failed: exit status ${code}`);
}

/**
 * @param {string} directory
 * @param {boolean} transitive all packages, not only those that package.json names
 * @returns {{name: string, version: string}[]} from the lock file here or in a folder above
 * @throws {Error} if there is none
 */
function listPackages(directory, transitive) {
  let folder = path.resolve(directory);
  while (!existsSync(path.join(folder, "package-lock.json"))) {
    if (folder === path.dirname(folder))
      throw new Error(`no package-lock.json found (searching upwards from ${directory})`);
    folder = path.dirname(folder);
  }
  const { packages = {} } = JSON.parse(
    readFileSync(path.join(folder, "package-lock.json"), "utf8"),
  );
  const { dependencies, devDependencies } = packages[""] ?? {};
  const direct = new Set(Object.keys({ ...dependencies, ...devDependencies }));
  /** @type {[string, {version?: string, link?: boolean}][]} */
  const locked = Object.entries(packages);
  return locked
    .filter(([at, { link }]) => at.includes("node_modules/") && !link)
    .map(([at, { version = "" }]) => ({ at, name: at.replace(/^.*node_modules\//, ""), version }))
    .filter(({ at, name }) => transitive || (direct.has(name) && at === `node_modules/${name}`))
    .map(({ name, version }) => ({ name, version }));
}

module.exports = { install, listPackages, npmVersion };
