// @ts-check
"use strict";
// A lock that ends with its process, however that ends: a file with the process's id and start time,
// which no later process with that id has.
//
// It saves work and guards nothing: what is made under it is put in place by one rename.

const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");

const pollMs = 500;

/**
 * @param {number} pid
 * @returns {string | undefined} when the process started, if that is known; else undefined
 *   for a process that is gone and "" for one that runs
 */
function startTime(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may have any character; the 20th field after it is the start time.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    if (fs.existsSync("/proc/self/stat")) return undefined;
  }
  try {
    process.kill(pid, 0);
    return "";
  } catch {
    return undefined;
  }
}

/** @returns {string} what distinguishes this process from every other */
function ownMark() {
  return `${process.pid} ${startTime(process.pid) ?? ""}`;
}

/**
 * @param {string} mark as ownMark gives it
 * @returns {boolean} whether its process still runs
 */
function isAlive(mark) {
  const [pid, started] = mark.split(" ");
  return Number(pid) > 0 && startTime(Number(pid)) === started;
}

/**
 * @param {string} file
 * @returns {boolean} whether the lock is this process's now
 */
function tryLock(file) {
  const own = `${file}.${process.pid}`;
  fs.writeFileSync(own, ownMark());
  try {
    fs.linkSync(own, file);
    return true;
  } catch {
    if (isAlive(holder(file))) return false;
    // Left by a process that is gone. Two processes that find this at once may both go on: see above.
    fs.rmSync(file, { force: true });
    try {
      fs.linkSync(own, file);
      return true;
    } catch {
      return false;
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/** @param {string} file */
function holder(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * Does something while no other process does it; waits for its turn.
 * @template T
 * @param {string} file in a folder that is made if it is missing
 * @param {(pid: string) => void} onWait called once, with the other process's id, if it has to wait
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withLock(file, onWait, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let waited = false;
  while (!tryLock(file)) {
    if (!waited) onWait(holder(file).split(" ")[0] ?? "");
    waited = true;
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

module.exports = { isAlive, ownMark, withLock };
