// A site that not everybody may look at: by password and address, from the first `up` on, changed by hand, and taken away;
// and what else on its server has a name of the site.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, describe, it } from "node:test";
import type { ComponentName } from "../../components/registry";
import { Application } from "../../testing/application";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { oneSite, serverName as name } from "../../testing/one-site";
import { Stack } from "../../testing/stack";

const component: ComponentName = "site-access";
const step = "codebase-access-apply";
const file = "/etc/nginx/greenpush-codebase.htpasswd";
const hash = (password: string) =>
  spawnSync("openssl", ["passwd", "-6", password], { encoding: "utf8" }).stdout.trim();
const how = /docs\/how-to\/serve-https\.md/;

describe("a site with a lock", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;
  const [first, second] = [hash("staging"), hash("another")];
  const access = { htpasswd: "LOCK", addresses: ["192.0.2.1"] };
  const describeSite = (more: object) => stack.describe(oneSite(host, { noindex: true, ...more }));

  /** The status of a page, and whether search engines are told to leave it out. */
  const visit = (path: string, password = "") =>
    host.sh(`python3 - <<'PYTHON'
import base64, http.client
connection = http.client.HTTPConnection("127.0.0.1")
headers = {"Host": "${name}"}
password = ${JSON.stringify(password)}
if password:
    headers["Authorization"] = "Basic " + base64.b64encode(b"ada:" + password.encode()).decode()
connection.request("GET", "${path}", headers=headers)
answer = connection.getresponse()
print(answer.status, answer.getheader("X-Robots-Tag", "indexed"), end="")
PYTHON`);

  const fails = async (...reads: RegExp[]) => {
    const ended = await stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
    assert.notEqual(ended.status, 0, ended.output);
    for (const each of reads) assert.match(ended.output, each);
    return ended.output;
  };

  before(async () => {
    host = await Host.make("bookworm");
    stack = new Stack(await copyCheckout());
    await stack.create();
  });

  it("needs a secret, and one that is hashed: nothing is touched before", async () => {
    describeSite({ access });
    await fails(/sites\.codebase\.access\.htpasswd names LOCK, which has no value/);
    await stack.secret("secrets.codebase.LOCK", "ada:a-plain-password\n");
    const output = await fails(
      /sites\.codebase\.access\.htpasswd: .* not hashed.*openssl passwd -6/,
    );
    assert.doesNotMatch(output, /a-plain-password/);
    assert.equal(await host.sh("ls /var/lib/greenpush 2>/dev/null || echo none"), "none\n");
  });

  it("the first preview says which of its names nginx has by hand", async () => {
    await stack.secret("secrets.codebase.LOCK", `ada:${first}\n`);
    const folder = "/etc/nginx/sites-enabled";
    await host.sh(`mkdir -p ${folder} && cat >${folder}/by-hand <<'CONFIGURATION'
server { server_name other.example.org
  ${name}; # not none.example.org;
}
CONFIGURATION`);
    const said = (await stack.plan()).warnings.filter((warning) =>
      warning.includes("docs/how-to/serve-https.md"),
    );
    await host.sh("rm -r /etc/nginx");
    assert.equal(said.length, 1, said.join("\n"));
    assert.ok(said[0]?.includes(`${folder}/by-hand: has ${name} too, a name of sites.codebase`));
  });

  it("is locked as soon as nginx answers for it, and no plan or state has the hash", async () => {
    const { printed } = await stack.plan();
    await stack.up();
    for (const text of [printed, stack.state]) assert.ok(!text.includes(first.slice(10, 40)));
    assert.equal(await host.sh(`stat -c '%a %U:%G' ${file}`), "640 root:www-data\n");
    const { codebase } = await stack.output<Record<string, Record<string, string>>>("sites");
    const site = new Application(codebase?.["gitRemote"] ?? "", host);
    await site.make();
    // The deploy's own check is let in.
    assert.match(await site.pushWell(), /through nginx too/);
    for (const path of ["/", "/static/pages/style.css", "/health"]) {
      assert.equal(await visit(path), "401 noindex, nofollow", path);
      assert.equal(await visit(path, "guessed"), "401 noindex, nofollow", path);
    }
    assert.equal(await visit("/", "staging"), "200 noindex, nofollow");
    assert.deepEqual(await stack.changes(), {});
  });

  it("has another password after an up", async () => {
    await stack.secret("secrets.codebase.LOCK", `ada:${second}\n`);
    assert.deepEqual(await stack.changes(), { update: [step] });
    await stack.up();
    assert.equal(await visit("/", "staging"), "401 noindex, nofollow");
    assert.equal(await visit("/", "another"), "200 noindex, nofollow");
  });

  const record = `/var/lib/greenpush/${component}.codebase`;
  const byHand: Record<string, string[]> = {
    [`sed -i s/^ada/eve/ ${file} && chmod 644 ${file}`]: [
      `${file}: the content was changed`,
      `${file}: mode is 644, wanted 640`,
    ],
    [`rm ${file}`]: [`${file}: the file is missing`],
    [`rm -r ${record}`]: [`${record}: the record is missing`],
  };
  for (const [command, says] of Object.entries(byHand))
    it(`${command} shows in a preview, and up puts it back`, async () => {
      await host.sh(command);
      const { changes, warnings } = await stack.plan();
      assert.deepEqual(changes, { update: [step] });
      const sentences = warnings.join("\n");
      for (const each of says) assert.ok(sentences.includes(each), sentences);
      await stack.up();
      assert.equal(await visit("/", "another"), "200 noindex, nofollow");
    });

  it("and is not told any more", async () => {
    assert.deepEqual(await stack.changes(), {});
  });

  describe("whose name something else on the server has, too", () => {
    const other = (place: string, port = 80) =>
      host.sh(`cat >/etc/nginx/${place} <<'CONFIGURATION'
# server { server_name ${name}; }
server {
  listen ${port}; listen [::]:${port};
  server_name other.example.org   ${name};  # as before
  location / { return 200 "by hand"; }
}
CONFIGURATION
nginx -t -q && systemctl reload nginx`);
    const sentences = async () => {
      const { changes, warnings } = await stack.plan();
      assert.deepEqual(changes, { update: ["codebase-nginx-apply"] });
      const said = warnings.join("\n");
      assert.match(said, how);
      return said;
    };

    it("up is refused where nginx would take the other one", async () => {
      await other("conf.d/by-hand.conf");
      const says = `/etc/nginx/conf.d/by-hand.conf: has ${name} too, and nginx takes that one`;
      const said = await sentences();
      assert.ok(said.includes(says), said);
      const refused = await fails(how, /nginx goes on as it was/);
      assert.ok(refused.includes(says), refused);
      await host.sh("rm /etc/nginx/conf.d/by-hand.conf && systemctl reload nginx");
    });

    it("a preview says where nginx ignores it, or has it on another port", async () => {
      await other("sites-enabled/zz-by-hand");
      await other("sites-enabled/by-hand", 8081);
      const said = await sentences();
      assert.match(said, /\/zz-by-hand: has \S+ too, which nginx ignores there/);
      assert.match(said, /\/by-hand: has \S+ too, on port 8081/);
      await host.sh(
        "rm /etc/nginx/sites-enabled/zz-by-hand /etc/nginx/sites-enabled/by-hand && systemctl reload nginx",
      );
    });

    it("a preview says that certbot renews a certificate for it", async () => {
      const lineage = `/etc/letsencrypt/renewal/${name}-0001.conf`;
      await host.sh(`mkdir -p /etc/letsencrypt/renewal
        printf 'version = 2.1.0\\n[renewalparams]\\nauthenticator = nginx\\n' >${lineage}`);
      const said = await sentences();
      assert.ok(said.includes(`${lineage}: certbot renews a certificate for ${name}`), said);
      await host.sh("rm -r /etc/letsencrypt");
      await stack.up();
      assert.deepEqual(await stack.changes(), {});
    });
  });

  it("names the setting whose line nginx does not take, and serves as before", async () => {
    describeSite({ access, nginx: { locations: { "~ &|\\.pdf$": ["proxy_bufering on;"] } } });
    const output = await fails(/unknown directive "proxy_bufering"/);
    assert.ok(output.includes("sites.codebase.nginx.locations: ~ &|\\.pdf$"), output);
    assert.equal(await visit("/", "another"), "200 noindex, nofollow");
  });

  it("is open once the stack has no lock, whose file goes after nginx has forgotten it", async () => {
    describeSite({});
    await stack.up();
    assert.equal(await visit("/"), "200 noindex, nofollow");
    assert.equal(await host.sh(`ls ${file} 2>/dev/null || echo none`), "none\n");
    assert.deepEqual(await stack.changes(), {});
  });

  it("goes with all that it had", async () => {
    describeSite({ access });
    await stack.up();
    assert.equal(await visit("/"), "401 noindex, nofollow");
    await stack.destroy();
    const left = await host.sh(`ls -d ${file} /var/lib/greenpush 2>/dev/null || echo none`);
    assert.equal(left, "none\n");
  });
});
