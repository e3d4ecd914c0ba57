// HTTPS with a certificate of files or of the server itself, on Debian 12's nginx; turned on and off under load.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { scratchFolder } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { Load } from "../../testing/load";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import type { Stack } from "../../testing/stack";
import { trusted, Visitor } from "./support/https-visitor";

describe("HTTPS without an authority", { timeout: 900_000 }, () => {
  const folder = scratchFolder();
  let host: Host;
  let stack: Stack;
  let visitor: Visitor;
  let load: Load;

  const openssl = (...words: string[]) =>
    execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  /** Make a certificate, for so many days, and its secret key. */
  const sign = async (days: number, secret: string) => {
    writeFileSync(join(folder, "names"), `subjectAltName=DNS:${name}\n`);
    openssl("req", "-new", ...key, "-subj", "/CN=site", "-keyout", "key.pem", "-out", "csr");
    const by = [
      "x509",
      "-req",
      "-in",
      "csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
    ];
    openssl(...by, "-days", String(days), "-extfile", "names", "-out", "chain.pem");
    await stack.secret(`secrets.codebase.${secret}`, readFileSync(join(folder, "key.pem"), "utf8"));
    return { tls: { certificate: join(folder, "chain.pem"), key: secret } };
  };
  const failed = () => load.failures().filter(({ status }) => status !== 301);

  before(async () => {
    host = await Host.make("bookworm");
    const { stack: made, site } = await setUpSite(host, oneSite(host));
    stack = made;
    await site.pushWell();
    openssl("req", "-x509", ...key, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem");
    await host.sh(
      `{ apt-get update -q && apt-get install -q -y --no-install-recommends curl; } >/dev/null 2>&1\ncat >${trusted} <<'END'\n${readFileSync(join(folder, "ca.pem"), "utf8")}END\necho "127.0.0.1 ${name}" >>/etc/hosts`,
    );
    visitor = new Visitor(host);
    load = new Load(host, name);
  });
  after(() => load.stop());

  it("is not there unless it is asked for", async () => {
    assert.equal((await visitor.ask(`https://${name}/`)).status, 0);
    assert.equal((await host.sh("ss -Hltn sport = :443")).trim(), "");
  });

  it("of the server itself is served beside http, and nobody is led to it", async () => {
    stack.describe(oneSite(host, { tls: "self-signed" }));
    await stack.up();
    assert.deepEqual(await stack.changes(), {});
    assert.match((await visitor.ask(`https://${name}/`)).trouble, /self.signed/i);
    const answer = await visitor.ask(`https://${name}/health`, "--insecure");
    assert.deepEqual([answer.status, answer.protocol], [200, "2"]);
    assert.equal(answer.headers["strict-transport-security"], undefined);
    assert.equal((await host.get("/health", name)).status, 200);
    assert.deepEqual(failed(), []);
  });

  it("of files takes its place, and leads visitors there", async () => {
    stack.describe(oneSite(host, { ...(await sign(30, "FIRST")), aliases: [] }));
    const said = await stack.up();
    assert.ok(!stack.state.includes("BEGIN PRIVATE KEY") && !said.includes("BEGIN"));
    assert.deepEqual(await stack.changes(), {});
    const answer = await visitor.ask(`https://${name}/health`);
    assert.deepEqual(
      [answer.status, answer.headers["strict-transport-security"]],
      [200, "max-age=300"],
    );
    const { status, headers } = await visitor.ask(`http://${name}/health`);
    assert.deepEqual([status, headers["location"]], [301, `https://${name}/health`]);
    assert.deepEqual(failed(), []);
  });

  it("of files that does not fit changes nothing", async () => {
    const other = await sign(30, "SECOND");
    await sign(30, "THIRD");
    stack.describe(oneSite(host, other));
    const { status, output } = await stack.pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--non-interactive",
    );
    assert.notEqual(status, 0);
    assert.match(
      output,
      /sites\.codebase\.tls: \S+chain\.pem and the secret that tls\.key names do not belong/,
    );
    assert.equal((await visitor.ask(`https://${name}/health`)).status, 200);
  });

  it("of files that ends soon is said in a preview", async () => {
    stack.describe(oneSite(host, await sign(1, "LAST")));
    await stack.up();
    assert.equal((await visitor.ask(`https://${name}/health`)).status, 200);
    await host.sh("sed -i 1s/.*/1/ /etc/greenpush-tls/codebase/told");
    const { warnings } = await stack.plan();
    assert.match(
      warnings.join("\n"),
      /the certificate expires in 0 days: set another one in sites\.codebase\.tls/,
    );
  });

  it("is gone without a failed request when it is off again", async () => {
    stack.describe(oneSite(host, { tls: "off" }));
    await stack.up();
    assert.deepEqual(await stack.changes(), {});
    assert.equal((await host.get("/health", name)).status, 200);
    assert.equal((await host.sh("ls -A /etc/greenpush-tls 2>/dev/null || :")).trim(), "");
    assert.deepEqual(failed(), []);
  });
});
