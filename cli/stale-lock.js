// @ts-check
"use strict";
// A state in files stays locked when the CLI that locked it was killed: a stale lock. Without this, a person would have to
// find out that the process is gone, and run `pulumi cancel`.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pulumiHome, say } = require("@greenpush/pulumi-launcher");

/**
 * Remove the locks of ended processes of this account on this machine, and say so on stderr.
 * @returns {void}
 */
function removeStaleLocks() {
  const folder = stateFolder();
  if (!folder) return;
  for (const file of lockFiles(path.join(folder, ".pulumi", "locks"))) {
    const holder = readLock(file);
    if (!holder || holder.hostname !== os.hostname() || holder.username !== os.userInfo().username)
      continue;
    if (isAlive(holder.pid)) continue;
    fs.rmSync(file, { force: true });
    say(`the state was locked by process ${holder.pid}, which has ended: unlocked`);
  }
}

/** @returns {string | undefined} the folder with the state, if it is kept in files */
function stateFolder() {
  const url = process.env["PULUMI_BACKEND_URL"] || currentLogin();
  const match = /^file:\/\/(.+)$/.exec(url ?? "");
  return match?.[1]?.replace(/^~(?=\/|$)/, os.homedir());
}

/** @returns {string | undefined} */
function currentLogin() {
  const credentials = readJson(path.join(pulumiHome(), "credentials.json"));
  return typeof credentials?.["current"] === "string" ? credentials["current"] : undefined;
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function lockFiles(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.join(folder, name));
}

/**
 * @param {string} file
 * @returns {{pid: number, username: string, hostname: string} | undefined} undefined if it is gone or has another form
 */
function readLock(file) {
  const { pid, username, hostname } = readJson(file) ?? {};
  if (typeof pid !== "number" || typeof username !== "string" || typeof hostname !== "string")
    return undefined;
  return { pid, username, hostname };
}

/**
 * @param {string} file
 * @returns {{[name: string]: unknown} | undefined}
 */
function readJson(file) {
  try {
    return JSON.parse(readText(file) ?? "");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} file
 * @returns {string | undefined} undefined if it can't be read
 */
function readText(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @returns {boolean} whether that process is still a CLI: another process may have its number by now, and an ended process
 *   is listed until its parent has read its exit status
 */
function isAlive(pid) {
  if (fs.existsSync("/proc/self/stat")) {
    const stat = readText(`/proc/${pid}/stat`);
    return /\(.*pulumi.*\) [^ZX]/.test(stat ?? "");
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH";
  }
}

module.exports = { removeStaleLocks };
