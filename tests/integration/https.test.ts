// HTTPS that comes and stays by itself, with a real ACME server on the server's loopback.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import { Host } from "../../testing/host";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import type { Stack } from "../../testing/stack";
import { AcmeServer, directory } from "./support/acme-server";
import { Visitor } from "./support/https-visitor";

const records = ["certificate-timer", "certificate", "acme-certificate"];
const alias = "example.org";
const late = "late.example.org";
const acme = { email: "ops@example.org", directory };
const folder = "/etc/greenpush-tls/codebase";

describe("HTTPS by an authority", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  let authority: AcmeServer;
  let visitor: Visitor;
  const described = (more = {}, aliases = [alias]) =>
    oneSite(host, { aliases, tls: { acme }, ...more });

  before(async () => {
    host = await Host.make("trixie");
    authority = await AcmeServer.start(host);
    await authority.name(name, alias);
    ({ stack, site } = await setUpSite(host, described()));
    visitor = await Visitor.make(host, await authority.certificateAuthority);
    await site.pushWell();
  });

  it("is there after the first up", async () => {
    const answer = await visitor.ask(`https://${name}/health`);
    assert.deepEqual([answer.status, answer.body], [200, "ok"]);
    assert.equal(answer.protocol, "2");
    assert.equal(answer.headers["strict-transport-security"], "max-age=300");
    const { url } =
      (await stack.output<Record<string, Record<string, string>>>("sites"))["codebase"] ?? {};
    assert.equal(url, `https://${name}/`);
    assert.deepEqual(await stack.changes(), {});
  });

  it("leads from http to https, and from other names to the first", async () => {
    const plain = await visitor.ask(`http://${name}/a?b=c`);
    assert.deepEqual([plain.status, plain.headers["location"]], [301, `https://${name}/a?b=c`]);
    for (const scheme of ["http", "https"]) {
      const other = await visitor.ask(`${scheme}://${alias}/a?b=c`);
      assert.deepEqual([other.status, other.headers["location"]], [301, `https://${name}/a?b=c`]);
    }
  });
});
