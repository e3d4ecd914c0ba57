// What a real nginx makes of the settings of a site: who the visitor is, who is let in, how often, and the stack's own lines.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { configurationOf, RealNginx, type Visited } from "../../testing/nginx";

const started = (settings: Record<string, unknown>, proxyProtocol = false) =>
  new RealNginx(settings, proxyProtocol).start();
const line = (source: string, port = 80) => `PROXY TCP4 ${source} 192.0.2.1 4711 ${port}`;
/** What the application is told of the visitor. */
const told = ({ seen }: Visited) => [
  seen?.headers["x-forwarded-for"],
  seen?.headers["x-forwarded-proto"],
];

describe("who the visitor is", () => {
  const forged = {
    "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Real-IP": "198.51.100.7",
    Forwarded: "for=198.51.100.7;proto=https",
  };

  it("is what a trusted proxy says: the last address that is no proxy's", async () => {
    const nginx = await started({ trustedProxies: ["127.0.0.0/8", "203.0.113.0/24"] });
    const { seen } = await nginx.ask("/", { headers: forged });
    assert.equal(seen?.headers["x-forwarded-for"], "198.51.100.7");
    assert.equal(seen.headers["x-real-ip"], "198.51.100.7");
    assert.equal(seen.headers["x-forwarded-proto"], "https");
    assert.equal(seen.headers["forwarded"], undefined);
    assert.match(nginx.accessLog, /^198\.51\.100\.7 /m);
  });

  it("is where the connection comes from, whatever a stranger says", async () => {
    const nginx = await started({ trustedProxies: ["192.0.2.1", "cloudflare"] });
    const { seen } = await nginx.ask("/", { headers: forged });
    assert.equal(seen?.headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(seen.headers["x-real-ip"], "127.0.0.1");
    assert.equal(seen.headers["x-forwarded-proto"], "http");
    assert.equal(seen.headers["forwarded"], undefined);
    assert.doesNotMatch(nginx.accessLog, /198\.51\.100\.7/);
  });

  describe("by the PROXY protocol", () => {
    let trusting: RealNginx;
    let strange: RealNginx;
    before(async () => {
      trusting = await started({ trustedProxies: ["127.0.0.1"] }, true);
      strange = await started({ trustedProxies: ["192.0.2.1"] }, true);
    });

    it("is what a trusted proxy says before the request, and no header", async () => {
      const proxy = line("203.0.113.9");
      assert.deepEqual(told(await trusting.ask("/", { proxy, headers: forged })), [
        "203.0.113.9",
        "http",
      ]);
      assert.match(trusting.accessLog, /^203\.0\.113\.9 /m);
    });

    it("and the visitor came by https if the port that he came to is 443", async () => {
      const https = await trusting.ask("/", { proxy: line("203.0.113.9", 443) });
      assert.deepEqual(told(https), ["203.0.113.9", "https"]);
    });

    it("or if the proxy says so, which listens on another port", async () => {
      const headers = { "X-Forwarded-Proto": "https" };
      const https = await trusting.ask("/", { proxy: line("203.0.113.9", 8443), headers });
      assert.deepEqual(told(https), ["203.0.113.9", "https"]);
    });

    it("is where the connection comes from, whatever a stranger says", async () => {
      const proxy = line("203.0.113.9", 443);
      assert.deepEqual(told(await strange.ask("/", { proxy, headers: forged })), [
        "127.0.0.1",
        "http",
      ]);
      assert.doesNotMatch(strange.accessLog, /203\.0\.113\.9/);
    });

    it("nobody gets in who does not speak it", () => assert.rejects(trusting.ask("/")));
  });

  it("also where a proxy runs on the server: its visitors don't reach a release that is not live", async () => {
    const nginx = await started({ trustedProxies: ["127.0.0.1"] });
    assert.equal((await nginx.check("/")).status, 200);
    const headers = { "X-Forwarded-For": "127.0.0.1, 203.0.113.9" };
    assert.equal((await nginx.check("/", headers)).status, 403);
  });
});

describe("access", () => {
  const hash = spawnSync("openssl", ["passwd", "-6", "-salt", "greenpush", "staging"], {
    encoding: "utf8",
  }).stdout.trim();
  const authorization = (password: string) => ({
    Authorization: `Basic ${Buffer.from(`ada:${password}`).toString("base64")}`,
  });
  const withFile = async (settings: Record<string, unknown>) => {
    const nginx = await started(settings);
    nginx.write("etc/greenpush-shop.htpasswd", `ada:${hash}\n`);
    return nginx;
  };
  const statuses = async (nginx: RealNginx, headers: Record<string, string> = {}) =>
    Promise.all(
      ["/", "/static/page.css", "/media/upload.txt", "/api/"].map(
        async (path) => (await nginx.ask(path, { headers })).status,
      ),
    );
  const nginx = { locations: { "/api/": [] } };

  it("by a password: nobody without it gets a page, a static file or an upload", async () => {
    const locked = await withFile({ access: { htpasswd: "LOCK" }, nginx });
    assert.deepEqual(await statuses(locked), [401, 401, 401, 401]);
    assert.deepEqual(await statuses(locked, authorization("guessed")), [401, 401, 401, 401]);
    assert.deepEqual(await statuses(locked, authorization("staging")), [200, 200, 200, 200]);
  });

  it("by an address", async () => {
    const open = await started({ access: { addresses: ["127.0.0.0/8"] }, nginx });
    assert.deepEqual(await statuses(open), [200, 200, 200, 200]);
    const closed = await started({ access: { addresses: ["192.0.2.0/24"] }, nginx });
    assert.deepEqual(await statuses(closed), [403, 403, 403, 403]);
  });

  it("by either where both are given, the address being the visitor's own", async () => {
    const both = await withFile({
      access: { htpasswd: "LOCK", addresses: ["203.0.113.9"] },
      trustedProxies: ["127.0.0.1"],
    });
    const from = (address: string) => ({ "X-Forwarded-For": address });
    const status = async (headers: Record<string, string>) =>
      (await both.ask("/", { headers })).status;
    assert.equal(await status(from("203.0.113.9")), 200);
    assert.equal(await status(from("203.0.113.8")), 401);
    assert.equal(await status({ ...from("203.0.113.8"), ...authorization("staging") }), 200);
  });

  it("without the file of passwords lets in nobody", async () => {
    const locked = await started({ access: { htpasswd: "LOCK" }, nginx });
    assert.deepEqual(await statuses(locked, authorization("staging")), [403, 403, 403, 403]);
  });

  it("keeps its password from the application, and no other header of that name", async () => {
    const locked = await withFile({ access: { htpasswd: "LOCK", addresses: ["127.0.0.1"] } });
    const seen = async (headers: Record<string, string>) =>
      (await locked.ask("/", { headers })).seen?.headers["authorization"];
    assert.equal(await seen(authorization("staging")), undefined);
    assert.equal(await seen({ Authorization: "Token 1234" }), "Token 1234");
  });

  it("leaves open where an authority proves a name, and the check before a release goes live", async () => {
    const locked = await withFile({
      access: { htpasswd: "LOCK", addresses: ["192.0.2.1"] },
      nginx: { locations: { "/api/": ["deny all;", "proxy_read_timeout 9s;"] } },
    });
    for (const path of ["/", "/api/"]) {
      const reply = await locked.check(path);
      assert.equal(reply.status, 200, path);
      assert.deepEqual(reply.headers["x-greenpush-slot"], ["green"], path);
    }
    const text = configurationOf({
      access: { htpasswd: "LOCK" },
      tls: { acme: { email: "ops@example.org" } },
    });
    assert.match(
      text,
      /location \^~ \/\.well-known\/acme-challenge\/ \{[^}]*auth_basic off;[^}]*allow all;/,
    );
  });
});

