// @ts-check
"use strict";

// `npm run demo:down`: destroy what `npm run demo` made, then forget it.

const { existsSync, rmSync } = require("node:fs");
const { join } = require("node:path");
const { root } = require("../setup/checkout");
const { run } = require("../setup/command");
const { step, SetupError } = require("../setup/console");
const { environment, folder, stack } = require("./environment");

async function main() {
  if (!existsSync(join(folder, "environment.json"))) {
    process.stdout.write("There is no demo here.\n");
    return;
  }
  const env = environment();
  const pulumi = (/** @type {string[]} */ ...words) =>
    run(process.execPath, [join(root, "cli", "pulumi.js"), ...words], {
      cwd: root,
      env,
    });
  const stacks = JSON.parse(await pulumi("stack", "ls", "--json"));
  if (stacks.some((/** @type {{name: string}} */ each) => each.name === stack)) {
    await step(`pulumi destroy --stack ${stack}`, () =>
      pulumi(
        "destroy",
        "--stack",
        stack,
        "--yes",
        "--skip-preview",
        "--non-interactive",
        "--remove",
      ),
    );
  }
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write("The demo is gone: container, state and clone.\n");
}

main().catch((error) => {
  process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
