// Changes by hand on a server: a preview names each, and `up` repairs it and touches nothing else.
// Changes of normal operation: a preview reports none of them.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Application } from "../../testing/application";
import { type ChangeByHand, changesByHand } from "./support/changes-by-hand";
import { registered } from "../../components/registry";
import { Host } from "../../testing/host";
import { compared } from "./support/inventory";
import { inRounds } from "./support/rounds";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import { type Plan, Stack } from "../../testing/stack";

describe("a server that is changed by hand", { timeout: 2_400_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  let key: string;

  const settings = (own: Record<string, unknown> = {}, nginx: string[] = []) => {
    const { servers, sites } = oneSite(host, { keep: true, nginx: { extra: nginx } });
    return { servers: { own: { ...servers.own, ...own } }, sites };
  };

  const shown = async () => /v\d+/.exec((await host.get("/", name)).body)?.[0];
  before(async () => {
    host = await Host.make();
    ({ stack, site } = await setUpSite(host, settings()));
    await site.pushWell();
    await site.release("v2");
    await site.pushWell();
    key = (await host.sh("cat /home/deploy/.ssh/authorized_keys")).trim().split(" ").at(-1) ?? "";
  });

  describe("is told what, and put right", () => {
    let whole: string[];
    const told = ({ says }: ChangeByHand) => `changed by hand on own: ${says.replace("KEY", key)}`;
    const stepOf = ({ of }: ChangeByHand) => {
      const { of: owner, step } = registered(of);
      return `${owner === "site" ? "codebase" : "own"}-${step}`;
    };

    before(async () => {
      assert.deepEqual(await stack.changes(), {});
      whole = await managed(host);
    });

    for (const [number, round] of inRounds(changesByHand).entries()) {
      describe(`in round ${number + 1}`, () => {
        let found: Plan;

        before(async () => {
          await host.sh(["set -e", ...round.map(({ by }) => by)].join("\n"));
          found = await stack.plan();
          await stack.up();
        });

        for (const change of round)
          it(change.by, () => {
            const { warnings, changes } = found;
            assert.ok(warnings.includes(told(change)), `it is not among ${warnings.join("\n")}`);
            assert.ok(changes["update"]?.includes(stepOf(change)), JSON.stringify(changes));
          });

        it(`nothing else is told in round ${number + 1}, and nothing else is touched`, async () => {
          const page = await shown();
          const last = whole;
          whole = await managed(host);
          const others = (line: string) =>
            !round.some(
              ({ of, leaves }) =>
                line.startsWith(`path /var/lib/greenpush/${of}.`) || leaves?.test(line),
            );
          assert.deepEqual([...found.warnings].sort(), round.map(told).sort());
          assert.deepEqual(Object.keys(found.changes), ["update"]);
          assert.deepEqual(
            [...(found.changes["update"] ?? [])].sort(),
            [...new Set(round.map(stepOf))].sort(),
          );
          assert.deepEqual(compared(last.filter(others), whole.filter(others)), []);
          assert.equal(page, "v2");
        });
      });
    }

    // The preview of each round shows that the one before it left nothing. This one shows it for the last round.
    it("and is not told any more", async () => {
      assert.deepEqual(await stack.changes(), {});
    });
  });

  describe("is left in peace by a preview", () => {
    const noChange = async () => {
      const { changes, warnings } = await stack.plan();
      assert.deepEqual({ changes, warnings }, { changes: {}, warnings: [] });
    };

    it("that only looks: nothing on the server is written", async () => {
      const looked = async () => (await host.control("exec", "sh", "-c", everythingWritten)).trim();
      await host.control("exec", "touch", "/run/greenpush-test-mark");
      await noChange();
      assert.equal(await looked(), "");
    });

    it("that asks over one connection", async () => {
      const before = await host.connections();
      await noChange();
      assert.equal((await host.connections()) - before, 1);
    });

    it("after a push, a refused push and a rollback", async () => {
      await site.release("v3");
      await site.pushWell();
      await noChange();
      site.edit("pages/views.py", "from .models", "import nothing_of_that_name\nfrom .models");
      await site.commit("Broken");
      assert.notEqual((await site.push()).status, 0);
      await noChange();
      await host.sh("www/deploy rollback", "deploy");
      assert.equal(await shown(), "v2");
      await noChange();
      await site.git("reset", "--quiet", "--hard", "HEAD^");
    });

    it("when the application writes, and logs are rotated", async () => {
      await host.sh("date >www/var/media/upload; date >www/var/further.sqlite3", "deploy");
      await host.sh(`apt-get install -qqy --no-install-recommends logrotate >/dev/null
        logrotate --force /etc/logrotate.d/nginx`);
      await noChange();
    });

    it("when packages are upgraded or held", async () => {
      await host.sh(`apt-get install -qqy --reinstall git nginx nginx-common python3-virtualenv sudo virtualenv >/dev/null
        apt-mark hold nginx >/dev/null`);
      await noChange();
      await host.sh("apt-mark unhold nginx >/dev/null");
    });

    it("when a certificate is renewed", async () => {
      const folder = "/etc/letsencrypt/live/codebase";
      const renew = `mkdir -p ${folder} && openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=${name} \
        -keyout ${folder}/privkey.pem -out ${folder}/fullchain.pem 2>/dev/null`;
      await host.sh(`apt-get install -qqy --no-install-recommends openssl >/dev/null && ${renew}`);
      stack.describe(
        settings({}, [
          "listen 443 ssl;",
          `ssl_certificate ${folder}/fullchain.pem;`,
          `ssl_certificate_key ${folder}/privkey.pem;`,
        ]),
      );
      await stack.up();
      await host.sh(`${renew} && systemctl reload nginx`);
      await noChange();
      stack.describe(settings());
      await stack.up();
    });

    it("when gunicorn dies and systemd starts it anew", async () => {
      const pid = () => host.sh("cat /home/deploy/www/var/pid 2>/dev/null || true");
      const before = await pid();
      await host.sh(`kill -KILL ${before}`);
      while ([before, ""].includes(await pid())) await sleep(100);
      await noChange();
    });

    it("after the power was cut, also while it starts", async () => {
      await host.restart();
      await noChange();
      assert.equal(await shown(), "v2");
    });
  });

  describe("asked by a preview", () => {
    const secrets = "/home/deploy/www/config/secrets.json";

    it("gives no secret away, neither the right one nor the one that somebody typed", async () => {
      const right = /"SECRET_KEY": "(.*)"/.exec(await host.sh(`cat ${secrets}`))?.[1] ?? "";
      assert.equal(right.length, 64);
      await host.sh(`sed -i 's/${right}/typed-by-hand/' ${secrets} /home/deploy/www/var/env`);
      const said = (await stack.preview()) + (await stack.plan()).printed;
      assert.match(said, /secrets\.json: the content was changed/);
      assert.match(said, /var\/env: the content was changed/);
      assert.doesNotMatch(said, new RegExp(`${right}|typed-by-hand`));
      await stack.up();
      assert.match(await host.sh(`cat ${secrets}`), new RegExp(right));
      assert.deepEqual(await stack.changes(), {});
    });

    it("is not asked with `probe: false`", async () => {
      const before = await host.connections();
      await host.control("exec", "systemctl", "stop", "nginx");
      stack.describe(settings({ probe: false }));
      assert.deepEqual(await stack.changes(), {});
      assert.equal(await host.connections(), before);
    });

    it("may be down: that is said first and last, and an update of it", async () => {
      stack.describe(settings());
      await stack.up();
      assert.deepEqual(await stack.changes(), {});
      await host.control("exec", "systemctl", "stop", "ssh");
      const { changes, warnings } = await stack.plan();
      assert.deepEqual(changes, { update: ["own-access"] });
      const said = warnings.join("\n");
      assert.match(said, /^servers\.own: .* can't be reached on port \d+/);
      assert.match(said, /so the preview goes by the last up/);
      const expected = await stack.pulumi("preview", "--expect-no-changes", "--non-interactive");
      assert.notEqual(expected.status, 0, expected.output);
      const [last = ""] = expected.output.trim().split("\n").slice(-1);
      assert.match(last, /^servers\.own could not be asked: .* can't be reached on port \d+/);
      const up = await stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
      assert.notEqual(up.status, 0, up.output);
      await host.control("exec", "systemctl", "start", "ssh");
      assert.deepEqual(await stack.changes(), {});
      await stack.up();
      assert.deepEqual(await stack.changes(), {});
    });

    it("may not be there yet", async () => {
      const next = new Stack(stack.checkout);
      await next.create();
      next.describe(settings({ port: 1 }));
      const { changes, warnings } = await next.plan();
      assert.ok(changes["create"]?.includes("codebase-nginx-apply"));
      assert.match(warnings.join("\n"), /^servers\.own: 127\.0\.0\.1 can't be reached on port 1 /);
    });
  });
});

/** Prints the files that were written since the mark was set, and the content of the shared temporary folder. */
const everythingWritten = `find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var/log \\) -prune -o \
  -cnewer /run/greenpush-test-mark ! -path /tmp -print`;

/** What Greenpush manages on a server, and its surroundings: one line for each file, account, unit and process. */
async function managed(host: Host): Promise<string[]> {
  const printed = await host.sh(`
    export LC_ALL=C
    cd /
    # The objects of virtualenvs and of git are many, and named by what they are.
    find etc home/deploy root var/lib/greenpush var/www \\( -path '*/www/var/log' -o -name __pycache__ \\) -prune -o \\
      ! -name '*-' -printf 'path /%p %y %m %u:%g %l\\n'
    find etc home/deploy var/lib/greenpush \\( -path '*/www/var/log' -o -path '*/venvs' -o -path '*/.git/objects' -o -name __pycache__ \\) -prune -o \\
      -type f ! -name '*-' ! -path '*/.git/index' ! -path '*/.git/logs/*' ! -name deploy.lock -print0 | xargs -0 sha256sum | sed 's/^\\(.*\\)  \\(.*\\)/path \\/\\2 \\1/'
    dpkg-query -W -f 'package \${Package} \${db:Status-Abbrev}\\n'
    systemctl list-unit-files --no-legend --no-pager 'gunicorn*' 'nginx*' | sed 's/^/unit /'
    echo "process nginx $(systemctl show --property MainPID --value nginx)"
    echo "process gunicorn $(cat /home/deploy/www/var/pid)"
  `);
  return printed.split("\n").filter(Boolean).sort();
}
