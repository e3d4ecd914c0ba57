// `npm run test:without-offline-plugins`: the program on Pulumi's own parts, in a checkout where the folder
// packages/pulumi-offline-plugins was deleted. GREENPUSH_REAL_PARTS names the folder with `pulumi`,
// `pulumi-language-nodejs` and `pulumi-resource-command`. A site's secret key needs `pulumi-resource-random` too. If that
// folder does not have it, this process serves the offline one, and Pulumi attaches to that alone.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join, resolve } from "node:path";
import { it } from "node:test";
import { copyCheckout } from "../testing/checkout";
import { runWell } from "../testing/run";
import { Stack } from "../testing/stack";

const root = join(__dirname, "..");
const offlinePlugins = "packages/pulumi-offline-plugins";

/** A copy of this checkout without the offline plugins, whose `npx pulumi` is its own. */
async function checkoutWithout(): Promise<string> {
  const copy = await copyCheckout();
  rmSync(join(copy, offlinePlugins), { recursive: true, force: true });
  const modules = join(copy, "node_modules");
  rmSync(modules);
  mkdirSync(join(modules, "@greenpush"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules")))
    if (name !== "@greenpush") symlinkSync(join(root, "node_modules", name), join(modules, name));
  symlinkSync(join(copy, "cli"), join(modules, "@greenpush", "cli"));
  symlinkSync(
    join(copy, "packages", "pulumi-launcher"),
    join(modules, "@greenpush", "pulumi-launcher"),
  );
  return copy;
}

/** The variables by which Pulumi attaches to this checkout's offline random provider. */
async function offlineRandom(): Promise<Record<string, string>> {
  const { attachPlugins } = createRequire(__filename)(join(root, offlinePlugins)) as {
    attachPlugins: (names: string[]) => Promise<{ variables: Record<string, string> }>;
  };
  return (await attachPlugins(["random"])).variables;
}

const folder = process.env["GREENPUSH_REAL_PARTS"];
if (!folder) {
  console.error(
    "Set GREENPUSH_REAL_PARTS to the folder with Pulumi's own pulumi, pulumi-language-nodejs and pulumi-resource-command.",
  );
  process.exit(1);
}

it("the program is previewed on Pulumi's own parts", async () => {
  const stack = new Stack(await checkoutWithout());
  stack.environment["PATH"] = [resolve(folder), process.env["PATH"]].join(delimiter);
  if (!existsSync(join(folder, "pulumi-resource-random")))
    Object.assign(stack.environment, await offlineRandom());
  // A cache of its own, so that the launcher does not touch the person's.
  stack.environment["GREENPUSH_CACHE"] = join(stack.folder, "cache");
  await stack.create();
  stack.describe({
    servers: { own: { host: "127.0.0.1", hostKey: "ssh-ed25519 AAAA", probe: false } },
    sites: { codebase: { serverNames: ["www.example.org"], settings: "codebase.settings.test" } },
  });
  const options = { cwd: stack.checkout, env: stack.environment };
  const about = await runWell("node", ["cli/pulumi.js", "about", "--json"], options);
  assert.equal((JSON.parse(about) as { runtime: { language: string } }).runtime.language, "nodejs");
  const { status, output } = await stack.pulumi("preview", "--non-interactive");
  assert.equal(status, 0, output);
  assert.match(output, /codebase-nginx-apply create/);
  assert.match(output, /RandomPassword/);
  assert.doesNotMatch(output, /offline/);
});