describe("static files", () => {
  it("are those of the release that is live, from the switch on, though nginx keeps files open", async () => {
    const nginx = await started({});
    const live = join(nginx.www, "live");
    mkdirSync(join(nginx.www, "releases"));
    renameSync(live, join(nginx.www, "releases", "1"));
    for (const name of ["page", "new"])
      nginx.write(`www/releases/2/public/static/${name}.css`, "the second {}\n");
    symlinkSync("releases/1", live);
    for (let count = 0; count < 3; count++) {
      assert.equal((await nginx.ask("/static/page.css")).body, "body {}\n");
      assert.ok((await nginx.ask("/static/new.css")).seen, "the application");
    }
    symlinkSync("releases/2", `${live}.new`);
    renameSync(`${live}.new`, live);
    for (const name of ["page", "new"])
      assert.equal((await nginx.ask(`/static/${name}.css`)).body, "the second {}\n");
  });
});

describe("noindex", () => {
  const pages = [
    "/",
    "/static/page.css",
    "/media/upload.txt",
    "/status/404",
    "/status/500",
    "/own/",
    "/api/",
    "/none",
    "/media/.x",
  ];
  const nginx = {
    extra: ["location /own/ {", "add_header X-Own 'a; {';", "}"],
    locations: { "/api/": ["add_header X-Api yes;"], "= /none": ["return 404;"] },
  };

  it("is said by all answers, once", async () => {
    const own = await started({ noindex: true, nginx });
    for (const path of pages)
      assert.deepEqual((await own.ask(path)).headers["x-robots-tag"], ["noindex, nofollow"], path);
    // Nothing of theirs is lost.
    assert.deepEqual((await own.ask("/own/")).headers["x-own"], undefined);
    assert.deepEqual((await own.ask("/api/")).headers["x-api"], ["yes"]);
    own.write("www/live/nothing-pushed", "");
    const reply = await own.ask("/");
    assert.deepEqual([reply.status, reply.headers["x-robots-tag"]], [503, ["noindex, nofollow"]]);
  });

  it("is said by none unless the stack says so", async () => {
    const own = await started({ nginx });
    for (const path of pages)
      assert.equal((await own.ask(path)).headers["x-robots-tag"], undefined, path);
  });
});

