// @ts-check
"use strict";
// A CLI that the user has installed: the first on PATH that is new enough.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const { readNotes, writeNote } = require("./cache.js");
const { findPulumiOnPath } = require("./path-search.js");
const { cliVersion, isCompatible } = require("./versions.js");

const notesFile = "cli-versions.json";
const versionTimeoutMs = 20_000;

/**
 * @param {(message: string) => void} say prints the one line about each CLI that is passed over, when
 *   it is seen for the first time
 * @returns {string | undefined}
 */
function findInstalledCli(say) {
  return findPulumiOnPath().find((file) => {
    const { version, isNew } = versionOf(file);
    const good = isCompatible(version, cliVersion);
    if (!good && isNew) {
      say(
        `passing over ${file}: its version is ${version || "unknown"}, and ${cliVersion} or a later 3.x is needed`,
      );
    }
    return good;
  });
}

/**
 * The version a CLI gives, asked once for each state of its file.
 * @param {string} file
 * @returns {{version: string, isNew: boolean}} an empty version when it gives none
 */
function versionOf(file) {
  const { mtimeMs, size } = fs.statSync(file);
  const key = `${file} ${mtimeMs} ${size}`;
  const known = readNotes(notesFile)[key];
  if (typeof known === "string") return { version: known, isNew: false };
  const version = askVersion(file);
  writeNote(notesFile, key, version);
  return { version, isNew: true };
}

/**
 * @param {string} file
 * @returns {string}
 */
function askVersion(file) {
  try {
    return execFileSync(file, ["version"], {
      encoding: "utf8",
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: versionTimeoutMs,
    }).trim();
  } catch {
    return "";
  }
}

module.exports = { findInstalledCli };
