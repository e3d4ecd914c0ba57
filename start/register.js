// @ts-check
"use strict";
// Loaded before anything else (`node --require ./start/register.js FILE`): a .ts file is then loaded as the program is.

const { loadLazily } = require("./lazy-packages");
const { showOwnFrames } = require("./stack-traces");
const { loadTypeScript } = require("./typescript");

// Pulumi's SDK loads both to carry functions over to where they run, which this program never does: half a second.
loadLazily(["typescript", "@npmcli/arborist"]);
loadTypeScript();
showOwnFrames();
