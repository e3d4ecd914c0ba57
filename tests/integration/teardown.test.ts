// What is removed when something leaves a stack, and what stays: one site of two, a protected one, data, a server that is gone.
// On Debian 12; host.test.ts has a whole removal on each release.

import assert from "node:assert/strict";
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Application } from "../../testing/application";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { compared, inventory } from "./support/inventory";
import { Load } from "../../testing/load";
import { Stack } from "../../testing/stack";

const stays = "stays.example.org";
const goes = "goes.example.org";

describe("what leaves a stack", { timeout: 600_000 }, () => {
  let host: Host;
  let stack: Stack;
  let bare: string[];
  let load: Load;

  const site = (name: string, user: string, changes: object = {}) => ({
    serverNames: [name],
    settings: "codebase.settings.test",
    health: "/health",
    user,
    gunicorn: { workers: 1 },
    ...changes,
  });
  const describeStack = (sites: object) =>
    stack.describe({ servers: { own: host.settings() }, sites });

  const push = async (name: string) => {
    const sites = await stack.output<Record<string, Record<string, string>>>("sites");
    const application = new Application(sites[name]?.["gitRemote"] ?? "", host);
    await application.make();
    const ended = await application.push();
    assert.equal(ended.status, 0, ended.output);
  };

  /** Processes and files of the site that stays. */
  const untouched = () =>
    host.sh(`pgrep -u stays gunicorn | sort | tr '\\n' ' '
      find /home/stays/www /etc/systemd/system/gunicorn-stays@.service /etc/sudoers.d/greenpush-stays \\
        /etc/nginx/sites-available/greenpush-stays -not -path '*/var*' -printf '%p %m %u %T@ %l\\n' | sort`);

  const fails = async (verb: string, reads: RegExp) => {
    const ended = await stack.pulumi(verb, "--yes", "--skip-preview", "--non-interactive");
    assert.notEqual(ended.status, 0, ended.output);
    assert.match(ended.output, reads);
  };

  before(async () => {
    host = await Host.make("bookworm");
    bare = await inventory(host);
    stack = new Stack(await copyCheckout());
    await stack.create();
    describeStack({ stays: site(stays, "stays", { keep: false }), goes: site(goes, "goes") });
    await stack.up();
    await push("stays");
    await push("goes");
    load = new Load(host, stays);
  });

  after(() => load.stop());

  it("one site of two goes, its data archived; the other serves on, untouched", async () => {
    const before = await untouched();
    describeStack({ stays: site(stays, "stays", { keep: false }) });
    const up = await stack.up();
    assert.match(
      up,
      /what was in \/home\/goes\/www\/var is kept in \/var\/backups\/greenpush\/goes-var-/,
    );
    assert.equal(await untouched(), before);
    assert.deepEqual(load.failures(), []);
    await assert.rejects(host.get("/", goes), /socket hang up/);
    const archived = await host.sh(
      "cd /var/backups/greenpush && for archive in goes-*; do tar -tzf $archive; done; stat -c '%a %U' .",
    );
    assert.match(archived, /www\/var\/db\.sqlite3\n/);
    assert.match(archived, /www\/codebase\/\.git\/refs\/heads\/main\n/);
    assert.match(archived, /700 root\n$/);
    const left = await host.sh(
      "ls -d /home/goes /etc/*/*goes* /etc/systemd/system/*goes* /var/lib/greenpush/*.goes 2>/dev/null || true; getent passwd goes || true",
    );
    assert.equal(left, "");
    assert.deepEqual(await stack.changes(), {});
  });

  it("a protected one does not: neither by destroy nor out of the stack file", async () => {
    const before = await untouched();
    describeStack({ stays: site(stays, "stays", { keep: false, protect: true }) });
    await stack.up();
    const reads = /protect/;
    await fails("destroy", reads);
    describeStack({ other: site("other.example.org", "other") });
    await fails("up", reads);
    assert.equal(await untouched(), before);
    assert.deepEqual(load.failures(), []);
    describeStack({ stays: site(stays, "stays", { keep: false }) });
    await stack.up();
    assert.equal(await untouched(), before);
  });

  it("destroy leaves nothing but the archive", async () => {
    await load.stop();
    await stack.destroy();
    const left = compared(bare, await inventory(host));
    assert.deepEqual(
      left.filter((line) => !/ \/var\/backups(\/| )/.test(line)),
      [],
    );
  });

  it("a server that can't be reached keeps the stack; one that is gone for good is forgotten", async () => {
    const key = join(stack.folder, "key");
    copyFileSync(host.address.privateKeyFile, key);
    stack.describe({
      servers: { own: { ...host.settings(), privateKey: key } },
      sites: {
        stays: site(stays, "stays", { authorizedKeys: ["ssh-ed25519 AAAA"] }),
      },
    });
    await stack.up();
    await host.control("kill");
    await fails(
      "destroy",
      /servers\.own: 127\.0\.0\.1 can't be reached.*could not be removed\n.*GREENPUSH_GONE=own npx pulumi destroy/,
    );
    // The key of a removed server may be gone too.
    rmSync(key);
    await fails(
      "destroy",
      /servers\.own\.privateKey: .*key can't be read, so what .*\n.*GREENPUSH_GONE=own/,
    );
    stack.environment["GREENPUSH_GONE"] = "own";
    assert.match(await stack.destroy(), /taken as gone, and forgotten/);
    assert.doesNotMatch(stack.state, /"urn"/);
  });
});
