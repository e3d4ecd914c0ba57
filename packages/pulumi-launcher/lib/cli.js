// @ts-check
"use strict";
// Choose Pulumi's CLI: one on PATH, else the one in the cache, else a download, else a build.

const path = require("node:path");
const { cacheFolder, cachedCli } = require("./cache.js");
const { findInstalledCli } = require("./installed-cli.js");
const { isExecutable } = require("./path-search.js");
const { say } = require("./progress.js");

/**
 * @returns {string | undefined} the CLI, if nothing has to be fetched for it
 */
function findCli() {
  const installed = findInstalledCli(say);
  if (installed) return installed;
  return isExecutable(cachedCli()) ? cachedCli() : undefined;
}

/**
 * @returns {Promise<string>} the CLI, fetched if there is none; with progress on stderr
 * @throws {Error} with what to do, when there is no way
 */
async function ensureCli() {
  const found = findCli();
  if (found) return found;
  const { withLock } = require("./lock.js");
  const { downloadCli } = require("./download-cli.js");
  const { buildCli } = require("./build-cli.js");
  const lock = path.join(cacheFolder(), "cli.lock");
  const onWait = (/** @type {string} */ pid) =>
    say(`waiting for process ${pid}, which fetches Pulumi`);
  return withLock(lock, onWait, async () => {
    if (isExecutable(cachedCli())) return cachedCli();
    if (await downloadCli()) await buildCli();
    return cachedCli();
  });
}

module.exports = { ensureCli, findCli };
