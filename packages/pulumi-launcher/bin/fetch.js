#!/usr/bin/env node
// @ts-check
"use strict";
// Fetches everything that the first `pulumi up` would have to fetch. Prints nothing but progress, on stderr.

require("../lib/start.js").start(async () => {
  const { ensureCli } = require("../lib/cli.js");
  const { choosePlugins } = require("../lib/plugins.js");
  await choosePlugins(await ensureCli(), true);
});
