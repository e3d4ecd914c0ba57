// @ts-check
"use strict";

const { createHash } = require("node:crypto");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { installPackages, packagesOfMissingPrograms } = require("./apt-packages");
const { run } = require("./command");
const { step } = require("./console");

/** The folder of this checkout. */
const root = join(__dirname, "..");

/** Install the npm packages of the lock file, unless they are there. */
async function installNpmPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const mark = join(root, "node_modules", ".greenpush-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  await step("installs the npm packages", () =>
    run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root }),
  );
  writeFileSync(mark, lock);
}

/** Fetch the Pulumi CLI and what it needs. */
async function fetchPulumi() {
  await run(process.execPath, [join(root, "packages", "pulumi-launcher", "bin", "fetch.js")], {
    cwd: root,
    shown: true,
  });
}

/** The missing Debian packages that a test server, and a push to it, need here. */
async function missingPackages() {
  const own = packagesOfMissingPrograms({
    git: "git",
    ssh: "openssh-client",
    "ssh-keygen": "openssh-client",
  });
  const printed = await run("sh", [join(root, "test-server", "test-server.sh"), "packages"]);
  return [...own, ...printed.split(/\s+/).filter(Boolean)];
}

/**
 * Set up all that a test server and `pulumi` need, starting from a fresh clone.
 *
 * @param {string[]} [packages] further Debian packages that are missing
 */
async function setUp(packages = []) {
  await installPackages([...new Set([...(await missingPackages()), ...packages])]);
  await installNpmPackages();
  await fetchPulumi();
}

module.exports = { root, setUp };
