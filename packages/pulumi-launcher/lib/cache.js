// @ts-check
"use strict";
// The cache: everything that is found out, downloaded or built once. It is outside the checkout, and
// may be deleted at any time.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { cliVersion } = require("./versions.js");

/** @returns {string} the folder; it need not exist */
function cacheFolder() {
  const { GREENPUSH_CACHE, XDG_CACHE_HOME } = process.env;
  if (GREENPUSH_CACHE) return path.resolve(GREENPUSH_CACHE);
  return path.join(XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "greenpush");
}

/** @returns {string} the CLI in the cache; it need not exist */
function cachedCli() {
  return path.join(cacheFolder(), `pulumi-v${cliVersion}`, "bin", "pulumi");
}

/**
 * Reads a JSON file of the cache.
 * @param {string} name
 * @returns {{[key: string]: unknown}} empty if there is none, or if it can't be read
 */
function readNotes(name) {
  try {
    return JSON.parse(fs.readFileSync(path.join(cacheFolder(), name), "utf8"));
  } catch {
    return {};
  }
}

/**
 * Sets one entry in a JSON file of the cache. A cache that can't be written is no reason to fail.
 * @param {string} name
 * @param {string} key
 * @param {unknown} value
 */
function writeNote(name, key, value) {
  const file = path.join(cacheFolder(), name);
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(cacheFolder(), { recursive: true });
    const notes = { ...readNotes(name), [key]: value };
    fs.writeFileSync(temporary, `${JSON.stringify(notes, null, 2)}\n`);
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}

module.exports = { cacheFolder, cachedCli, readNotes, writeNote };
