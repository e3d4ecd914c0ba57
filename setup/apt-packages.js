// @ts-check
"use strict";

const { spawnSync } = require("node:child_process");
const { run } = require("./command");
const { step, SetupError } = require("./console");

/**
 * Install missing Debian packages on this machine, if this account may; say which.
 *
 * @param {string[]} missing names of packages that are missing
 * @throws {SetupError} with the exact command, if they can't be installed
 */
async function installPackages(missing) {
  if (missing.length === 0) return;
  const words = ["apt-get", "install", "-y", "--no-install-recommends", ...missing];
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const may = prefix.length === 0 || spawnSync("sudo", ["-n", "true"]).status === 0;
  if (!may) {
    throw new SetupError(
      `Debian packages are missing here. Install them, then run this again:\n  sudo apt-get update && sudo ${words.join(" ")}`,
    );
  }
  await step(`installs Debian packages: ${missing.join(" ")}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (/** @type {string[]} */ ...rest) => {
      const [command, ...others] = [
        ...prefix,
        "apt-get",
        "-q",
        "-o",
        "DPkg::Lock::Timeout=300",
        ...rest,
      ];
      return run(String(command), others, { env });
    };
    await apt("update");
    await apt(...words.slice(1));
  });
}

/**
 * The packages whose program is not on PATH.
 *
 * @param {Record<string, string>} programs the package of each program
 * @returns {string[]}
 */
function packagesOfMissingPrograms(programs) {
  const path = (process.env["PATH"] ?? "").split(":").concat("/usr/sbin", "/sbin");
  const { existsSync } = require("node:fs");
  const { join } = require("node:path");
  const missing = Object.entries(programs).filter(
    ([program]) => !path.some((folder) => existsSync(join(folder, program))),
  );
  return [...new Set(missing.map(([, name]) => name))];
}

module.exports = { installPackages, packagesOfMissingPrograms };
