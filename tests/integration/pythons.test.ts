// A Python that the server does not have: a file of the tree asks for it, root installs it for all sites, and it goes with
// the last of them. Where none can be had, the push says so and what helps.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import { scratchFolder } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { Load } from "../../testing/load";
import { useOlderDjango } from "../../testing/older-django";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import { runWell } from "../../testing/run";
import type { Stack } from "../../testing/stack";

const tools = "/opt/greenpush";

describe("a Python that the server does not have", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  let load: Load;
  /** This machine's own, of which an archive is made; and the server's. */
  let other: string;
  let own: string;

  const file = (more: Record<string, unknown> = {}, server: Record<string, unknown> = {}) => {
    const { servers, sites } = oneSite(host, more);
    return {
      servers: { own: { ...servers.own, pythonDownloads: "/srv/pythons.json", ...server } },
      sites,
    };
  };
  const runs = async () =>
    (
      await host.sh(
        "www/bin/python -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])'",
        "deploy",
      )
    ).trim();

  before(async () => {
    const folder = join(scratchFolder(), "python");
    other = (await runWell("sh", [join(__dirname, "support", "python-archive.sh"), folder])).trim();
    host = await Host.make(other === "3.13" ? "bookworm" : "trixie");
    own = (
      await host.sh("python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])'")
    ).trim();
    assert.notEqual(
      own,
      other,
      "this machine and the test server have the same Python: nothing can be shown",
    );
    await runWell("scp", [
      ...host.sshOptions,
      ...["python.tar.gz", "pythons.json"].map((each) => join(folder, each)),
      `root@${host.address.host}:/srv/`,
    ]);
    ({ stack, site } = await setUpSite(host, file()));
    await site.pushWell();
    load = new Load(host, name);
  });

  after(() => load.stop());

  it("is the server's own where nothing asks for another", async () => {
    assert.equal(await runs(), own);
    assert.equal((await host.sh(`ls ${tools}/pythons`)).trim(), "");
  });

  it("is installed for .python-version, once", async () => {
    site.write(".python-version", `${other}\n`);
    useOlderDjango(site.folder);
    await site.release("v2");
    const said = await site.pushWell();
    assert.match(said, new RegExp(`installs Python ${other}, which \\.python-version asks for`));
    assert.match(said, new RegExp(`made new of requirements\\.pip for Python ${other}`));
    assert.equal(await runs(), other);
    await site.release("v3");
    assert.match(await site.pushWell(), /virtualenv .* unchanged/);
    assert.match((await host.get("/", name)).body, />v3</);
    assert.deepEqual(load.failures(), []);
  });

  it("belongs to root, and the account can have nothing else installed", async () => {
    assert.equal(await host.sh(`find ${tools} ! -user root -o -perm -o+w ! -type l`), "");
    for (const words of ["3.11 x", "../3.11", "3.11\\;id", "--help", "4.1", ""]) {
      const { status } = await host.run(`sudo -n ${tools}/install-python ${words}`, "deploy");
      assert.notEqual(status, 0, words);
    }
  });

  it("is no drift, and is brought back where it was spoilt", async () => {
    assert.deepEqual(await stack.changes(), {});
    await host.sh(`chmod -x ${tools}/pythons/cpython-*/bin/python${other}`);
    const { warnings } = await stack.plan();
    assert.match(warnings.join("\n"), /pythons\/cpython-\S+: does not run/);
    await stack.up();
    assert.equal(await runs(), other);
    assert.deepEqual(await stack.changes(), {});
    assert.deepEqual(load.failures(), []);
  });

  it("one that can't be had refuses the push, and names the file and the settings", async () => {
    site.write(".python-version", "3.10\n");
    await site.release("v4");
    const { status, output } = await site.push();
    assert.notEqual(status, 0);
    assert.match(
      output,
      /REFUSED at virtualenv: uv knows no download of Python 3\.10 for this machine/,
    );
    assert.match(output, /`pythonDownloads` of the server/);
    assert.match((await host.get("/", name)).body, />v3</);
    assert.deepEqual(load.failures(), []);
    await site.git("reset", "--quiet", "--hard", "HEAD^");
  });

  it("the stack file wins over the tree", async () => {
    stack.describe(file({ python: own }));
    await stack.up();
    await site.release("v5");
    await site.pushWell();
    assert.equal(await runs(), own);
  });

  it("goes with all else", async () => {
    await load.stop();
    await stack.destroy();
    assert.equal((await host.sh(`ls -d ${tools} 2>&1 || true`)).includes("No such file"), true);
  });
});
