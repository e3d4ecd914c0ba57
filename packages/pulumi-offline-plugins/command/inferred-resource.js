// @ts-check
"use strict";
// How pulumi-go-provider, which the real command provider is made with, turns create, update and
// delete functions into a resource: the rules for defaults, secrets, previews and replacements.

const { randomBytes } = require("node:crypto");
const { isDeepStrictEqual } = require("node:util");
const { diffProperties } = require("../shared/property-diff.js");
const { completed, findFailures } = require("../shared/property-types.js");
const { Unknown, withoutSecrets } = require("../shared/property-values.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("../shared/property-types.js").ObjectType} ObjectType */
/** @typedef {import("../shared/resource-provider.js").Resource} Resource */
/** @typedef {import("../shared/resource-provider.js").Operation} Operation */
/** @typedef {import("../shared/resource-provider.js").DiffKind} DiffKind */
/** @typedef {{stdout: string, stderr: string}} Output what a command printed, less its last newline */

/** What a preview says of a command that is going to run. */
const unknownOutput = { stdout: new Unknown(false), stderr: new Unknown(false) };

/**
 * @typedef {object} CommandType
 * @property {ObjectType} inputs
 * @property {(operation: Operation, command: string, inputs: PropertyMap, previous: Output) => Promise<Output>} run
 *   runs one command with inputs that have no markers; `previous` is empty strings on a create
 */

/**
 * @param {CommandType} type
 * @returns {Resource}
 */
function inferredResource({ inputs: inputType, run }) {
  return {
    check(news) {
      const failures = findFailures(news, inputType);
      return { inputs: failures.length > 0 ? news : completed(news, inputType), failures };
    },

    diff({ state, oldInputs, inputs, ignoreChanges }) {
      // The engine's own entries are not the resource's.
      const isOwn = (/** @type {string} */ key) => key !== "version" && !key.startsWith("__");
      const next = Object.fromEntries(
        Object.entries(withIgnored(inputs, state, ignoreChanges)).filter(([key]) => isOwn(key)),
      );
      const changes = diffProperties(oldInputs, next);
      /** @type {Map<string, DiffKind>} */
      const detailed = new Map();
      const diffs = new Set();
      const replaces = new Set();
      for (const [path, kind] of changes) {
        // As in the real provider, only a change of the whole property counts: for a change
        // inside of it the SDK asks the engine itself to replace.
        const replace = inputType.fields[path]?.replaceOnChanges === true;
        const name = path.replace(/^\["(.*?)"\].*$|[.[].*$/s, "$1") || path;
        diffs.add(name);
        if (replace) replaces.add(name);
        detailed.set(path, replace ? `${kind}-replace` : kind);
      }
      return {
        changed: changes.size > 0,
        detailed,
        diffs: [...diffs],
        replaces: [...replaces],
      };
    },

    async create(operation, inputs, dryRun) {
      const plain = plainOf(inputs);
      const id = operation.name + randomBytes(4).toString("hex");
      if (dryRun) {
        return { id, state: { ...inputs, ...unknownOutput } };
      }
      const create = plain["create"];
      const none = { stdout: "", stderr: "" };
      const output = typeof create === "string" ? await run(operation, create, plain, none) : none;
      return { id, state: { ...inputs, ...output } };
    },

    async update(operation, state, news, dryRun, ignoreChanges) {
      const previous = outputOf(plainOf(state));
      const inputs = withIgnored(news, state, ignoreChanges);
      const plain = plainOf(inputs);
      if (dryRun) return { ...inputs, ...previewOutput(previous, state, inputs, inputType) };
      const command = plain["update"] ?? plain["create"];
      const output =
        typeof command === "string" ? await run(operation, command, plain, previous) : previous;
      return { ...inputs, ...output };
    },

    async delete(operation, state) {
      const plain = plainOf(state);
      if (typeof plain["delete"] !== "string") return;
      await run(operation, plain["delete"], plain, outputOf(plain));
    },

    read: (id, state, inputs) => ({ id, state, inputs }),
  };
}

/**
 * @param {PropertyMap} values
 * @returns {PropertyMap} the values without markers
 */
function plainOf(values) {
  return /** @type {PropertyMap} */ (withoutSecrets(values));
}

/**
 * The inputs with the state's values for the properties whose changes are ignored.
 * @param {PropertyMap} inputs
 * @param {PropertyMap} state
 * @param {string[]} ignoreChanges
 * @returns {PropertyMap}
 */
function withIgnored(inputs, state, ignoreChanges) {
  const result = { ...inputs };
  for (const name of ignoreChanges) if (state[name] !== undefined) result[name] = state[name];
  return result;
}

/**
 * What a preview of an update knows of the output: the old one, unless an input that was there
 * before is changed or not known, because then the command will run again.
 * @param {Output} previous
 * @param {PropertyMap} state
 * @param {PropertyMap} inputs
 * @param {ObjectType} inputType
 * @returns {PropertyMap}
 */
function previewOutput(previous, state, inputs, inputType) {
  const changed = Object.keys(inputType.fields).some((name) => {
    if (inputs[name] instanceof Unknown) return true;
    return state[name] !== undefined && !isDeepStrictEqual(inputs[name], state[name]);
  });
  return changed ? { ...unknownOutput } : { ...previous };
}

/**
 * @param {PropertyMap} plain a state without markers
 * @returns {Output}
 */
function outputOf(plain) {
  const { stdout, stderr } = plain;
  return {
    stdout: typeof stdout === "string" ? stdout : "",
    stderr: typeof stderr === "string" ? stderr : "",
  };
}

module.exports = { inferredResource };
