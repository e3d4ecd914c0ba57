// A server has something that conflicts with Greenpush: `up` says so before it touches anything, and leaves it as it was.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { oneSite, siteSettings } from "../../testing/one-site";
import { Stack } from "../../testing/stack";

const long = `${"a".repeat(60)}.example.org`;

describe("a server that has something already", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;

  const up = async (server: object = {}, site: Record<string, unknown> = {}) => {
    const { servers, sites } = oneSite(host, site);
    stack.describe({ servers: { own: { ...servers.own, ...server } }, sites });
    return stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
  };
  const refused = async (
    says: RegExp,
    site: Record<string, unknown> = {},
    server: object = { catchAll: false },
  ) => {
    const { status, output } = await up(server, site);
    assert.notEqual(status, 0, output);
    assert.match(output, says);
  };

  before(async () => {
    host = await Host.make();
    stack = new Stack(await copyCheckout());
    await stack.create();
    await host.sh(`apt-get update -qq && apt-get install -qqy --no-install-recommends nginx curl >/dev/null
      echo 'server { listen 80 default_server; return 200 "old site"; }' >/etc/nginx/sites-available/old
      rm /etc/nginx/sites-enabled/default && ln -s ../sites-available/old /etc/nginx/sites-enabled/old
      systemctl restart nginx`);
  });

  const oldSite = () => host.sh("systemctl restart nginx && curl -s http://127.0.0.1/");

  it("a default server of its own is named, and goes on, also after a restart", async () => {
    await refused(
      /nginx does not take the configuration: a duplicate default server .*\/etc\/nginx\/sites-enabled\/old:1\n.*catchAll/,
      {},
      {},
    );
    assert.equal(await oldSite(), "old site");
    assert.equal(await host.sh("ls /etc/nginx/conf.d"), "");
  });

  it("a site with the name of Debian's welcome page is not taken away", async () => {
    await host.sh(`cd /etc/nginx && rm sites-enabled/old
      cp sites-available/old sites-available/default && ln -s ../sites-available/default sites-enabled/default`);
    await refused(/\/etc\/nginx\/sites-enabled\/default is a site of this server's own/);
    assert.equal(await oldSite(), "old site");
    await host.sh(
      `cd /etc/nginx && rm sites-enabled/default && ln -s ../sites-available/old sites-enabled/old`,
    );
  });

  it("an account of the system is not made a site", async () => {
    await host.sh("useradd --system --create-home --shell /bin/sh machine");
    await refused(/machine is an account of the system/, { user: "machine" });
    assert.match(await host.sh("stat -c '%a %U' /home/machine"), /^7\d\d machine\n$/);
  });

  it("a home that is somebody else's is not taken over", async () => {
    await host.sh("useradd --create-home somebody && mkdir -m 777 /srv/open");
    await refused(/\/home\/somebody is there already and belongs to somebody, not to shop/, {
      user: "shop",
      home: "/home/somebody",
    });
    await refused(
      /\/srv\/open, which the home \/srv\/open\/shop lies in, can be written by others/,
      {
        user: "shop",
        home: "/srv/open/shop",
      },
    );
    assert.equal(await host.sh("getent passwd shop || true"), "");
  });

  it("a group with others in it is not what lets a site read its secrets", async () => {
    await host.sh("useradd --create-home --gid users --shell /bin/bash member");
    await host.sh("usermod --append --groups users somebody");
    await refused(/the group users of member has other members \(somebody\)/, { user: "member" });
  });

  it("an sshd that lets nobody but root in is said", async () => {
    const conf = "/etc/ssh/sshd_config.d/only-root.conf";
    for (const [line, says] of [
      ["AllowUsers root", /sshd does not let deploy in: AllowUsers names root/],
      ["DenyGroups deploy", /DenyGroups names one of its groups/],
      ["PubkeyAuthentication no", /sshd takes no keys/],
      [
        "AuthorizedKeysFile /etc/ssh/keys/%u",
        /sshd does not read \/home\/deploy\/\.ssh\/authorized_keys/,
      ],
    ] as const) {
      await host.sh(`echo '${line}' >${conf}`);
      await refused(says);
    }
    await host.sh(`rm ${conf}`);
  });

  it("then it is set up beside what is there, while another apt is at work, for a name of 72 letters", async () => {
    await host.sh(`systemd-run --quiet --collect python3 -c "
import fcntl, time
lock = open('/var/lib/apt/lists/lock', 'w')
fcntl.lockf(lock, fcntl.LOCK_EX)
time.sleep(15)"
      # An sshd without PAM lets no key into a locked account.
      echo 'UsePAM no' >/etc/ssh/sshd_config.d/no-pam.conf && systemctl reload ssh`);
    const ended = await up(
      { catchAll: false, packages: ["tree"] },
      { ...siteSettings, serverNames: [long] },
    );
    assert.equal(ended.status, 0, ended.output);
    assert.match(ended.output, /waits for another apt/);
    assert.equal(await oldSite(), "old site");
    const { status, type, body } = await host.get("/", long);
    assert.deepEqual([status, type], [503, "text/html"]);
    assert.match(body, /Nothing was pushed to this site yet/);
    assert.deepEqual(await stack.changes(), {});
  });

  it("and given back with it", async () => {
    await stack.destroy();
    assert.equal(await oldSite(), "old site");
  });
});
