// What a new user does: `npm run demo` in a fresh checkout, an edit, a push, `npx pulumi preview`, `npm run demo:down`.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { copyCheckout } from "../../testing/checkout";
import { cleanUp } from "../../testing/cleanup";
import { run, runWell } from "../../testing/run";

describe("the demo", { timeout: 900_000 }, () => {
  let checkout: string;
  let url: string;

  // A person has none of Pulumi's variables set.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_")),
  );
  const inCheckout = (...words: string[]) =>
    run("npm", ["run", "--silent", ...words], { cwd: checkout, env, timeout: 600_000 });
  const pulumi = (...words: string[]) =>
    runWell("npx", ["pulumi", ...words, "--non-interactive"], { cwd: checkout, env });
  const git = (...words: string[]) =>
    runWell("git", ["-C", join(checkout, ".demo", "codebase"), ...words], { env });
  const edit = (file: string, from: string, to: string) => {
    const path = join(checkout, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
  };
  const page = async () => (await fetch(url)).text();

  before(async () => {
    checkout = await copyCheckout();
    cleanUp(() => inCheckout("demo:down"));
  });

  it("ends with a site that answers, and says what to try next", async () => {
    const demo = await inCheckout("demo");
    assert.equal(demo.status, 0, demo.output);
    url = /The site answers: +(\S+)/.exec(demo.stdout)?.[1] ?? "";
    assert.match(demo.stdout, /git push test main/);
    assert.match(await page(), /v1/);
  });

  it("started again changes nothing", async () => {
    const demo = await inCheckout("demo");
    assert.equal(demo.status, 0, demo.output);
    assert.match(demo.output, /\d+ unchanged/);
    assert.doesNotMatch(demo.output, /created|updated|deleted/);
    assert.match(demo.output, /Everything up-to-date/);
  });

  it("an edit, a commit and a plain push show the new version", async () => {
    edit(".demo/codebase/pages/views.py", 'VERSION = "v1"', 'VERSION = "v2"');
    await git("-c", "user.name=A", "-c", "user.email=a@localhost", "commit", "-qam", "v2");
    await git("push", "--quiet", "test", "main");
    assert.match(await page(), /v2/);
  });

  it("npx pulumi preview needs no variables and shows no change, then an edit and nothing else", async () => {
    assert.match(await pulumi("preview", "--stack", "test"), /\d+ unchanged/);
    edit("stacks/test.yaml", "health: /health", "health: /health\n    gunicorn: {threads: 2}");
    const preview = await pulumi("preview", "--stack", "test", "--diff");
    assert.match(preview, /\+ +"threads": 2,/);
    assert.match(preview, /~ 1 to update\n +\d+ unchanged/);
    assert.match(await pulumi("up", "--stack", "test", "--yes"), /~ 1 updated\n +\d+ unchanged/);
    assert.match(await page(), /v2/);
  });

  it("demo:down leaves no container, no state and no clone", async () => {
    const server = JSON.parse(
      readFileSync(join(checkout, ".greenpush", "test", "test", "server.json"), "utf8"),
    ) as { engine: string; container: string };
    const exists = () => run(server.engine, ["container", "inspect", server.container]);
    assert.equal((await exists()).status, 0);
    const down = await inCheckout("demo:down");
    assert.equal(down.status, 0, down.output);
    assert.notEqual((await exists()).status, 0);
    assert.ok(!existsSync(join(checkout, ".demo")));
    assert.ok(!existsSync(join(checkout, ".greenpush", "test", "test")));
  });
});
