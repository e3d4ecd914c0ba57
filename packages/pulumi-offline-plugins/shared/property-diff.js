// @ts-check
"use strict";
// What changed between two sets of properties, as the paths and kinds of a detailed diff.

const { isDeepStrictEqual } = require("node:util");
const { Unknown, isObject, pathToString } = require("./property-values.js");

/** @typedef {import("./property-values.js").PropertyValue} PropertyValue */
/** @typedef {import("./property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("./property-values.js").PathElement} PathElement */
/** @typedef {"add" | "delete" | "update"} ChangeKind */

/**
 * The changes from `old` to `next`: property path → kind. Arrays are compared index by index and
 * objects key by key; whatever isn't known yet in `next` under a key both have counts as changed.
 * @param {PropertyMap} old
 * @param {PropertyMap} next
 * @returns {Map<string, ChangeKind>} empty when nothing changed
 */
function diffProperties(old, next) {
  /** @type {Map<string, ChangeKind>} */
  const changes = new Map();
  diffObjects(old, next, [], changes);
  return changes;
}

/**
 * @param {PropertyMap} old
 * @param {PropertyMap} next
 * @param {PathElement[]} path
 * @param {Map<string, ChangeKind>} changes
 */
function diffObjects(old, next, path, changes) {
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    diffValues(old[key] ?? null, next[key] ?? null, [...path, key], changes);
  }
}

/**
 * @param {PropertyValue} old
 * @param {PropertyValue} next
 * @param {PathElement[]} path
 * @param {Map<string, ChangeKind>} changes
 */
function diffValues(old, next, path, changes) {
  if (Array.isArray(old) && Array.isArray(next)) {
    for (let i = 0; i < Math.max(old.length, next.length); i++) {
      const element = [...path, i];
      if (i >= old.length) changes.set(pathToString(element), "add");
      else if (i >= next.length) changes.set(pathToString(element), "delete");
      else diffValues(old[i] ?? null, next[i] ?? null, element, changes);
    }
  } else if (isObject(old) && isObject(next)) {
    diffObjects(old, next, path, changes);
  } else if (next instanceof Unknown && next.secret) {
    // A secret that isn't known yet is an output value, whose difference the real one ignores.
  } else if (!isDeepStrictEqual(old, next)) {
    const kind = old === null ? "add" : next === null ? "delete" : "update";
    changes.set(pathToString(path), kind);
  }
}

module.exports = { diffProperties };
