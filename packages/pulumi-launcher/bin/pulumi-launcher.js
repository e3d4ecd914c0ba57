#!/usr/bin/env node
// @ts-check
"use strict";
// Pulumi's CLI, found or fetched, with its plugins and nothing besides.

require("../lib/start.js").start((args) => require("../lib/launch.js").launch(args));
