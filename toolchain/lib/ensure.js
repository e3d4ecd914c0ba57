// @ts-check
"use strict";
// For other scripts: everything that the first `pulumi up` would have to fetch, fetched now.

const { ensureCli } = require("./cli.js");
const { choosePlugins } = require("./plugins.js");

/**
 * Makes sure that a CLI and plugins are there. On a computer that has never had one this can take
 * 10 minutes; else next to nothing.
 * @returns {Promise<string>} the path of the CLI. Scripts start `npx pulumi` all the same, since a
 *   CLI by itself doesn't find stand-ins
 * @throws {Error} with what to do, when there is no way to get a CLI
 */
async function ensureToolchain() {
  const cli = await ensureCli();
  await choosePlugins(cli, true);
  return cli;
}

module.exports = { ensureToolchain };
