// @ts-check
"use strict";
// What `pulumi` starts, as package.json says: the program, index.ts. There is no build, and an edit counts at once.

require("./register");

module.exports = require("../index.ts");
