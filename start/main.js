// @ts-check
"use strict";
// What `pulumi` starts, as package.json says: the program, index.ts. There is no build, and an edit counts at once.

const { loadLazily } = require("./lazy-packages");
const { showOwnFrames } = require("./stack-traces");
const { loadTypeScript } = require("./typescript");

// Pulumi's SDK loads both to carry functions over to where they run, which this program never does: half a second.
loadLazily(["typescript", "@npmcli/arborist"]);
loadTypeScript();
showOwnFrames();

module.exports = require("../index.ts");
