// @ts-check
"use strict";
// Whether Pulumi's own plugins are there: where the engine finds them, or would find them with another PATH.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { findAllOnPath, isExecutable } = require("./path-search.js");
const { isCompatible } = require("./versions.js");

/** @returns {string} Pulumi's own folder */
function pulumiHome() {
  return process.env["PULUMI_HOME"] || path.join(os.homedir(), ".pulumi");
}

/**
 * @param {string} cli
 * @returns {boolean} whether the engine finds a Node.js language host
 */
function hasLanguageHost(cli) {
  const name = "pulumi-language-nodejs";
  const beside = path.join(besideCli(cli), name);
  if (isExecutable(beside)) return !isFormerScript(beside);
  return findAllOnPath(name).length > 0;
}

/**
 * @param {string} file
 * @returns {boolean} whether it is not a language host, but what earlier versions put beside a CLI that they built
 */
function isFormerScript(file) {
  const isSmall = fs.statSync(file).size < 1000;
  return isSmall && fs.readFileSync(file, "utf8").includes("GREENPUSH_LANGUAGE_HOST");
}

/**
 * @param {string} cli
 * @param {string} name
 * @param {string} version the oldest that is new enough
 * @returns {"found" | "beside-cli" | "missing"} "beside-cli": found once that folder is on PATH
 */
function findResourcePlugin(cli, name, version) {
  const file = `pulumi-resource-${name}`;
  if (findAllOnPath(file).length > 0) return "found";
  if (debugProviders().includes(name)) return "found";
  if (installedVersions(name).some((installed) => isCompatible(installed, version))) return "found";
  return isExecutable(path.join(besideCli(cli), file)) ? "beside-cli" : "missing";
}

/** @param {string} cli */
function besideCli(cli) {
  return path.dirname(fs.realpathSync(cli));
}

/** @returns {string[]} the providers that the user has the engine attach to */
function debugProviders() {
  const list = process.env["PULUMI_DEBUG_PROVIDERS"] ?? "";
  return list.split(",").map((entry) => entry.split(":")[0] ?? "");
}

/**
 * @param {string} name
 * @returns {string[]} versions in Pulumi's own plugin folder
 */
function installedVersions(name) {
  const prefix = `resource-${name}-v`;
  try {
    const entries = fs.readdirSync(path.join(pulumiHome(), "plugins"));
    // A running installation has a lock file or a ".partial" file beside its folder.
    return entries
      .filter((entry) => entry.startsWith(prefix) && !entries.includes(`${entry}.partial`))
      .map((entry) => entry.slice(prefix.length))
      .filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  } catch {
    return [];
  }
}

module.exports = { besideCli, findResourcePlugin, hasLanguageHost, pulumiHome };