describe("limits", () => {
  const many = (nginx: RealNginx, count: number, path: string, from = "203.0.113.9") =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const headers = { "X-Forwarded-For": from };
        return (await nginx.ask(path, { headers })).status;
      }),
    );
  const settings = (nginx: Record<string, unknown>) => ({
    trustedProxies: ["127.0.0.1"],
    nginx: { ...nginx, locations: { "/api/": ["proxy_read_timeout 9s;"] } },
  });

  it("of requests count for each visitor what passes to the application, and no static file", async () => {
    const nginx = await started(settings({ rateLimit: { rate: "1r/m", burst: 2 } }));
    assert.deepEqual((await many(nginx, 6, "/")).sort(), [200, 200, 200, 429, 429, 429]);
    assert.deepEqual(await many(nginx, 1, "/api/"), [429]);
    assert.deepEqual(await many(nginx, 20, "/static/page.css"), Array(20).fill(200));
    assert.deepEqual(await many(nginx, 1, "/", "203.0.113.10"), [200]);
  });

  it("of connections likewise", async () => {
    const nginx = await started(settings({ connections: 2 }));
    assert.deepEqual((await many(nginx, 4, "/slow")).sort(), [200, 200, 429, 429]);
    assert.deepEqual(await many(nginx, 20, "/static/page.css"), Array(20).fill(200));
    assert.deepEqual((await many(nginx, 2, "/")).sort(), [200, 200]);
  });

  it("don't hold for the check before a release goes live", async () => {
    const nginx = await started(
      settings({ rateLimit: { rate: "1r/m", burst: 0 }, connections: 1 }),
    );
    for (let count = 0; count < 5; count++) assert.equal((await nginx.check("/")).status, 200);
  });
});

