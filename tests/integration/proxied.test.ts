// A site behind a proxy that terminates TLS, as docs/how-to/serve-https.md describes it: the application sees the visitor's
// address and scheme, and nginx believes only that proxy.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import { Host } from "../../testing/host";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import type { Stack } from "../../testing/stack";

/** What the application sees of a visitor. */
interface Seen {
  status: number;
  location: string;
  body: string;
}

describe("a site behind a proxy that ends TLS", { timeout: 600_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  const https = { url: `https://${name}` };

  before(async () => {
    host = await Host.make("bookworm");
    ({ stack, site } = await setUpSite(host, oneSite(host, https)));
    site.edit(
      "codebase/settings/test.py",
      /$/,
      '\nSECURE_SSL_REDIRECT = True\nSECURE_REDIRECT_EXEMPT = []\nSECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")\n',
    );
    site.edit(
      "pages/views.py",
      'return HttpResponse("ok"',
      "return HttpResponse(f\"{request.scheme} {request.META['HTTP_X_FORWARDED_FOR']}\"",
    );
    await site.commit("Behind a proxy");
    await site.pushWell();
  });

  /** A request as the proxy makes it. The proxy is the server itself, so its address is not the test's. */
  const throughProxy = async (scheme: string): Promise<Seen> =>
    JSON.parse(
      await host.sh(`python3 - <<'END'
import http.client, json
connection = http.client.HTTPConnection("127.0.0.1")
connection.request("GET", "/health", headers={"Host": "${name}", "X-Forwarded-Proto": "${scheme}", "X-Forwarded-For": "203.0.113.9"})
answer = connection.getresponse()
print(json.dumps({"status": answer.status, "location": answer.getheader("Location", ""), "body": answer.read().decode()}))
END`),
    ) as Seen;

  it("answers who came by https, and leads the others there", async () => {
    assert.deepEqual(await throughProxy("https"), {
      status: 200,
      location: "",
      body: "https 127.0.0.1",
    });
    const plain = await throughProxy("http");
    assert.deepEqual([plain.status, plain.location], [301, `https://${name}/health`]);
  });

  it("takes the visitor's address from the proxies that the stack names", async () => {
    stack.describe(oneSite(host, { ...https, trustedProxies: ["127.0.0.1"] }));
    await stack.up();
    assert.equal((await throughProxy("https")).body, "https 203.0.113.9");
  });

  it("and believes nobody else", async () => {
    stack.describe(oneSite(host, { ...https, trustedProxies: ["192.0.2.1"] }));
    await stack.up();
    assert.equal((await throughProxy("https")).status, 301);
  });
});
