// @ts-check
"use strict";
// Which plugins come from Pulumi and which from the offline plugins. Pulumi's own always win.

const path = require("node:path");
const { cacheFolder, readNotes, writeNote } = require("./cache.js");
const { findOfflinePlugins, packageName } = require("./offline-plugins.js");
const { besideCli, findResourcePlugin, hasLanguageHost, pulumiHome } = require("./own-plugins.js");
const { resourcePlugins } = require("./versions.js");

/** @typedef {"auto" | "always" | "never"} Mode */

const notesFile = "plugins.json";
/** How long to wait before a failed installation of Pulumi's plugins is tried again. */
const retryAfterMs = 24 * 60 * 60 * 1000;
const installStallSeconds = Number(process.env["GREENPUSH_STALL_SECONDS"]) || 20;

/**
 * @typedef {object} PluginChoice
 * @property {string[]} pathFolders to add at the end of the CLI's PATH
 * @property {() => Promise<import("./offline-plugins.js").Attached>} [attach] if offline plugins are needed
 */

/** @returns {Mode} */
function mode() {
  const value = process.env["GREENPUSH_OFFLINE_PLUGINS"] || "auto";
  if (value === "auto" || value === "always" || value === "never") return value;
  throw new Error(`GREENPUSH_OFFLINE_PLUGINS is "${value}"; it has to be auto, always or never`);
}

/**
 * @param {string} cli
 * @param {boolean} needsResourcePlugins whether the command is one that loads them
 * @returns {Promise<PluginChoice>}
 */
async function choosePlugins(cli, needsResourcePlugins) {
  /** @type {PluginChoice} */
  const choice = { pathFolders: [] };
  const chosen = mode();
  if (chosen === "never") return choice;
  /** @type {string[]} */
  let missing = [];
  if (needsResourcePlugins && chosen === "always") missing = Object.keys(resourcePlugins);
  if (needsResourcePlugins && chosen === "auto") {
    for (const [name, version] of Object.entries(resourcePlugins)) {
      const found = findResourcePlugin(cli, name, version);
      if (found === "missing") missing.push(name);
      if (found === "beside-cli") choice.pathFolders.push(besideCli(cli));
    }
    const failed = await Promise.all(missing.map((name) => installFails(cli, name)));
    missing = missing.filter((_, i) => failed[i]);
  }
  const names = hasLanguageHost(cli) ? missing : ["nodejs", ...missing];
  const offlinePlugins = names.length > 0 ? findOfflinePlugins() : undefined;
  if (chosen === "always" && missing.length > 0 && !offlinePlugins)
    throw new Error(`GREENPUSH_OFFLINE_PLUGINS is "always", but ${packageName} is not installed`);
  if (chosen === "auto" && missing.length > 0) tellOnce(missing, offlinePlugins !== undefined);
  if (offlinePlugins) choice.attach = () => offlinePlugins.attachPlugins(names);
  return choice;
}

/**
 * Installs Pulumi's own plugin, unless that failed a short time ago.
 * @param {string} cli
 * @param {string} name
 * @returns {Promise<boolean>} whether there is no plugin now
 */
async function installFails(cli, name) {
  const version = resourcePlugins[name];
  const key = `${name} ${version}`;
  const failedAt = readNotes(notesFile)[key];
  if (typeof failedAt === "number" && Date.now() - failedAt < retryAfterMs) return true;
  const { runGuarded } = require("./guarded-command.js");
  const { Progress } = require("./progress.js");
  const progress = new Progress(`installing Pulumi's ${name} plugin ${version}`);
  const { code } = await runGuarded([cli, "plugin", "install", "resource", name, version], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stall: { folders: [path.join(pulumiHome(), "plugins")], seconds: installStallSeconds },
  });
  progress.finish(code === 0 ? "done" : "out of reach");
  if (code !== 0) writeNote(notesFile, key, Date.now());
  return code !== 0;
}

/**
 * @param {string[]} names
 * @param {boolean} replaced whether offline plugins take their place
 */
function tellOnce(names, replaced) {
  const list = names.join(", ");
  const key = replaced ? `told about ${list}` : `told about ${list} without offline plugins`;
  if (readNotes(notesFile)[key]) return;
  const { say } = require("./progress.js");
  const file = path.join(cacheFolder(), notesFile);
  const offline = replaced
    ? "offline plugins take their place (packages/pulumi-offline-plugins)"
    : `${packageName}, which takes their place, is not installed`;
  say(
    `Pulumi's own plugins (${list}) are out of reach: ${offline}; ` +
      `they are looked for again after a day, or when ${file} is deleted`,
  );
  writeNote(notesFile, key, true);
}

module.exports = { choosePlugins };