describe("the stack's own lines", () => {
  const odd = [
    "$& $1 $$ $` \\\\ a\tb",
    "# ; { } it''s {{www}} {{x}}",
    "ü 日本 🐍 \u2028",
    "GREENPUSH_FILE",
    "*?[a-z] !! `id` $(id) %s",
  ];

  it("survive with any characters", async () => {
    const texts = odd.map((text) => text.replaceAll("$", "${dollar}"));
    const nginx = await started({
      nginx: {
        httpExtra: ["geo $dollar { default '$'; }"],
        extra: texts.map((text, at) => `add_header X-Odd-${at} "${text}" always; # ${text}`),
        locations: { "= /odd": texts.map((text, at) => `add_header X-Own-${at} "${text}";`) },
      },
    });
    const wanted = (text: string) => text.replace("\\\\", "\\");
    const { headers } = await nginx.ask("/");
    const own = await nginx.ask("/odd");
    for (const [at, text] of odd.entries()) {
      assert.deepEqual(headers[`x-odd-${at}`], [wanted(text)]);
      assert.deepEqual(own.headers[`x-own-${at}`], [wanted(text)]);
    }
    // Also in the check before a release goes live.
    const checked = await nginx.check("/");
    assert.deepEqual(checked.headers["x-odd-0"], [wanted(odd[0] ?? "")]);
  });

  const paths: Record<
    string,
    [locations: Record<string, string[]>, path: string, wanted: number | string]
  > = {
    "a prefix passes to the application": [{ "/api/": [] }, "/api/x", "/api/x"],
    "a whole path does": [{ "= /feed": ["proxy_read_timeout 300s;"] }, "/feed", "/feed"],
    "a regular expression does": [{ "~ \\.pdf$": [] }, "/a/b.pdf", "/a/b.pdf"],
    "one with braces does": [{ "~ ^/\\d{4}/$": [] }, "/2026/", "/2026/"],
    "one in quotes does": [{ '~* "^/[a-z]{2}; x"': ["return 204;"] }, "/AB;%20x", 204],
    "lines that say what it does, do": [{ "/gone/": ["return 410;"] }, "/gone/x", 410],
    "alias leads to files": [
      { "^~ /files/": ["alias WWW/live/public/static/;"] },
      "/files/page.css",
      200,
    ],
    "the application by another path": [
      { "/old/": ["proxy_pass http://greenpush-shop/new/;"] },
      "/old/x",
      "/new/x",
    ],
  };
  for (const [name, [locations, path, wanted]] of Object.entries(paths))
    it(`in locations: ${name}`, async () => {
      const text = JSON.stringify(locations).replace("WWW", "/home/deploy/www");
      const nginx = await started({
        nginx: { locations: JSON.parse(text) as Record<string, string[]> },
      });
      const reply = await nginx.ask(path, { headers: { "X-Forwarded-For": "198.51.100.7" } });
      if (typeof wanted === "number") assert.equal(reply.status, wanted);
      else {
        assert.equal(reply.seen?.path, wanted);
        assert.equal(reply.seen.headers["host"], "shop.example.org");
        assert.deepEqual(told(reply), ["127.0.0.1", "http"]);
      }
      assert.equal((await nginx.check(path)).status, reply.status);
    });

  it("in locations add headers for the application, and lose none of Greenpush's", async () => {
    const lines = ["proxy_set_header X-Tenant shop;", "proxy_set_header x-forwarded-host other;"];
    const nginx = await started({ nginx: { locations: { "/": lines, "/api/": lines } } });
    for (const path of ["/", "/api/"]) {
      const { seen } = await nginx.ask(path, { headers: { "X-Forwarded-For": "198.51.100.7" } });
      assert.equal(seen?.headers["x-tenant"], "shop", path);
      assert.equal(seen.headers["x-forwarded-host"], "other", path);
      assert.equal(seen.headers["x-forwarded-for"], "127.0.0.1", path);
      assert.equal(seen.headers["host"], "shop.example.org", path);
    }
  });

  it("in locations change what Greenpush says once", () => {
    const lines = [
      "proxy_read_timeout 300s;",
      "proxy_http_version 1.0;",
      "proxy_redirect http:// https://;",
    ];
    const nginx = new RealNginx({ nginx: { locations: { "/": lines, "/api/": lines } } });
    assert.equal(nginx.refusal(), "");
  });

  it("before the first push say so in each location", async () => {
    const nginx = await started({ nginx: { locations: { "/api/": [] } } });
    nginx.write("www/live/nothing-pushed", "");
    for (const path of ["/", "/api/"]) assert.equal((await nginx.ask(path)).status, 503, path);
  });

  it("of the http context come before the server block", async () => {
    const httpExtra = ["map $arg_a $own {", "    default no;", "    b yes;", "}"];
    const nginx = await started({ nginx: { httpExtra, extra: ["add_header X-Own $own;"] } });
    assert.deepEqual((await nginx.ask("/?a=b")).headers["x-own"], ["yes"]);
  });
});
