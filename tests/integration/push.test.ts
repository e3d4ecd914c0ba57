// Pushes that can't serve, each of another kind, under load: they are refused with the reason, and visitors notice nothing.
// With each process manager, and on Debian 12 too. Those that are refused before a process manager is asked for anything
// are pushed once on each Debian release.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import {
  badForManagers,
  badPushes,
  badPushLimits,
  pushBadly,
  visitorWrites,
} from "./support/bad-pushes";
import { Host } from "../../testing/host";
import { Load } from "../../testing/load";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";

const ways = [
  { manager: "systemd", suite: "trixie", pushes: badPushes },
  { manager: "supervisor", suite: "bookworm", pushes: badPushes },
  { manager: "direct", suite: "trixie", pushes: badForManagers },
] as const;

for (const { manager, suite, pushes } of ways) {
  describe(`bad pushes to a site that ${manager} starts`, { timeout: 900_000 }, () => {
    let host: Host;
    let site: Application;
    let load: Load;

    /** What a refused push must leave as it was. */
    const rest = () =>
      host.sh(
        `cd /home/deploy/www && git -C codebase rev-parse main HEAD && git -C codebase status --porcelain
         readlink live && ls releases --ignore left.json && ls venvs && cat var/pid && ls -l slots && cat var/env
         # As root it would make files beside the database that the application can't open for a moment.
         runuser -u deploy -- bin/python -c "import sqlite3; c = sqlite3.connect('var/db.sqlite3'); print(c.execute('select sql from sqlite_master order by 1').fetchall(), c.execute('select * from pages_entry').fetchall())"
         pgrep -u deploy -c gunicorn`,
      );

    before(async () => {
      host = await Host.make(suite);
      // A small disk that a test can fill.
      await host.sh("mount -t tmpfs -o size=400m,mode=755 none /home");
      const file = oneSite(host, { gunicorn: { manager }, limits: badPushLimits });
      ({ site } = await setUpSite(host, file));
      await site.pushWell();
      await visitorWrites(host);
      load = new Load(host, name);
    });

    after(() => load.stop());

    for (const bad of pushes) {
      it(`${manager}: ${bad.what}`, async () => {
        const before = await rest();
        await pushBadly(site, host, bad);
        assert.equal(await rest(), before);
        assert.equal((await host.get("/static/pages/style.css", name)).status, 200);
        assert.deepEqual(load.failures(), []);
      });
    }

    it(`${manager}: a good push after all of them goes live unnoticed`, async () => {
      await site.release("v2");
      const push = await site.push();
      assert.equal(push.status, 0, push.output);
      assert.match((await host.get("/", name)).body, /v2/);
      assert.deepEqual(load.failures(), []);
    });
  });
}
