// One `up` upgrades a site that an earlier version set up, and no visitor notices.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Application } from "../../testing/application";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { compared, inventory } from "./support/inventory";
import { Load } from "../../testing/load";
import { oneSite, serverName as name } from "../../testing/one-site";
import { runWell } from "../../testing/run";
import { Stack } from "../../testing/stack";

/** The last revision that had the engine and the configuration in a site's ~/www. */
const versionBefore = "6d6c080";
/** The parts of a checkout that are the program, and what it brings to servers. */
const parts = ["components", "server", "stacks", "start", "index.ts"];

const root = join(__dirname, "..", "..");

describe("a site of the version before", { timeout: 600_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  let bare: string[];

  const www = "/home/deploy/www";

  before(async () => {
    host = await Host.make("bookworm");
    bare = await inventory(host);
    stack = new Stack(await copyCheckout());
    for (const part of parts) rmSync(join(stack.checkout, part), { recursive: true });
    const archive = join(stack.folder, "before.tar");
    await runWell("git", ["-C", root, "archive", "-o", archive, versionBefore, ...parts]);
    await runWell("tar", ["-xf", archive, "-C", stack.checkout]);
    await stack.create();
    stack.describe(oneSite(host));
    await stack.up();
    const { codebase } = await stack.output<Record<string, Record<string, string>>>("sites");
    site = new Application(codebase?.["gitRemote"] ?? "", host);
    await site.make();
    await site.pushWell();
    await host.sh(`mkdir www/var/media/sub; echo upload >www/var/media/sub/one.txt`, "deploy");
  });

  const secretKey = async () =>
    /^SECRET_KEY='?([^'\n]+)/m.exec(await host.sh(`cat ${www}/var/env`))?.[1];

  it("is brought over by one up, without a failed request", async () => {
    const key = await secretKey();
    const load = new Load(host, name);
    for (const part of parts) {
      rmSync(join(stack.checkout, part), { recursive: true });
      cpSync(join(root, part), join(stack.checkout, part), { recursive: true });
    }
    stack.describe(oneSite(host));
    await stack.up();
    await load.stop();
    assert.ok(load.asked.length > 20);
    assert.deepEqual(load.failures(), []);
    assert.equal(await secretKey(), key);
    assert.deepEqual(await stack.changes(), {});
  });

  it("has the engine and its configuration out of the account's reach", async () => {
    const said =
      await host.sh(`cd ${www} && readlink deploy config; ls -d engine 2>&1; stat -c '%a %U:%G' . releases
      stat -c '%a %U:%G' ${www}/config/secrets.json -L`);
    assert.equal(
      said,
      `/usr/lib/greenpush/deploy\n/etc/greenpush/codebase\nls: cannot access 'engine': No such file or directory\n710 deploy:www-data\n2710 deploy:www-data\n640 root:deploy\n`,
    );
  });

  it("is served from within its sandbox, uploads too", async () => {
    // New releases, one for each part of the configuration, because the running one stays outside of the sandbox.
    const live = await host.sh(
      `readlink ${www}/live; systemctl show -p ProtectSystem --value gunicorn-codebase@$(basename $(find ${www}/slots -lname '*/releases/3'))`,
    );
    assert.equal(live, "releases/3\nstrict\n");
    const upload = await host.get("/media/sub/one.txt", name);
    assert.deepEqual([upload.status, upload.body], [200, "upload\n"]);
    await host.sh("umask 027; echo later >www/var/media/sub/two.txt", "deploy");
    assert.equal((await host.get("/media/sub/two.txt", name)).status, 200);
  });

  it("goes on being pushed to, and is taken away as any other", async () => {
    await site.release("v2");
    assert.match(await site.pushWell(), /Live: release 4/);
    assert.match((await host.get("/", name)).body, /v2/);
    await stack.destroy();
    assert.deepEqual(compared(bare, await inventory(host)), []);
  });
});
