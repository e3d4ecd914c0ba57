// `up` makes a new release of what is on the server already: of a branch that was pushed before the stack named it, and of a
// version whose Python was removed by an upgrade of the distribution. And a push while the site is still being set up.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import { Host } from "../../testing/host";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import type { Stack } from "../../testing/stack";

describe("what is there already", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;

  const shown = async () => /v\d+/.exec((await host.get("/", name)).body)?.[0];

  before(async () => {
    host = await Host.make();
    ({ stack, site } = await setUpSite(host, oneSite(host)));
  });

  it("a push before the set-up is done is refused as that", async () => {
    const file = "/etc/greenpush/codebase/settings.json";
    await host.sh(`mv ${file} ${file}.later`);
    const { status, output } = await site.push();
    await host.sh(`mv ${file}.later ${file}`);
    assert.notEqual(status, 0);
    assert.match(output, /REFUSED at set-up: the set-up of codebase is not done yet/);
  });

  it("a branch that was pushed first goes live with its setting", async () => {
    const { status, output } = await site.push("HEAD:master");
    assert.equal(status, 0, output);
    assert.match(output, /refs\/heads\/master is kept but not deployed/);
    assert.deepEqual(await stack.changes(), {});
    stack.describe(oneSite(host, { branch: "master" }));
    await stack.up();
    assert.equal(await shown(), "v1");
    assert.deepEqual(await stack.changes(), {});
  });

  it("is deployed again by a person who may", async () => {
    const said = await host.sh("www/deploy redeploy --fresh 2>&1", "deploy");
    assert.match(said, /virtualenv .* made new/);
    assert.equal(await shown(), "v1");
    assert.deepEqual(await stack.changes(), {});
  });

  it("after an upgrade of Python a preview tells, and up makes it anew", async () => {
    await host.sh(
      `cd "$(dirname "$(readlink -f www/lib)")"
      chmod u+w . lib pyvenv.cfg
      mv lib/python3.* lib/python3.2
      sed -i 's/^version_info = .*/version_info = 3.2.1.final.0/' pyvenv.cfg`,
      "deploy",
    );
    await host.restart();
    assert.notEqual(await shown(), "v1");
    const { changes, warnings } = await stack.plan();
    assert.deepEqual(changes, { update: ["codebase-gunicorn-apply"] });
    assert.match(warnings.join(), /the virtualenv of release 2 does not run: it was made with/);
    await stack.up();
    assert.equal(await shown(), "v1");
    assert.deepEqual(await stack.changes(), {});
  });
});
