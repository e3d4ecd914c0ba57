// HTTPS that comes and stays by itself, with a real ACME server on the server's loopback.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import { Host } from "../../testing/host";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import type { Stack } from "../../testing/stack";
import { AcmeServer, directory } from "./support/acme-server";
import { Visitor } from "./support/https-visitor";

const alias = "example.org";
const late = "late.example.org";
const acme = { email: "ops@example.org", directory };
const folder = "/etc/greenpush-tls/codebase";
const certbot = "/var/lib/greenpush-acme";
/** The step of each component. */
const steps = {
  "certificate-timer": "own-certificates-apply",
  certificate: "codebase-certificate-apply",
  "acme-certificate": "codebase-acme-certificate-apply",
};

describe("HTTPS by an authority", { timeout: 1_200_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  let authority: AcmeServer;
  let visitor: Visitor;
  const described = (aliases = [alias], more = {}) =>
    oneSite(host, { aliases, tls: { acme }, ...more });
  /** The names of the certificate that visitors get, and its number. */
  const served = async () => {
    const said = await host.sh(
      `openssl s_client -connect 127.0.0.1:443 -servername ${name} </dev/null 2>/dev/null | openssl x509 -noout -serial -ext subjectAltName`,
    );
    const names = [...said.matchAll(/DNS:([^,\s]+)/g)].map(([, each]) => each);
    return { names: names.sort(), serial: /serial=(\w+)/.exec(said)?.[1] };
  };
  /** Do what the timer does, when half a day has gone by. */
  const timer = async () => {
    await host.sh(`sed -i 's/"asked": .*/"asked": 0,/' ${folder}/state.json`);
    const { status } = await host.run("systemctl start greenpush-certificates.service");
    return status;
  };
  /** Have certbot renew each time that it is asked. */
  const isTime = async () => {
    const conf = `${certbot}/config/renewal/codebase.conf`;
    await host.sh(`sed -i -e '1i renew_before_expiry = 9999 days' -e /renew_before/d ${conf}`);
  };
  const status = () => host.sh("www/deploy status", "deploy");

  before(async () => {
    host = await Host.make("trixie");
    authority = await AcmeServer.start(host);
    await authority.name(name, alias);
    ({ stack, site } = await setUpSite(host, described()));
    visitor = new Visitor(host);
    await site.pushWell();
  });

  it("is there after the first up", async () => {
    const answer = await visitor.ask(`https://${name}/health`);
    assert.deepEqual([answer.status, answer.body], [200, "ok"]);
    assert.equal(answer.protocol, "2");
    const newest = await visitor.ask(`https://${name}/health`, "--http3-only");
    assert.deepEqual([newest.status, newest.protocol, newest.body], [200, "3", "ok"]);
    assert.match(answer.headers["alt-svc"] ?? "", /^h3=/);
    assert.equal(answer.headers["strict-transport-security"], "max-age=300");
    const { codebase } = await stack.output<Record<string, Record<string, string>>>("sites");
    assert.equal(codebase?.["url"], `https://${name}/`);
    assert.deepEqual(await stack.changes(), {});
    assert.match(await status(), new RegExp(`https +${name}, ${alias}, until \\d{4}-`));
  });

  it("leads from http to https, and from other names to the first", async () => {
    const plain = await visitor.ask(`http://${name}/a?b=c`);
    assert.deepEqual([plain.status, plain.headers["location"]], [301, `https://${name}/a?b=c`]);
    for (const scheme of ["http", "https"]) {
      const other = await visitor.ask(`${scheme}://${alias}/a?b=c`);
      assert.deepEqual([other.status, other.headers["location"]], [301, `https://${name}/a?b=c`]);
    }
  });

  it("is as strict as today's browsers allow", async () => {
    for (const old of ["-tls1", "-tls1_1"]) {
      // openssl itself has to be willing, or nginx would not be asked.
      const said = await visitor.handshake(name, old, "-cipher", "'ALL:@SECLEVEL=0'");
      assert.match(said, /alert protocol version|Cipher is \(NONE\)/, old);
    }
    for (const good of ["-tls1_2", "-tls1_3"])
      assert.match(await visitor.handshake(name, good), /Verify return code: 0 \(ok\)/, good);
    for (const weak of ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA"])
      assert.match(
        await visitor.handshake(name, "-tls1_2", "-cipher", weak),
        /Cipher is \(NONE\)/,
        weak,
      );
    const key = await host.sh(`stat -c '%a %U' ${folder}/certificate.pem ${folder}`);
    assert.equal(key.trim(), "600 root\n700 root");
    for (const secret of ["BEGIN PRIVATE KEY", "BEGIN EC PRIVATE KEY"])
      assert.ok(!stack.state.includes(secret));
  });

  it("lets a browser come back without a new handshake", async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const kept = "/tmp/session";
      const request = `(printf 'HEAD /health HTTP/1.1\\r\\nHost: ${name}\\r\\nConnection: close\\r\\n\\r\\n'; sleep 0.3)`;
      const connect = `openssl s_client -connect 127.0.0.1:443 -servername ${name} ${version} -ign_eof`;
      const said = await host.sh(
        `${request} | ${connect} -sess_out ${kept} >/dev/null 2>&1; ${request} | ${connect} -sess_in ${kept} 2>/dev/null`,
      );
      assert.match(said, /^Reused, /m, version);
    }
  });

  it("refuses names that no site has", async () => {
    const other = await visitor.handshake("other.example.org");
    assert.match(other, /unrecognized name|no peer certificate/);
    assert.equal((await visitor.ask("https://127.0.0.1/")).status, 0);
  });

  it("says a name that leads nowhere yet, and brings it when it does", async () => {
    stack.describe(described([alias, late]));
    const said = await stack.up();
    assert.match(said, new RegExp(`${late} has no certificate yet: it does not resolve`));
    assert.deepEqual((await served()).names, [alias, name].sort());
    assert.equal((await visitor.ask(`https://${name}/health`)).status, 200);
    // Nobody is led to where no certificate is.
    const plain = await visitor.ask(`http://${late}/`, "--resolve", `${late}:80:127.0.0.1`);
    assert.equal(plain.headers["location"], `https://${name}/`);
    const { warnings, changes } = await stack.plan();
    assert.match(warnings.join("\n"), new RegExp(`${late} has no certificate yet`));
    assert.deepEqual(changes["update"], [steps["acme-certificate"]]);
    assert.match(await status(), new RegExp(`https +${late} has no certificate yet`));
    await authority.name(late);
    await host.sh("systemctl start greenpush-certificates.service");
    assert.deepEqual((await served()).names, [alias, late, name].sort());
    assert.deepEqual(await stack.changes(), {});
  });

  it("is renewed by the timer, while a name that leads away keeps no other", async () => {
    const before = await served();
    await authority.unname(late);
    await isTime();
    assert.equal(await timer(), 1);
    const after = await served();
    assert.deepEqual(after.names, [alias, name].sort());
    assert.notEqual(after.serial, before.serial);
    assert.match(
      (await stack.plan()).warnings.join("\n"),
      new RegExp(`${late} has no certificate`),
    );
    stack.describe(described());
    await stack.up();
    const { changes, warnings } = await stack.plan();
    assert.deepEqual({ changes, warnings }, { changes: {}, warnings: [] });
  });

  it("serves on where the authority is down, limits or refuses, and says so before it is late", async () => {
    const before = await served();
    await authority.lasts(30);
    await isTime();
    assert.equal(await timer(), 0);
    const { serial } = await served();
    assert.notEqual(serial, before.serial);
    await authority.stop();
    await isTime();
    assert.equal(await timer(), 1);
    assert.equal((await served()).serial, serial);
    await host.sh(`until [ "$(date +%s)" -ge "$(head -n 1 ${folder}/told)" ]; do sleep 0.5; done`);
    const { warnings } = await stack.plan();
    assert.match(warnings.join("\n"), /the certificate (expires in 0 days|has expired)/);
    assert.match(warnings.join("\n"), /was not renewed: .*(refused|establish)/);
    assert.match(await status(), /https +the certificate (expires|has).*the last renewal failed: /);
    await authority.lasts();
    await authority.limits(true);
    assert.equal(await timer(), 1);
    assert.match(await status(), /the last renewal failed: .*too many certificates/);
    await authority.limits(false);
    await stack.up();
    assert.notEqual((await served()).serial, serial);
    assert.deepEqual(await stack.changes(), {});
  });

  it("has another one by up where somebody has revoked it, or changed something by hand", async () => {
    const { serial } = await served();
    const folders = ["config", "work", "logs"].map((each) => `--${each}-dir=${certbot}/${each}`);
    await host.sh(
      `certbot revoke --non-interactive --cert-name codebase --delete-after-revoke --server ${directory} ${folders.join(" ")}`,
    );
    assert.deepEqual((await stack.changes())["update"], [steps["acme-certificate"]]);
    await stack.up();
    assert.notEqual((await served()).serial, serial);
    const byHand: [by: string, says: RegExp[], ...records: (keyof typeof steps)[]][] = [
      [
        `echo >>${folder}/nginx.conf && systemctl disable --now -q greenpush-certificates.timer`,
        [/nginx\.conf: is not what the last up or renewal/, /timer is (disabled|inactive)/],
        ...(["certificate", "certificate-timer"] as const),
      ],
      [
        `rm ${folder}/certificate.pem`,
        [/certificate\.pem: is not what/],
        ...(["certificate", "acme-certificate"] as const),
      ],
    ];
    for (const [by, says, ...records] of byHand) {
      await host.sh(by);
      const { warnings, changes } = await stack.plan();
      for (const each of says) assert.match(warnings.join("\n"), each);
      assert.deepEqual(changes["update"]?.sort(), records.map((each) => steps[each]).sort());
      await stack.up();
    }
    assert.deepEqual(await stack.changes(), {});
    assert.equal((await visitor.ask(`https://${name}/health`)).status, 200);
  });

  it("takes a proof by DNS for a wildcard, with a secret that nobody else sees", async () => {
    await authority.answersDns();
    await host.sh(`cat >/usr/local/bin/dns-add <<'END'
#!/bin/sh
[ "$TOKEN" = of-a-test ] && curl -sf -d "{\\"host\\":\\"_acme-challenge.$CERTBOT_DOMAIN.\\",\\"value\\":\\"$CERTBOT_VALIDATION\\"}" http://localhost:8055/set-txt
END
chmod 755 /usr/local/bin/dns-add`);
    await stack.secret("secrets.codebase.TOKEN", "of-a-test");
    const dns = { hook: "/usr/local/bin/dns-add", secrets: ["TOKEN"] };
    stack.describe(described([alias, "*.shop.example.org"], { tls: { acme: { ...acme, dns } } }));
    const said = await stack.up();
    assert.deepEqual((await served()).names, ["*.shop.example.org", alias, name].sort());
    assert.ok(!said.includes("of-a-test") && !stack.state.includes("of-a-test"));
    const sub = await visitor.ask(
      "https://a.shop.example.org/",
      "--resolve",
      "a.shop.example.org:443:127.0.0.1",
    );
    assert.equal(sub.headers["location"], `https://${name}/`);
    assert.deepEqual(await stack.changes(), {});
  });

  it("binds its account to one at the authority, with a key that nobody else sees", async () => {
    const key = Buffer.from("a key of the customer, of a test").toString("base64url");
    await authority.binds("kid-1", key);
    const bound = "bound.example.org";
    await authority.name(bound);
    stack.describe(described([alias, bound]));
    assert.match(await stack.up(), /bound\.example\.org.*external account binding/i);
    await stack.secret("secrets.codebase.EAB_KEY", key);
    const eab = { kid: "kid-1", hmacKey: "EAB_KEY" };
    stack.describe(described([alias, bound], { tls: { acme: { ...acme, eab } } }));
    const said = await stack.up();
    assert.deepEqual((await served()).names, [alias, bound, name].sort());
    assert.ok(!said.includes(key) && !stack.state.includes(key));
    assert.equal(await host.sh(`grep -rl ${key} /var/log ${certbot} || :`), "");
    assert.deepEqual(await stack.changes(), {});
  });

  it("leaves nothing behind", async () => {
    const account = await host.sh(`cat ${certbot}/config/accounts/*/*/*/regr.json`);
    const { uri } = JSON.parse(account) as { uri: string };
    await stack.destroy();
    const left = await host.sh(
      `ls -d ${folder} /etc/greenpush-tls ${certbot} /etc/systemd/system/greenpush-cert* 2>/dev/null || :; command -v certbot || :`,
    );
    assert.equal(left, "");
    const state = await host.sh("journalctl -u pebble --no-pager | grep -ci deactivat || :");
    assert.ok(Number(state) > 0 && uri.startsWith("https://localhost"), `${uri}: ${state}`);
  });
});
