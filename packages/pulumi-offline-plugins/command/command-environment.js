// @ts-check
"use strict";
// The environment variables that a command gets beside those it inherits.

const { isObject } = require("../shared/property-values.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */

/**
 * @param {PropertyMap} inputs without markers
 * @returns {[name: string, value: string][]} what the program asks for
 */
function requestedEnvironment(inputs) {
  const environment = inputs["environment"];
  if (!isObject(environment)) return [];
  return Object.entries(environment).map(([name, value]) => [name, String(value)]);
}

/**
 * @param {PropertyMap} inputs without markers
 * @param {import("./inferred-resource.js").Output} previous
 * @returns {[name: string, value: string][]} what the command printed the last time, where it did
 */
function previousOutputEnvironment(inputs, previous) {
  if (inputs["addPreviousOutputInEnv"] === false) return [];
  /** @type {[string, string][]} */
  const variables = [
    ["PULUMI_COMMAND_STDOUT", previous.stdout],
    ["PULUMI_COMMAND_STDERR", previous.stderr],
  ];
  return variables.filter(([, value]) => value !== "");
}

module.exports = { previousOutputEnvironment, requestedEnvironment };
