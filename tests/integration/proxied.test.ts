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
    host = await Host.make();
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

  describe("with a real haproxy on it", () => {
    const proxies = { trustedProxies: ["127.0.0.1", "cloudflare"] };
    const server = (more: object) => {
      const { sites } = oneSite(host, { ...https, ...proxies });
      return { servers: { own: { ...host.settings(), ...more } }, sites };
    };
    /** The server's own address: who connects from it is a stranger to nginx. */
    let address: string;

    /** Have haproxy end TLS, and say who the visitor is by headers or by the PROXY protocol. */
    const configure = (says: "headers" | "PROXY") =>
      host.sh(`cat >/etc/haproxy/haproxy.cfg <<'CONFIGURATION'
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend https
  bind :8443 ssl crt /etc/haproxy/one.pem
  http-request set-header X-Forwarded-Proto https
  ${says === "headers" ? "option forwardfor" : ""}
  default_backend nginx
frontend http
  bind :8080
  http-request set-header X-Forwarded-Proto http
  ${says === "headers" ? "option forwardfor" : ""}
  default_backend nginx
backend nginx
  server own 127.0.0.1:80 ${says === "PROXY" ? "send-proxy" : ""}
CONFIGURATION
systemctl restart haproxy`);

    const curlTo = () =>
      `curl -sk --max-time 20 ${[80, 8080, 8443].map((port) => `--resolve ${name}:${port}:${address}`).join(" ")}`;
    const curl = (words: string) => host.sh(`${curlTo()} ${words}`);

    /** Sign the guest book by its form, over HTTPS: the status, and where it leads. */
    const sign = () =>
      host.sh(`rm -f /tmp/jar
        at=https://${name}:8443/
        ${curlTo()} -c /tmp/jar -o /tmp/page "$at"
        token=$(sed -n 's/.*name="csrfmiddlewaretoken" value="\\([^"]*\\)".*/\\1/p' /tmp/page)
        ${curlTo()} -b /tmp/jar -o /dev/null -w '%{http_code} %{redirect_url}' -e "$at" -H "Origin: https://${name}:8443" \\
          --data-urlencode "csrfmiddlewaretoken=$token" -d 'name=Ada&text=Hello' "$at"`);

    const lastVisitor = async () =>
      (await host.sh("tail -n 1 /var/log/nginx/codebase.access.log")).split(" ")[0];

    before(async () => {
      await host.sh(`export DEBIAN_FRONTEND=noninteractive
        apt-get -qq update >/dev/null && apt-get -qq install -y haproxy curl openssl >/dev/null
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -keyout /tmp/key -out /tmp/certificate 2>/dev/null
        cat /tmp/key /tmp/certificate >/etc/haproxy/one.pem`);
      address =
        (await host.sh("ip -4 -o addr show scope global")).split(/\s+/)[3]?.split("/")[0] ?? "";
      stack.describe(server({}));
      await stack.up();
      await configure("headers");
    });

    const comesThrough = async () => {
      assert.equal(await sign(), `302 https://${name}:8443/`);
      assert.equal(await lastVisitor(), address);
      assert.equal(await curl(`https://${name}:8443/health`), `https ${address}`);
      const words = "-o /dev/null -w '%{http_code} %{redirect_url}'";
      assert.match(await curl(`${words} http://${name}:8080/health`), /^301 https:/);
    };

    it("a form over HTTPS works, nothing goes round in circles, and the address is the visitor's", () =>
      comesThrough());

    it("a stranger who comes past it is not believed", async () => {
      const forged = "-H 'X-Forwarded-For: 203.0.113.9' -H 'X-Forwarded-Proto: https'";
      const words = `-o /dev/null -w '%{http_code}' ${forged}`;
      assert.equal(await curl(`${words} http://${name}/health`), "301");
      assert.equal(await lastVisitor(), address);
    });

    it("nor one who comes through it", async () => {
      const forged = "-H 'X-Forwarded-For: 203.0.113.9'";
      assert.equal(await curl(`${forged} https://${name}:8443/health`), `https ${address}`);
    });

    describe("that speaks the PROXY protocol", () => {
      before(async () => {
        stack.describe(server({ proxyProtocol: true }));
        await stack.up();
        await configure("PROXY");
      });

      it("the same works", () => comesThrough());

      it("a push is asked through nginx before it goes live", async () => {
        site.edit("pages/views.py", 'VERSION = "v1"', 'VERSION = "by PROXY"');
        await site.commit("Through nginx");
        assert.match(await site.pushWell(), /through nginx too/);
        assert.match(await curl(`https://${name}:8443/`), /by PROXY/);
      });

      it("a stranger who speaks it past the proxy is not believed", async () => {
        const said = await host.sh(`python3 - <<'PYTHON'
import socket
lines = ["PROXY TCP4 203.0.113.9 192.0.2.1 4711 443", "GET /health HTTP/1.1", "Host: ${name}", "Connection: close", "", ""]
with socket.create_connection(("${address}", 80), timeout=20) as line:
    line.sendall("\\r\\n".join(lines).encode())
    print(line.makefile().readline())
PYTHON`);
        assert.match(said, / 301 /);
        assert.equal(await lastVisitor(), address);
      });

      it("and who does not speak it is not answered", async () => {
        const ended = await host.run(`curl -s --max-time 20 http://127.0.0.1/ -H 'Host: ${name}'`);
        assert.notEqual(ended.status, 0, ended.output);
      });

      it("it can be turned off again", async () => {
        stack.describe(server({}));
        await stack.up();
        await configure("headers");
        await comesThrough();
        assert.deepEqual(await stack.changes(), {});
      });
    });
  });
});
