// `npm run proxies`: what Cloudflare answers is checked before it is written.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { listFile, proxyAddresses, readList } from "../../../stacks/proxies/list";
import { renewCloudflare } from "../../../stacks/proxies/renew";

describe("the addresses of Cloudflare", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
  const file = join(folder, "cloudflare.json");
  let status = 200;
  let body: unknown;
  const server = createServer((_, reply) => {
    reply.writeHead(status, { "Content-Type": "application/json", Location: "/other" });
    reply.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  let url: string;

  const kept = readList(listFile("cloudflare")).addresses;
  const answer = (more: string[] = []) => ({
    success: true,
    result: {
      ipv4_cidrs: [...kept.filter((each) => !each.includes(":")), ...more],
      ipv6_cidrs: kept.filter((each) => each.includes(":")),
      etag: "1",
    },
  });
  const renew = () => renewCloudflare(file, url, "2027-01-02");

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  beforeEach(() => {
    copyFileSync(listFile("cloudflare"), file);
    status = 200;
    body = answer();
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("stand for their name among those of a site, once", () => {
    const trustedProxies = ["10.0.0.1", "cloudflare" as const, "10.0.0.1"];
    assert.deepEqual(proxyAddresses({ trustedProxies }), ["10.0.0.1", ...kept]);
    assert.ok(kept.includes("173.245.48.0/20") && kept.includes("2c0f:f248::/32"));
  });

  it("stay as they are where nothing has changed", async () => {
    const text = readFileSync(file, "utf8");
    assert.deepEqual(await renew(), [`no change since ${readList(file).date}`]);
    assert.equal(readFileSync(file, "utf8"), text);
  });

  it("are renewed, and what changed is said", async () => {
    body = answer(["192.0.2.0/24"]);
    (body as ReturnType<typeof answer>).result.ipv6_cidrs.pop();
    const said = await renew();
    assert.deepEqual(said.slice(0, 2), ["added   192.0.2.0/24", `removed ${kept.at(-1)}`]);
    const list = readList(file);
    assert.deepEqual([list.date, list.source], ["2027-01-02", url]);
    assert.ok(list.addresses.includes("192.0.2.0/24") && list.addresses.length === kept.length);
  });

  const bad: Record<string, [status: number, body: () => unknown, says: RegExp]> = {
    "an error": [500, answer, /can't be read: it answers 500\. Nothing was written/],
    "a redirect": [302, answer, /can't be read/],
    "no JSON": [200, () => "<html>", /can't be read/],
    "a failure": [200, () => ({ ...answer(), success: false }), /success/],
    "the whole internet": [
      200,
      () => answer(["0.0.0.0/0"]),
      /ipv4_cidrs.*ranges of \/8 and longer/,
    ],
    "no range": [200, () => answer(["own; evil"]), /ipv4_cidrs/],
    "no list": [200, () => ({ success: true, result: { ipv4_cidrs: [] } }), /ipv4_cidrs/],
  };
  for (const [name, [answered, given, says]] of Object.entries(bad))
    it(`are not written for ${name}`, async () => {
      const text = readFileSync(file, "utf8");
      [status, body] = [answered, given()];
      await assert.rejects(renew(), says);
      assert.equal(readFileSync(file, "utf8"), text);
    });

  it("are not written where nobody answers", async () => {
    const nobody = renewCloudflare(file, "http://127.0.0.1:1/", "2027-01-02");
    await assert.rejects(nobody, /127\.0\.0\.1:1\/ can't be read: .*Nothing was written/);
  });
});
