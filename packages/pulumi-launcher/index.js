// @ts-check
"use strict";

const { optionValue, projectFolder } = require("./lib/command-line.js");
const { launch, usesEngine } = require("./lib/launch.js");
const { pulumiHome } = require("./lib/own-plugins.js");
const { say } = require("./lib/progress.js");

module.exports = { launch, optionValue, projectFolder, pulumiHome, say, usesEngine };
