// @ts-check
"use strict";

const { randomBytes } = require("node:crypto");
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { root } = require("../setup/checkout");

/** The demo's folder. */
const folder = join(root, ".demo");
/** The demo's stack. */
const stack = "test";
/** The clone of the example application that the demo pushes from. */
const clone = join(folder, "codebase");

/**
 * Pulumi's settings for the demo: a home and a state of its own, so that a person's login and ~/.pulumi stay as they
 * are. `npx pulumi` in this checkout finds them by `environment.json`: see demo-stack.js.
 *
 * @returns {NodeJS.ProcessEnv}
 */
function environment() {
  const file = join(folder, "environment.json");
  if (!existsSync(file)) {
    for (const name of ["home", "state"]) mkdirSync(join(folder, name), { recursive: true });
    const passphrase = join(folder, "passphrase");
    writeFileSync(passphrase, randomBytes(24).toString("hex"), { mode: 0o600 });
    const own = {
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    writeFileSync(file, `${JSON.stringify({ stack, variables: own }, undefined, 2)}\n`);
  }
  return { ...process.env, ...JSON.parse(readFileSync(file, "utf8")).variables };
}

module.exports = { clone, environment, folder, stack };
