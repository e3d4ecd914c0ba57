// @ts-check
"use strict";
// The types of a resource's inputs, as data. They are used to find missing and unknown fields (with the error texts of the
// real providers), to fill in defaults and to mark secrets.

const { Secret, Unknown, isObject, makeSecret, mapObject } = require("./property-values.js");

/** @typedef {import("./property-values.js").PropertyValue} PropertyValue */
/** @typedef {import("./property-values.js").PropertyMap} PropertyMap */

/**
 * @typedef {object} Field
 * @property {ObjectType} [type] of a field that is an object; others hold anything
 * @property {boolean} [required] default false
 * @property {boolean} [secret] default false
 * @property {boolean} [replaceOnChanges] default false
 * @property {PropertyValue} [empty] its emptiest value; default ""
 * @property {PropertyValue} [defaultValue] filled in by Check if nothing is given
 */
/** @typedef {{name: string, fields: {[name: string]: Field}}} ObjectType */
/** @typedef {{property: string, reason: string}} Failure */

/**
 * Everything that is wrong with `values` as an object of this type. A value that isn't known yet is fine.
 * @param {PropertyMap} values
 * @param {ObjectType} type
 * @returns {Failure[]}
 */
function findFailures(values, type) {
  /** @type {Failure[]} */
  const failures = [];
  for (const [property, field] of Object.entries(type.fields)) {
    const value = values[property] ?? null;
    const inner = value instanceof Secret ? value.element : value;
    if (value === null && field.required) {
      const reason = `Missing required field '${property}' on '${type.name}'`;
      failures.push({ property, reason });
    } else if (field.type && isObject(inner)) {
      const [first] = findFailures(inner, field.type);
      if (first) failures.push({ property, reason: first.reason });
    }
  }
  for (const property of Object.keys(values)) {
    if (Object.hasOwn(type.fields, property)) continue;
    failures.push({ property, reason: `Unrecognized field '${property}' on '${type.name}'` });
  }
  return failures;
}

/**
 * The value with its defaults filled in, and with the secrets of its type marked, at any depth.
 * @param {PropertyMap} values
 * @param {ObjectType} type
 * @returns {PropertyMap}
 */
function completed(values, type) {
  const defaults = Object.entries(type.fields).filter(
    ([, field]) => field.defaultValue !== undefined,
  );
  const all = {
    ...Object.fromEntries(defaults.map(([name, field]) => [name, field.defaultValue ?? null])),
    ...values,
  };
  return mapObject(all, (value, name) => {
    const field = type.fields[name] ?? {};
    const marked = value instanceof Secret || (value instanceof Unknown && value.secret);
    const plain = value instanceof Secret ? value.element : marked ? emptyValue(field) : value;
    const whole = field.type && isObject(plain) ? completed(plain, field.type) : plain;
    return marked || field.secret ? makeSecret(whole) : whole;
  });
}

/**
 * The real provider loses that a secret isn't known yet, so a preview shows it as a change to an empty value.
 * @param {Field} field
 * @returns {PropertyValue}
 */
function emptyValue({ type, empty = "" }) {
  if (!type) return empty;
  const required = Object.entries(type.fields).filter(([, field]) => field.required);
  return Object.fromEntries(required.map(([name, field]) => [name, emptyValue(field)]));
}

module.exports = { completed, findFailures };
