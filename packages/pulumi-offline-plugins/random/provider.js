// @ts-check
"use strict";
// The random provider: passwords and ids.

const { randomBytes } = require("node:crypto");
const grpc = require("@grpc/grpc-js");
const { StatusError } = require("../shared/grpc-service.js");
const { bridgedResource } = require("./bridged-resource.js");
const { randomText } = require("./random-text.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("./random-text.js").TextRules} TextRules */

const bcryptCost = 10;
/** bcrypt reads no further. */
const bcryptBytes = 72;

/** @type {import("./bridged-resource.js").BridgedType["inputs"]} */
const textInputs = {
  keepers: "map",
  length: "number",
  lower: "boolean",
  minLower: "number",
  minNumeric: "number",
  minSpecial: "number",
  minUpper: "number",
  number: "boolean",
  numeric: "boolean",
  overrideSpecial: "string",
  special: "boolean",
  upper: "boolean",
};

const textDefaults = {
  lower: true,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
  minUpper: 0,
  number: true,
  numeric: true,
  special: true,
  upper: true,
};

/**
 * @param {PropertyMap} inputs
 * @returns {import("./bridged-resource.js").Failures}
 */
function validateText(inputs) {
  const { length } = inputs;
  if (typeof length !== "number") return [];
  if (length < 1) {
    return [{ property: "length", reason: `expected length to be at least 1, got ${length}` }];
  }
  const least = ["minLower", "minUpper", "minNumeric", "minSpecial"]
    .map((name) => Number(inputs[name] ?? 0))
    .reduce((sum, count) => sum + count, 0);
  if (least <= length) return [];
  const reason = `expected length to be at least the sum of the min counts (${least}), got ${length}`;
  return [{ property: "length", reason }];
}

/**
 * @param {PropertyMap} inputs
 * @returns {string}
 */
function makeText(inputs) {
  const rules = { overrideSpecial: "", ...inputs };
  return randomText(/** @type {TextRules} */ (/** @type {unknown} */ (rules)));
}

const randomPassword = bridgedResource({
  inputs: textInputs,
  required: "length",
  defaults: textDefaults,
  outputs: ["bcryptHash", "result"],
  secretOutputs: ["bcryptHash", "result"],
  schemaVersion: 3,
  validate: validateText,
  make(inputs) {
    const result = makeText(inputs);
    return { id: "none", outputs: { result, bcryptHash: bcryptHash(result) } };
  },
});

const randomId = bridgedResource({
  inputs: { byteLength: "number", keepers: "map", prefix: "string" },
  required: "byteLength",
  defaults: {},
  outputs: ["b64Std", "b64Url", "dec", "hex"],
  secretOutputs: [],
  make(inputs) {
    const bytes = randomBytes(Number(inputs["byteLength"]));
    const prefix = String(inputs["prefix"] ?? "");
    const id = bytes.toString("base64url");
    return {
      id,
      outputs: {
        b64Std: prefix + bytes.toString("base64"),
        b64Url: prefix + id,
        dec: prefix + BigInt(`0x0${bytes.toString("hex")}`).toString(),
        hex: prefix + bytes.toString("hex"),
      },
    };
  },
});

/**
 * @param {string} text
 * @returns {string}
 */
function bcryptHash(text) {
  // Loaded here, since only a creation needs it.
  const bcrypt = require("bcryptjs");
  // The real provider's library writes the older of two names for the same algorithm.
  const salt = bcrypt.genSaltSync(bcryptCost).replace(/^\$2b\$/, "$2a$");
  return bcrypt.hashSync(Buffer.from(text).subarray(0, bcryptBytes).toString(), salt);
}

/** @type {import("../shared/resource-provider.js").ProviderDefinition} */
const randomProvider = {
  version: require("@pulumi/random/package.json").version,
  resources: {
    "random:index/randomId:RandomId": randomId,
    "random:index/randomPassword:RandomPassword": randomPassword,
  },
  unknownResource: (token) =>
    new StatusError(grpc.status.UNKNOWN, `unrecognized resource type (Check): ${token}`),
  unknownFunction: (token) =>
    new StatusError(grpc.status.UNKNOWN, `unrecognized data function (StreamInvoke): ${token}`),
};

module.exports = { randomProvider };
