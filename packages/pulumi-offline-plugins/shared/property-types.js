// @ts-check
"use strict";
// The types of a resource's inputs, as data, and what is done by them: reading values (with the
// error texts of the real providers), filling in defaults, marking secrets.

const { Secret, Unknown, isObject, makeSecret, mapObject } = require("./property-values.js");

/** @typedef {import("./property-values.js").PropertyValue} PropertyValue */
/** @typedef {import("./property-values.js").PropertyMap} PropertyMap */

/**
 * @typedef {object} Field
 * @property {Type} type
 * @property {boolean} [required] default false
 * @property {boolean} [secret] default false
 * @property {boolean} [replaceOnChanges] default false
 * @property {PropertyValue} [defaultValue] filled in by Check where nothing is given
 */
/** @typedef {{kind: "object", goName: string, fields: {[name: string]: Field}}} ObjectType */
/** @typedef {{kind: "string" | "bool" | "number" | "int", goName?: string}} ScalarType */
/** @typedef {{kind: "array" | "map", element: Type}} CollectionType */
/** @typedef {{kind: "any"} | ScalarType | CollectionType | ObjectType} Type */
/** @typedef {{property: string, reason: string}} Failure */

/**
 * Everything that is wrong with `values` as an object of this type, in the words of the real ones.
 * What isn't known yet is right.
 * @param {PropertyMap} values
 * @param {ObjectType} type
 * @returns {Failure[]}
 */
function findFailures(values, type) {
  /** @type {Failure[]} */
  const failures = [];
  for (const [name, field] of Object.entries(type.fields)) {
    const value = values[name];
    if (value === undefined || value === null) {
      if (field.required) {
        const reason = `Missing required field '${name}' on '${type.goName}'`;
        failures.push({ property: name, reason });
      }
      continue;
    }
    const failure = findFailure(value, field.type, type.goName, name);
    if (failure) failures.push(failure);
  }
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(type.fields, name)) {
      const reason = `Unrecognized field '${name}' on '${type.goName}'`;
      failures.push({ property: name, reason });
    }
  }
  return failures;
}

/**
 * @param {PropertyValue} value
 * @param {Type} type
 * @param {string} owner the name of the type that the field belongs to
 * @param {string} key the field, with an index where it is inside a collection
 * @returns {Failure | undefined}
 */
function findFailure(value, type, owner, key) {
  if (value instanceof Secret) return findFailure(value.element, type, owner, key);
  if (value instanceof Unknown || type.kind === "any") return undefined;
  if (type.kind === "array" && Array.isArray(value)) {
    for (const [i, element] of value.entries()) {
      const failure = findFailure(element, type.element, owner, `${key}[${i}]`);
      if (failure) return failure;
    }
    return undefined;
  }
  if (type.kind === "map" && isObject(value)) {
    for (const [name, element] of Object.entries(value)) {
      const failure = findFailure(element, type.element, owner, `${key}[${name}] value`);
      if (failure) return failure;
    }
    return undefined;
  }
  if (type.kind === "object" && isObject(value)) {
    const failures = findFailures(value, type);
    if (failures.length === 0) return undefined;
    const at = `${owner.replace(/^.*\./, "")}.${key}`;
    const reason = `An error occurred decoding '${at}': ${failuresText(failures)}`;
    return { property: key, reason };
  }
  if (isObject(value)) {
    const at = `${owner.replace(/^.*\./, "")}.${key}`;
    const why = `Cannot decode Object{} to type ${goType(type)}; it isn't a struct, and no custom decoder exists`;
    return { property: key, reason: `An error occurred decoding '${at}': ${why}` };
  }
  const fits =
    (type.kind === "string" && typeof value === "string") ||
    (type.kind === "bool" && typeof value === "boolean") ||
    ((type.kind === "number" || type.kind === "int") && typeof value === "number");
  if (fits) return undefined;
  const got = Array.isArray(value)
    ? "[]interface {}"
    : typeof value === "number"
      ? "float64"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;
  const reason = `Field '${key}' on '${owner}' must be a '${goType(type)}'; got '${got}' instead`;
  return { property: key, reason };
}

/**
 * @param {Failure[]} failures at least one
 * @returns {string} the text of the error that has all of them
 */
function failuresText(failures) {
  const lines = failures.map(({ property, reason }) => `\n\t${property}: ${reason}`);
  return `${failures.length} failures decoding:${lines.join("")}`;
}

/**
 * @param {Type} type
 * @returns {string} the name that a Go program prints for it
 */
function goType(type) {
  switch (type.kind) {
    case "any":
      return "interface {}";
    case "number":
      return "float64";
    case "array":
      return `[]${goType(type.element)}`;
    case "map":
      return `map[string]${goType(type.element)}`;
    case "object":
      return type.goName;
    default:
      return type.goName ?? type.kind;
  }
}

/**
 * The values with every default in place, whole numbers made whole, at any depth; secrets and
 * unknown values stay what they are.
 * @template {PropertyValue} V
 * @param {V} value
 * @param {Type} type
 * @returns {V}
 */
function withDefaults(value, type) {
  return /** @type {V} */ (applyDefaults(value, type));
}

/**
 * @param {PropertyValue} value
 * @param {Type} type
 * @returns {PropertyValue}
 */
function applyDefaults(value, type) {
  if (value instanceof Secret) return new Secret(applyDefaults(value.element, type));
  if (type.kind === "int" && typeof value === "number") return Math.trunc(value);
  if (type.kind !== "object" || !isObject(value)) return value;
  const result = mapObject(value, (entry, name) => {
    const field = type.fields[name];
    return field ? applyDefaults(entry, field.type) : entry;
  });
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.defaultValue !== undefined && result[name] === undefined) {
      result[name] = field.defaultValue;
    }
  }
  return result;
}

/**
 * The values with everything marked as secret that its type says is secret.
 * @param {PropertyMap} values
 * @param {ObjectType} type
 * @returns {PropertyMap}
 */
function withSecrets(values, type) {
  return mapObject(values, (value, name) => {
    const field = type.fields[name];
    if (!field) return value;
    const inner = applySecrets(value, field.type);
    return field.secret ? makeSecret(inner) : inner;
  });
}

/**
 * @param {PropertyValue} value
 * @param {Type} type
 * @returns {PropertyValue}
 */
function applySecrets(value, type) {
  // The real provider forgets here that such a value isn't known yet, so a preview shows it empty.
  if (value instanceof Unknown && value.secret) {
    return new Secret(applySecrets(applyDefaults(zeroValue(type), type), type));
  }
  if (value instanceof Secret) return new Secret(applySecrets(value.element, type));
  if (type.kind === "object" && isObject(value)) return withSecrets(value, type);
  return value;
}

/**
 * @param {Type} type
 * @returns {PropertyValue} the emptiest value of the type
 */
function zeroValue(type) {
  switch (type.kind) {
    case "bool":
      return false;
    case "number":
    case "int":
      return 0;
    case "array":
      return [];
    case "map":
      return {};
    case "object": {
      const required = Object.entries(type.fields).filter(([, field]) => field.required);
      return Object.fromEntries(required.map(([name, field]) => [name, zeroValue(field.type)]));
    }
    default:
      return "";
  }
}

module.exports = { failuresText, findFailures, withDefaults, withSecrets };
