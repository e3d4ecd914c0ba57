// `npm run test:distribution-upgrade`: upgrade a server with a site from Debian 12 to 13, as Debian's release notes describe.
// A preview reports what is missing then, `up` brings the site back on the new Python, and pushes work.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Host } from "../testing/host";
import { oneSite, serverName as name, setUpSite } from "../testing/one-site";

const upgrade = `export DEBIAN_FRONTEND=noninteractive
sources=$(find /etc/apt -name '*.list' -o -name '*.sources')
sed -i 's/bookworm/trixie/g' $sources
keep='-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold'
{ apt-get -q update && apt-get -q -y $keep upgrade && apt-get -q -y $keep full-upgrade && apt-get -q -y autoremove; } \
  >/var/log/upgrade.log 2>&1 || { tail -50 /var/log/upgrade.log; exit 1; }`;

it("Debian 12 becomes Debian 13 under a site", { timeout: 3_000_000 }, async () => {
  const host = await Host.make("bookworm");
  const { stack, site } = await setUpSite(host, oneSite(host));
  const shown = async () => /v\d+/.exec((await host.get("/", name)).body)?.[0];
  await site.pushWell();
  assert.equal(await shown(), "v1");
  await host.sh(upgrade);
  await host.restart();
  assert.match(await host.sh("cat /etc/debian_version"), /^13/);
  const { changes, warnings } = await stack.plan();
  console.log(
    `after the upgrade a preview plans ${JSON.stringify(changes)} and says:\n${warnings.join("\n")}`,
  );
  assert.match(warnings.join("\n"), /virtualenv of release \d+ does not run/);

  await stack.up();
  assert.equal(await shown(), "v1");
  assert.deepEqual(await stack.changes(), {});
  await site.release("v2");
  await site.pushWell();
  assert.equal(await shown(), "v2");
  console.log(await host.sh("www/deploy rollback 2>&1; www/deploy status", "deploy"));
  assert.equal(await shown(), "v1");
  await stack.destroy();
});
