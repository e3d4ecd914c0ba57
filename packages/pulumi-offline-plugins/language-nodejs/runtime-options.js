// @ts-check
"use strict";
// The runtime options of a Pulumi.yaml, checked with the real language host's messages.

const { fromStruct } = require("../shared/property-values.js");

/** @typedef {"auto" | "npm" | "yarn" | "pnpm" | "bun"} PackageManager */

/**
 * @typedef {object} RuntimeOptions
 * @property {boolean} typescript load TypeScript by ts-node; default true
 * @property {string} tsconfig path; default none
 * @property {string[]} nodeargs arguments for node; default none
 * @property {boolean} production install without devDependencies; default false
 * @property {PackageManager} packagemanager default "auto"
 */

const packageManagers = ["auto", "npm", "yarn", "pnpm", "bun"];

/**
 * @param {import("@pulumi/pulumi/proto/language_pb.js").ProgramInfo | undefined} info
 * @returns {RuntimeOptions}
 * @throws {Error} on an option of the wrong type
 */
function parseRuntimeOptions(info) {
  const options = fromStruct(info?.getOptions());
  const { typescript, tsconfig, nodeargs, production, packagemanager } = options;
  if (typescript !== undefined && typeof typescript !== "boolean") {
    throw new Error("typescript option must be a boolean");
  }
  if (tsconfig !== undefined && typeof tsconfig !== "string") {
    throw new Error("tsconfigpath option must be a string");
  }
  if (nodeargs !== undefined && typeof nodeargs !== "string") {
    throw new Error("nodeargs option must be a string");
  }
  if (production !== undefined && typeof production !== "boolean") {
    throw new Error("production option must be a boolean");
  }
  if (packagemanager !== undefined && typeof packagemanager !== "string") {
    throw new Error("packagemanager option must be a string");
  }
  if (packagemanager !== undefined && !packageManagers.includes(packagemanager)) {
    throw new Error(
      `packagemanager option must be one of auto, npm, yarn, pnpm or bun, got ${JSON.stringify(packagemanager)}`,
    );
  }
  return {
    typescript: typescript ?? true,
    tsconfig: tsconfig ?? "",
    nodeargs: splitWords(nodeargs ?? ""),
    production: production ?? false,
    packagemanager: /** @type {PackageManager} */ (packagemanager ?? "auto"),
  };
}

/**
 * Splits a command line as a shell would, without expanding anything.
 * @param {string} line
 * @returns {string[]}
 * @throws {Error} on a quote that isn't closed
 */
function splitWords(line) {
  /** @type {string[]} */
  const words = [];
  const token = /\s+|'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])|([^\s'"\\]+)/y;
  /** @type {string | undefined} */
  let word;
  while (token.lastIndex < line.length) {
    const match = token.exec(line);
    if (!match) throw new Error("EOF found when expecting closing quote");
    const [, single, double, escaped, plain] = match;
    const part = single ?? double?.replace(/\\([^])/g, "$1") ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? "") + part;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

module.exports = { parseRuntimeOptions, splitWords };
