// @ts-check
"use strict";

const { createHash } = require("node:crypto");
const { existsSync, lstatSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { installPackages, packagesOfMissingPrograms } = require("./apt-packages");
const { run } = require("./command");
const { SetupError, step } = require("./console");

/** The folder of this checkout. */
const root = join(__dirname, "..");

/**
 * Install the npm packages of a checkout's lock file, unless they are there.
 *
 * @throws SetupError where that would empty another checkout's
 */
async function installNpmPackages(folder = root) {
  const lock = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  const mark = join(folder, "node_modules", ".greenpush-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  const packages = lstatSync(join(folder, "node_modules"), { throwIfNoEntry: false });
  if (packages?.isSymbolicLink() === true)
    throw new SetupError(
      "node_modules is a link, and what it leads to is not of this package-lock.json. `npm ci` would empty it: run that there, or remove the link.",
    );
  await step("installs the npm packages", () =>
    run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder }),
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

module.exports = { installNpmPackages, root, setUp };
