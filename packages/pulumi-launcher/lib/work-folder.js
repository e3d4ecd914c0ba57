// @ts-check
"use strict";
// Folders in which something is made before it is put in place as a whole. Their names have the process
// in them, so that those of killed processes can be removed.

const fs = require("node:fs");
const path = require("node:path");
const { cacheFolder } = require("./cache.js");
const { isAlive, ownMark } = require("./lock.js");

const prefix = "work-";

/**
 * @returns {string} a new, empty folder in the cache
 */
function makeWorkFolder() {
  fs.mkdirSync(cacheFolder(), { recursive: true });
  for (const name of fs.readdirSync(cacheFolder())) {
    if (!name.startsWith(prefix)) continue;
    const [pid, started] = name.slice(prefix.length).split("-");
    if (!isAlive(`${pid} ${started}`)) removeFolder(path.join(cacheFolder(), name));
  }
  return fs.mkdtempSync(path.join(cacheFolder(), `${prefix}${ownMark().replace(" ", "-")}-`));
}

/** @param {string} folder */
function removeFolder(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
}

/**
 * Puts a finished folder in its place, at once or not at all.
 * @param {string} from
 * @param {string} to replaced if it is there
 */
function putInPlace(from, to) {
  removeFolder(to);
  fs.renameSync(from, to);
}

module.exports = { makeWorkFolder, putInPlace, removeFolder };
