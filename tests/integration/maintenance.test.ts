// A site that is closed for maintenance on a real server: for how long, for whom, and what a deploy of it does; and nginx's
// other pages. tests/server/test_engine_maintenance.py has the cases; this is nginx, systemd and `up` together.

import assert from "node:assert/strict";
import { get, type IncomingHttpHeaders } from "node:http";
import { after, before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import { Host } from "../../testing/host";
import { Load } from "../../testing/load";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";
import type { Stack } from "../../testing/stack";

const style = "/static/pages/style.css";
const closed = "<h1>This site is closed for maintenance</h1>";

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe("a site that is closed for maintenance", { timeout: 1_200_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  let load: Load;
  const file = (more: Record<string, unknown> = {}) =>
    oneSite(host, {
      keep: true,
      maintenance: { allow: ["127.0.0.1"], retryAfter: 90 },
      gunicorn: { workers: 1 },
      ...more,
    });

  /** What a visitor gets. */
  const ask = (path: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { host: address, httpPort: port } = host.address;
      const options = { host: address, port, path, headers: { host: name }, agent: false };
      get(options, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (text: string) => (body += text));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
        );
      }).on("error", reject);
    });
  /** The status that the server itself gets, whose address is let in. */
  const askFromServer = (path: string) =>
    host.sh(`python3 - <<'END'
import http.client
connection = http.client.HTTPConnection("127.0.0.1")
connection.request("GET", "${path}", headers={"Host": "${name}"})
print(connection.getresponse().status)
END`);
  const deploy = (...words: string[]) => host.sh(`www/deploy ${words.join(" ")}`, "deploy");

  const isClosed = async () => {
    for (const path of ["/", style]) {
      const { status, headers, body } = await ask(path);
      assert.deepEqual([status, headers["retry-after"]], [503, "90"]);
      assert.equal(headers["cache-control"], "no-store");
      assert.ok(body.includes(closed), body);
      assert.equal((await askFromServer(path)).trim(), "200");
    }
    assert.equal((await ask("/health")).status, 200);
  };
  /** Nobody has met anything but a page of the application or that of maintenance. */
  const others = () =>
    [...load.asked.splice(0), ...load.files.splice(0)].filter(
      ({ status }) => status !== 200 && status !== 503,
    );

  before(async () => {
    host = await Host.make("bookworm");
    ({ stack, site } = await setUpSite(host, file()));
  });
  after(async () => load.stop());

  it("tells the operator before the first push what to do", async () => {
    const { status, headers, body } = await ask("/");
    assert.deepEqual([status, headers["retry-after"]], [503, undefined]);
    assert.ok(body.includes("<pre>git push ADDRESS HEAD:main</pre>"), body);
    await site.pushWell();
    load = new Load(host, name);
  });

  it("is closed for all but the health path and some addresses", async () => {
    assert.equal((await ask("/")).status, 200);
    assert.match(
      await deploy("maintenance", "on", "2>&1"),
      /is in maintenance: visitors get a page/,
    );
    await isClosed();
    assert.match(
      await deploy("status"),
      /^ {2}closed {3}in maintenance since 20.* by deploy from /m,
    );
    assert.deepEqual(others(), []);
  });

  it("takes a push, and stays closed", async () => {
    await site.release("v2");
    const said = await site.pushWell();
    assert.match(said, /through nginx too, 1 static file/);
    assert.match(
      said,
      /Live: release 2.*\n.*codebase is in maintenance since .*: visitors see this/,
    );
    await isClosed();
    assert.deepEqual(others(), []);
  });

  it("is no change by hand, and an up leaves it closed", async () => {
    assert.deepEqual(await stack.plan().then(({ changes, warnings }) => [changes, warnings]), [
      {},
      [],
    ]);
    stack.describe(file({ environment: { A: "b" }, nginx: { maxBodySize: "1k" } }));
    await stack.up();
    await isClosed();
    assert.deepEqual(others(), []);
  });

  it("stays closed over a reboot", async () => {
    await load.stop();
    await host.restart();
    await host.sh("until systemctl is-active --quiet nginx; do sleep 0.2; done");
    await host.sh(
      "while [ -n \"$(systemctl list-jobs --no-legend 'gunicorn-*')\" ]; do sleep 0.2; done",
    );
    await isClosed();
    load = new Load(host, name);
  });

  it("opens again", async () => {
    assert.match(await deploy("maintenance", "off", "2>&1"), /codebase is open again/);
    assert.equal((await ask("/")).status, 200);
    assert.match(await deploy("log"), /maintenance .*on\n(.*\n)*.*maintenance .*off\n/);
    assert.deepEqual(others(), []);
    load.asked.splice(0);
    await deploy("status");
    assert.deepEqual(load.failures(), []);
    await load.stop();
  });

  it("has a page where gunicorn does not run, unless the application has one", async () => {
    const stopped = "systemctl stop 'gunicorn-codebase@*'";
    await host.sh(stopped);
    const { status, headers, body } = await ask("/");
    assert.deepEqual([status, headers["cache-control"]], [502, "no-store"]);
    assert.ok(body.includes("<h1>This site does not answer right now</h1>"), body);
    await deploy("recover");
    site.write("pages/static/50x.html", "<h1>of the application</h1>");
    await site.commit("A page of its own");
    await site.pushWell();
    await host.sh(stopped);
    assert.equal((await ask("/")).body, "<h1>of the application</h1>");
    await deploy("recover");
  });

  it("is taken away closed, and its archive opens as any other", async () => {
    await deploy("maintenance", "on");
    await stack.destroy();
    await host.sh("test ! -e /home/deploy/www");
    const packed = await host.sh("cat /var/backups/greenpush/*-var-*.tar.gz | tar -tz");
    assert.match(packed, /www\/var\/media\//);
    assert.doesNotMatch(packed, /maintenance/);
  });
});
