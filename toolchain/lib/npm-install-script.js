// @ts-check
"use strict";
// The install scripts of Pulumi's npm packages run `pulumi plugin install` where there is a
// `pulumi`, and within `npm install` that is this one. It must not start a download there.

const lifecycleScripts = new Set(["preinstall", "install", "postinstall", "prepare"]);

/** @returns {boolean} whether this process was started by the install script of a package */
function isInInstallScript() {
  return lifecycleScripts.has(process.env["npm_lifecycle_event"] ?? "");
}

module.exports = { isInInstallScript };
