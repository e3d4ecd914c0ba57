// @ts-check
"use strict";
// The offline plugins are a separate, optional package. The launcher looks for it only if Pulumi's own plugins are missing,
// and loads it only if they can't be installed.

/**
 * @typedef {object} Attached plugins that listen in this process
 * @property {{[name: string]: string}} variables by which the CLI finds them
 * @property {() => void} load loads them; otherwise the CLI's first connection does
 */
/**
 * @typedef {object} OfflinePlugins what the package exports
 * @property {(names: string[]) => Promise<Attached>} attachPlugins
 */

const packageName = "@greenpush/pulumi-offline-plugins";

/** @returns {OfflinePlugins | undefined} undefined if the package is not installed */
function findOfflinePlugins() {
  try {
    require.resolve(packageName);
  } catch {
    return undefined;
  }
  return require(packageName);
}

module.exports = { findOfflinePlugins, packageName };
