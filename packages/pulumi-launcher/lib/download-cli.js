// @ts-check
"use strict";
// The official download of the CLI and its language hosts, by Pulumi's own npm package. It is no
// dependency of this one: both have a program named pulumi, and npm would install that one's.

const fs = require("node:fs");
const path = require("node:path");
const { cachedCli } = require("./cache.js");
const { runGuarded } = require("./guarded-command.js");
const { isExecutable } = require("./path-search.js");
const { Progress } = require("./progress.js");
const { cliVersion } = require("./versions.js");
const { makeWorkFolder, putInPlace, removeFolder } = require("./work-folder.js");

/** How long a download may stall. A network that drops packets would stall it forever. */
const stallSeconds = Number(process.env["GREENPUSH_STALL_SECONDS"]) || 20;

/**
 * Downloads into the cache.
 * @returns {Promise<string | undefined>} why it failed, if it did
 */
async function downloadCli() {
  const folder = makeWorkFolder();
  const progress = new Progress(`downloading Pulumi ${cliVersion}`);
  try {
    const temporary = path.join(folder, "tmp");
    fs.mkdirSync(temporary);
    // Pulumi's launcher installs below PULUMI_HOME. A folder of our own leaves the user's alone, and an
    // interrupted download never counts as a whole one.
    const env = {
      ...withoutNpmProject(process.env),
      PULUMI_HOME: folder,
      PULUMI_VERSION: cliVersion,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      TMPDIR: temporary,
    };
    const launcher = ["npm", "exec", "--yes", `--package=pulumi@${cliVersion}`, "--"];
    const { code, output, stalled } = await runGuarded([...launcher, "pulumi", "version"], {
      env,
      cwd: folder,
      stall: { folders: [folder], seconds: stallSeconds },
    });
    const installed = path.join(folder, "versions", cliVersion);
    if (code !== 0 || !isExecutable(path.join(installed, "bin", "pulumi"))) {
      const last = output.trim().split("\n").at(-1) ?? "";
      const why = stalled ? `nothing came for ${stallSeconds} s` : last;
      progress.finish(`failed (${why})`);
      return why;
    }
    putInPlace(installed, path.dirname(path.dirname(cachedCli())));
    progress.finish("done");
    return undefined;
  } finally {
    removeFolder(folder);
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv} without what an npx around this process says about the checkout
 */
function withoutNpmProject(env) {
  const about = /^(npm_(package|lifecycle|config_local_prefix|command)|INIT_CWD$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !about.test(name)));
}

module.exports = { downloadCli };
