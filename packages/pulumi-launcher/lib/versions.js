// @ts-check
"use strict";
// The versions that are needed: those of the npm packages that the program's package.json pins.

/** @type {string} that of the CLI: the SDK's */
const cliVersion = require("@pulumi/pulumi/package.json").version;

/** Go itself fetches this one where an older (but not older than 1.21) is installed. */
const goVersion = "1.25";

/** @type {{[name: string]: string}} those of the resource plugins that the program needs */
const resourcePlugins = {
  command: require("@pulumi/command/package.json").version,
  random: require("@pulumi/random/package.json").version,
};

/**
 * @param {string} version with or without "v"
 * @returns {[major: number, minor: number, patch: number] | undefined} without what follows them
 */
function parseVersion(version) {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim());
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/**
 * @param {string} version
 * @param {string} wanted
 * @returns {boolean} whether it has the same major version and is not older
 */
function isCompatible(version, wanted) {
  const have = parseVersion(version);
  const want = parseVersion(wanted);
  if (!have || !want || have[0] !== want[0]) return false;
  if (have[1] !== want[1]) return have[1] > want[1];
  return have[2] >= want[2];
}

module.exports = { cliVersion, goVersion, isCompatible, resourcePlugins };
