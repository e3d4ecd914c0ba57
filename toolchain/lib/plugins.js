// @ts-check
"use strict";
// Which plugins come from Pulumi and which are stood in for. Pulumi's own always win.

const path = require("node:path");
const { cacheFolder, readNotes, writeNote } = require("./cache.js");
const { besideCli, findLanguageHost, findResourcePlugin, pulumiHome } = require("./own-plugins.js");
const { resourcePlugins } = require("./versions.js");

/** @typedef {"auto" | "always" | "never"} Mode */
/** @typedef {keyof typeof resourcePlugins} ResourcePlugin */

const notesFile = "plugins.json";
/** For how long an official installation that failed is not tried again. */
const retryAfterMs = 24 * 60 * 60 * 1000;
const installStallSeconds = Number(process.env["GREENPUSH_STALL_SECONDS"]) || 20;
const standInsFolder = path.join(__dirname, "..", "stand-ins");

/**
 * @typedef {object} PluginChoice
 * @property {string[]} pathFolders to add at the end of the CLI's PATH
 * @property {import("./attached-stand-ins.js").StandIn[]} standIns the plugins to stand in for
 */

/** @returns {Mode} */
function mode() {
  const value = process.env["GREENPUSH_STAND_INS"] || "auto";
  if (value === "auto" || value === "always" || value === "never") return value;
  throw new Error(`GREENPUSH_STAND_INS is "${value}"; it has to be auto, always or never`);
}

/**
 * @param {string} cli
 * @param {boolean} needsResourcePlugins whether the command is one that loads them
 * @returns {Promise<PluginChoice>}
 */
async function choosePlugins(cli, needsResourcePlugins) {
  /** @type {PluginChoice} */
  const choice = { pathFolders: [], standIns: [] };
  const chosen = mode();
  if (chosen === "never") return choice;
  const languageHost = findLanguageHost(cli);
  if (languageHost === "missing") {
    choice.pathFolders.push(path.join(standInsFolder, "language-nodejs"));
  }
  if (!needsResourcePlugins) return choice;

  /** @type {ResourcePlugin[]} */
  const missing = [];
  for (const name of /** @type {ResourcePlugin[]} */ (Object.keys(resourcePlugins))) {
    const found =
      chosen === "always" ? "missing" : findResourcePlugin(cli, name, resourcePlugins[name]);
    if (found === "missing") missing.push(name);
    if (found === "beside-cli") choice.pathFolders.push(besideCli(cli));
  }
  let providers = missing;
  if (chosen !== "always") {
    const failed = await Promise.all(missing.map((name) => installFails(cli, name)));
    providers = missing.filter((_, i) => failed[i]);
  }
  if (providers.length > 0) tellOnce(providers);
  choice.standIns = languageHost === "found" ? providers : ["nodejs", ...providers];
  return choice;
}

/**
 * Installs Pulumi's own plugin, unless that failed a short time ago.
 * @param {string} cli
 * @param {ResourcePlugin} name
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

/** @param {ResourcePlugin[]} names */
function tellOnce(names) {
  const key = `told about ${names.join(", ")}`;
  if (readNotes(notesFile)[key]) return;
  const { say } = require("./progress.js");
  const file = path.join(cacheFolder(), notesFile);
  say(
    `Pulumi's own plugins (${names.join(", ")}) are out of reach: stand-ins take their place ` +
      `(toolchain/README.md; they are looked for again after a day, or when ${file} is deleted)`,
  );
  writeNote(notesFile, key, true);
}

module.exports = { choosePlugins, standInsFolder };
