// @ts-check
"use strict";
// The project's package manager: which one, installing with it, what its lock file lists.

const { execFileSync, spawn } = require("node:child_process");
const { accessSync, constants, existsSync, readFileSync, realpathSync } = require("node:fs");
const path = require("node:path");

/** @typedef {import("./runtime-options.js").RuntimeOptions} RuntimeOptions */
/** @typedef {{name: string, version: string}} InstalledPackage */

const choices = ["npm", "pnpm", "yarn", "bun"];

/**
 * @param {string} name
 * @returns {string | undefined} its path
 */
function findExecutable(name) {
  return (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * @param {string} name of a package manager
 * @returns {string} empty when it doesn't say
 */
function versionOf(name) {
  const file = findExecutable(name);
  if (!file) return "";
  // A preview asks for it. npm takes 0.15 s to say what stands in its package.json.
  const manifest = readJson(searchUp(path.dirname(realpathSync(file)), ["package.json"]) ?? "");
  if (manifest["name"] === name) return String(manifest["version"]);
  try {
    return execFileSync(file, ["--version"], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

/**
 * @param {string} directory
 * @param {string[]} names
 * @returns {string | undefined} the nearest file of one of the names, here or in a folder above
 */
function searchUp(directory, names) {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    const found = names.map((name) => path.join(at, name)).find((file) => existsSync(file));
    if (found || at === path.dirname(at)) return found;
  }
}

/**
 * @param {RuntimeOptions} options
 * @param {string} directory the program's
 * @returns {string} npm, yarn, pnpm or bun
 */
function choosePackageManager({ packagemanager }, directory) {
  if (packagemanager !== "auto") return packagemanager;
  /** @type {[string, string[]][]} */
  const byLockFile = [
    ["yarn", ["yarn.lock"]],
    ["pnpm", ["pnpm-lock.yaml"]],
    ["bun", ["bun.lock", "bun.lockb"]],
  ];
  const found = byLockFile.find(
    ([name, files]) =>
      (searchUp(directory, files) ||
        (name === "yarn" && process.env["PULUMI_PREFER_YARN"] === "true")) &&
      findExecutable(name),
  );
  return found?.[0] ?? "npm";
}

/**
 * The folder to install in: the root of the npm workspace that the program belongs to, or its own.
 * @param {string} directory
 * @returns {{root: string, isWorkspace: boolean}}
 */
function findWorkspaceRoot(directory) {
  const own = searchUp(directory, ["package.json"]);
  if (!own) return { root: directory, isWorkspace: false };
  const project = path.dirname(own);
  for (let at = project; ; at = path.dirname(at)) {
    if (workspaceFolders(at).some((pattern) => matches(pattern, path.relative(at, project)))) {
      return { root: at, isWorkspace: true };
    }
    if (at === path.dirname(at)) return { root: directory, isWorkspace: false };
  }
}

/**
 * @param {string} directory
 * @returns {string[]} the patterns in its package.json
 */
function workspaceFolders(directory) {
  const manifest = readJson(path.join(directory, "package.json"));
  const workspaces = manifest["workspaces"];
  const list =
    typeof workspaces === "object" && workspaces !== null && "packages" in workspaces
      ? workspaces.packages
      : workspaces;
  return Array.isArray(list) ? list.map(String) : [];
}

/**
 * @param {string} pattern with `*` for a name
 * @param {string} folder
 */
function matches(pattern, folder) {
  const parts = path.normalize(pattern).replace(/\/$/, "").split("*");
  const expression = parts.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join("[^/]*");
  return new RegExp(`^${expression}$`).test(folder);
}

/**
 * @param {string} file
 * @returns {{[key: string]: unknown}} empty when there is none
 */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

/**
 * Installs dependencies.
 * @param {string} manager
 * @param {string} root
 * @param {boolean} production without devDependencies
 * @param {(stream: "stdout" | "stderr", chunk: Buffer) => void} onOutput
 * @returns {Promise<void>}
 */
async function install(manager, root, production, onOutput) {
  const args = ["install", ...(manager === "npm" ? ["--loglevel=error"] : [])];
  if (production) args.push("--production");
  const code = await new Promise((resolve, reject) => {
    const child = spawn(manager, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk) => onOutput("stdout", chunk));
    child.stderr.on("data", (chunk) => onOutput("stderr", chunk));
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`${manager} install failed: exit status ${code}`);
}

/**
 * @param {string} directory
 * @param {boolean} transitive all packages, and not just those that package.json names
 * @returns {InstalledPackage[]} from npm's lock file
 */
function listPackages(directory, transitive) {
  const lockFile = searchUp(directory, ["package-lock.json"]);
  if (!lockFile) {
    throw new Error(
      `failed to get node dependencies: no package-lock.json found (searching upwards from ${directory})`,
    );
  }
  const manifest = readJson(path.join(path.dirname(lockFile), "package.json"));
  const direct = new Set(
    ["dependencies", "devDependencies"].flatMap((key) => Object.keys(manifest[key] ?? {})),
  );
  const locked = /** @type {{[path: string]: {version?: string, link?: boolean}}} */ (
    readJson(lockFile)["packages"] ?? {}
  );
  return Object.entries(locked)
    .filter(([at, { link }]) => at.includes("node_modules/") && !link)
    .map(([at, { version = "" }]) => ({ name: at.replace(/^.*node_modules\//, ""), version }))
    .filter(({ name }) => transitive || direct.delete(name));
}

module.exports = {
  choices,
  choosePackageManager,
  findExecutable,
  findWorkspaceRoot,
  install,
  listPackages,
  versionOf,
};
