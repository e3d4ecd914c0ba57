// @ts-check
"use strict";
// The pinned versions, and how version numbers compare.

/** The version of the CLI and of @pulumi/pulumi; the two are pinned to the same. */
const cliVersion = "3.259.0";

/** Go itself fetches this one where an older (but not older than 1.21) is installed. */
const goVersion = "1.25";

/** The resource plugins that the program needs. */
const resourcePlugins = { command: "1.2.1", random: "4.21.2" };

/**
 * @param {string} version with or without "v"
 * @returns {[major: number, minor: number, patch: number] | undefined} what comes after is left out
 */
function parseVersion(version) {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim());
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/**
 * @param {string} version
 * @param {string} wanted
 * @returns {boolean} whether it is of the same major version and not older
 */
function isCompatible(version, wanted) {
  const have = parseVersion(version);
  const want = parseVersion(wanted);
  if (!have || !want || have[0] !== want[0]) return false;
  if (have[1] !== want[1]) return have[1] > want[1];
  return have[2] >= want[2];
}

module.exports = { cliVersion, goVersion, isCompatible, resourcePlugins };
