// @ts-check
"use strict";
// Packages that are loaded when the program uses them, and not when it requires them.

const Module = require("node:module");

/**
 * Load packages lazily whose callers use only members of them (`ts.createProgram`, `arborist.Arborist`).
 *
 * @param {string[]} names as `@pulumi/pulumi` requires them; one that it doesn't find is left out
 */
function loadLazily(names) {
  const requireOfPulumi = Module.createRequire(require.resolve("@pulumi/pulumi"));
  for (const name of names) {
    const file = resolve(requireOfPulumi, name);
    if (file === undefined || require.cache[file]) continue;
    const stand = Object.assign(new Module(file), { filename: file, loaded: true });
    stand.exports = new Proxy(
      {},
      {
        get: (_, member) => {
          // Compiled imports ask for it first, and copy all members of a module that says no.
          if (member === "__esModule") return true;
          if (require.cache[file] === stand) require.cache[file] = undefined;
          return requireOfPulumi(file)[member];
        },
      },
    );
    require.cache[file] = stand;
  }
}

/** @param {NodeJS.Require} from @param {string} name */
function resolve(from, name) {
  try {
    return from.resolve(name);
  } catch {
    return undefined;
  }
}

module.exports = { loadLazily };
