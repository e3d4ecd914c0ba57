// @ts-check
"use strict";
// A command that ends when this process does, and that is stopped when it makes no progress.

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

/**
 * @typedef {object} Outcome
 * @property {number} code 0: it went well
 * @property {string} output both streams, in the order of arrival
 * @property {boolean} stalled whether it was stopped because it made no progress
 */

/**
 * @param {string[]} command
 * @param {object} options
 * @param {NodeJS.ProcessEnv} [options.env] default this process's
 * @param {string} [options.cwd] default this process's
 * @param {(line: string) => void} [options.onLine] called for every line of output
 * @param {{folders: string[], seconds: number}} [options.stall] it is stopped when it has
 *   printed nothing for so long, and nothing in these folders has grown
 * @returns {Promise<Outcome>}
 */
function runGuarded(command, { env = process.env, cwd, onLine, stall }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(__dirname, "guard.js"), ...command], {
      env,
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    let stalled = false;
    let lastSign = Date.now();
    let lastSize = -1;
    const watch = setInterval(() => {
      if (!stall) return;
      const size = stall.folders.reduce((sum, folder) => sum + sizeOf(folder), 0);
      if (size !== lastSize) lastSign = Date.now();
      lastSize = size;
      if (Date.now() - lastSign < stall.seconds * 1000) return;
      stalled = true;
      child.stdin.end();
    }, 500);
    /** @param {Buffer} chunk */
    const take = (chunk) => {
      lastSign = Date.now();
      output += chunk.toString();
      for (const line of chunk.toString().split("\n")) if (line.trim() !== "") onLine?.(line);
    };
    child.stdin.on("error", () => {
      // The command has ended: "close" tells.
    });
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(watch);
      resolve({ code: code ?? 1, output, stalled });
    });
  });
}

/**
 * @param {string} folder
 * @returns {number} bytes of everything in it; 0 when there is none
 */
function sizeOf(folder) {
  try {
    let size = 0;
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const at = path.join(folder, entry.name);
      size += entry.isDirectory() ? 1 + sizeOf(at) : fs.lstatSync(at).size;
    }
    return size;
  } catch {
    // Something was removed in the meantime.
    return 0;
  }
}

module.exports = { runGuarded };
