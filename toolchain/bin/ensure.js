#!/usr/bin/env node
// @ts-check
"use strict";
// Makes sure that everything `pulumi` needs is there. Prints nothing but progress, on stderr.

const { ensureToolchain } = require("../lib/ensure.js");

ensureToolchain().catch((/** @type {unknown} */ error) => {
  process.stderr.write(`greenpush: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
