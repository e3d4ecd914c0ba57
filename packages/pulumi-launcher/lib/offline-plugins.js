// @ts-check
"use strict";
// The offline plugins are a package of their own that need not be there. It is looked for only where Pulumi's own
// plugins are not, and loaded only where they can't be had.

/**
 * @typedef {object} Attached plugins that listen in this process
 * @property {{[name: string]: string}} variables by which the CLI finds them
 * @property {() => void} load loads them, which else the CLI's first connection does
 */
/**
 * @typedef {object} OfflinePlugins what the package exports
 * @property {(names: string[]) => Promise<Attached>} attachPlugins
 */

const packageName = "@greenpush/pulumi-offline-plugins";

/** @returns {OfflinePlugins | undefined} undefined where the package is not installed */
function findOfflinePlugins() {
  try {
    require.resolve(packageName);
  } catch {
    return undefined;
  }
  return require(packageName);
}

module.exports = { findOfflinePlugins, packageName };
