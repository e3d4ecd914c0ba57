// @ts-check
"use strict";
// The behaviour of a bridged Terraform resource that is made once: inputs stay as given, defaults are
// only in the state, and every change is a replacement.

const { isDeepStrictEqual } = require("node:util");
const { Unknown, makeSecret, withoutSecrets } = require("../shared/property-values.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("../shared/property-values.js").PropertyValue} PropertyValue */
/** @typedef {import("../shared/resource-provider.js").Resource} Resource */

/**
 * @typedef {object} BridgedType
 * @property {{[name: string]: "string" | "number" | "boolean" | "map"}} inputs
 * @property {string} required the input that has to be given
 * @property {PropertyMap} defaults of the inputs that state has in any case
 * @property {string[]} outputs the names of what is made
 * @property {string[]} secretOutputs
 * @property {number} [schemaVersion] that Terraform would keep with the state
 * @property {(inputs: PropertyMap) => Failures} [validate]
 * @property {(inputs: PropertyMap) => {id: string, outputs: PropertyMap}} make with defaults in place
 */
/** @typedef {{property: string, reason: string}[]} Failures */

/**
 * @param {BridgedType} type
 * @returns {Resource}
 */
function bridgedResource(type) {
  /**
   * @param {PropertyMap} inputs
   * @returns {PropertyMap} what state has of them
   */
  const settled = (inputs) => {
    const { number, numeric } = inputs;
    const both = numeric ?? number;
    /** @type {PropertyMap} */
    const aliases =
      both !== undefined && "numeric" in type.defaults ? { number: both, numeric: both } : {};
    return { ...type.defaults, ...inputs, ...aliases };
  };

  return {
    check(news) {
      const failures = findFailures(news, type);
      return { inputs: news, failures };
    },

    diff({ state, inputs, ignoreChanges }) {
      const next = settled(inputs);
      const changed = Object.keys(type.inputs).filter((name) => {
        if (ignoreChanges.includes(name)) return false;
        const before = withoutSecrets(state[name] ?? null);
        return !isDeepStrictEqual(before, withoutSecrets(next[name] ?? null));
      });
      return {
        changed: changed.length > 0,
        detailed: new Map(
          changed.map((name) => {
            const kind =
              state[name] === undefined ? "add" : next[name] === undefined ? "delete" : "update";
            return [name, `${kind}-replace`];
          }),
        ),
        diffs: changed,
        replaces: changed,
      };
    },

    async create(_operation, inputs, dryRun) {
      const values = settled(inputs);
      /** @type {PropertyMap} */
      const meta = type.schemaVersion
        ? { __meta: JSON.stringify({ schema_version: String(type.schemaVersion) }) }
        : {};
      if (dryRun) {
        const unknown = Object.fromEntries(type.outputs.map((name) => [name, new Unknown(false)]));
        return { id: "", state: { ...meta, ...values, id: new Unknown(false), ...unknown } };
      }
      const plain = /** @type {PropertyMap} */ (withoutSecrets(values));
      const { id, outputs } = type.make(plain);
      for (const name of type.secretOutputs) outputs[name] = makeSecret(outputs[name] ?? null);
      return { id, state: { ...meta, ...values, id, ...outputs } };
    },

    // Every change replaces, so there is nothing to update.
    update: async (_operation, state) => state,
    async delete() {
      // The resource exists only in the state.
    },
    read: (id, state, inputs) => ({ id, state, inputs }),
  };
}

/**
 * @param {PropertyMap} news
 * @param {BridgedType} type
 * @returns {Failures}
 */
function findFailures(news, type) {
  /** @type {Failures} */
  const failures = [];
  if (news[type.required] === undefined) {
    failures.push({ property: type.required, reason: "Missing a required property" });
  }
  for (const [name, value] of Object.entries(news)) {
    if (name.startsWith("__") || value instanceof Unknown) continue;
    const kind = type.inputs[name];
    if (!kind) {
      failures.push({ property: name, reason: "an unexpected argument was provided" });
      continue;
    }
    const plain = withoutSecrets(value);
    if (plain instanceof Unknown) continue;
    const fits =
      kind === "map" ? typeof plain === "object" && !Array.isArray(plain) : typeof plain === kind;
    if (!fits) failures.push({ property: name, reason: `expected a ${kind}` });
  }
  return failures.length > 0 ? failures : (type.validate?.(news) ?? []);
}

module.exports = { bridgedResource };
