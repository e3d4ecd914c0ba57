// @ts-check
"use strict";
// The runtime options of a Pulumi.yaml.

const { fromStruct } = require("../shared/property-values.js");

/**
 * @typedef {object} RuntimeOptions
 * @property {boolean} typescript load TypeScript by ts-node; default true
 * @property {string} tsconfig path; default none
 * @property {string} nodeargs arguments for node; default none
 * @property {boolean} production install without devDependencies; default false
 * @property {string} packagemanager default "auto"
 */

/** @type {RuntimeOptions} */
const defaults = {
  typescript: true,
  tsconfig: "",
  nodeargs: "",
  production: false,
  packagemanager: "auto",
};

/**
 * @param {import("@pulumi/pulumi/proto/language_pb.js").ProgramInfo | undefined} info
 * @returns {RuntimeOptions}
 * @throws {Error} on an option of the wrong type
 */
function parseRuntimeOptions(info) {
  const options = { ...defaults, ...fromStruct(info?.getOptions()) };
  for (const [name, value] of Object.entries(defaults)) {
    const type = typeof value;
    if (typeof options[/** @type {keyof RuntimeOptions} */ (name)] !== type)
      throw new Error(`${name} option must be a ${type}`);
  }
  return /** @type {RuntimeOptions} */ (options);
}

/**
 * Splits a command line as a shell would, without expanding anything.
 * @param {string} line
 * @returns {string[]}
 */
function splitWords(line) {
  const words = line.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) =>
      String(single ?? double ?? escaped),
    ),
  );
}

module.exports = { parseRuntimeOptions, splitWords };
