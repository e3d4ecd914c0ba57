#!/usr/bin/env node
// @ts-check
"use strict";
// `npx pulumi`: Pulumi's CLI, with what Greenpush prints and does before and after it.

const { start } = require("@greenpush/pulumi-launcher/lib/start.js");

start(async (args) => {
  const { launch, usesEngine } = require("@greenpush/pulumi-launcher");
  const { useDemoStack } = require("../demo/demo-stack.js");
  const { removeStaleLocks } = require("./stale-lock.js");
  const { sayBeforeDestroy } = require("./before-destroy.js");
  const { awaitLastWords } = require("./last-words.js");

  useDemoStack(args);
  await launch(args, (cli) => {
    sayBeforeDestroy(cli, args);
    if (!usesEngine(args)) return undefined;
    removeStaleLocks();
    return awaitLastWords();
  });
});
