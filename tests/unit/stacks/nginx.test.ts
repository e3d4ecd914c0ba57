// What a stack file may say of nginx, of proxies and of who is let in; and what it is told of the rest.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseStack } from "../../../stacks/load";
import { locationOf, written } from "../../../stacks/nginx/location";
import { unfinished } from "../../../stacks/nginx/statements";

const parse = (site: Record<string, unknown>, server: Record<string, unknown> = {}) =>
  parseStack(
    JSON.stringify({
      servers: { own: { testServer: "bookworm", ...server } },
      sites: { shop: { serverNames: ["shop.example.org"], ...site } },
    }),
    "own.yaml",
  );
const locations = (given: Record<string, string[]>) => ({ nginx: { locations: given } });

describe("settings of nginx", () => {
  const bad: [name: string, site: Record<string, unknown>, says: RegExp][] = [
    ["access that lets in nobody", { access: {} }, /sites\.shop\.access: lets in nobody: write/],
    [
      "access by no address",
      { access: { addresses: ["office"] } },
      /sites\.shop\.access\.addresses\.0/,
    ],
    [
      "an unknown list of proxies",
      { trustedProxies: ["fastly"] },
      /sites\.shop\.trustedProxies\.0/,
    ],
    [
      "a rate without a time",
      { nginx: { rateLimit: { rate: "10" } } },
      /sites\.shop\.nginx\.rateLimit\.rate: .*10r\/s/,
    ],
    [
      "a location that is none",
      locations({ "api/": [] }),
      /sites\.shop\.nginx\.locations\S*: is not a valid name here: what nginx matches, as \/api\//,
    ],
    ["a named one", locations({ "@application": [] }), /is not a valid name here/],
    [
      "the same one twice",
      locations({ "/api/": [], "^~ /api/": [] }),
      /\^~ \/api\/": is the same location as \/api\//,
    ],
    ["another `/`", locations({ "^~ /": [] }), /has to be written as `\/`/],
    ["that of uploads", locations({ "/media/": [] }), /set the site's `media` to false/],
    ["Greenpush's own", locations({ "/protected-media/": [] }), /Greenpush's own/],
    ["that of certificates", locations({ "/.well-known/acme-challenge/x": [] }), /Greenpush's own/],
    ["a line without an end", locations({ "/a": ["gzip on"] }), /\/a": has no ; at its end/],
    ["a block too many", locations({ "/a": ["gzip on;", "}"] }), /\/a": has a \} without its \{/],
    [
      "a block without an end",
      { nginx: { httpExtra: ["map $a $b {"] } },
      /sites\.shop\.nginx\.httpExtra: has a \{ without its \}/,
    ],
  ];
  for (const [name, site, says] of bad)
    it(`${name} is refused`, () => assert.throws(() => parse(site), says));

  it("the PROXY protocol needs proxies", () => {
    const proxyProtocol = true;
    assert.throws(() => parse({}, { proxyProtocol }), /sites\.shop\.trustedProxies: is missing/);
    parse({ trustedProxies: ["10.0.0.1"] }, { proxyProtocol });
  });

  it("the examples of the how-to guides are good", () => {
    for (const page of ["adapt-nginx", "lock-a-site"]) {
      const file = join(__dirname, "..", "..", "..", "docs", "how-to", `${page}.md`);
      const [, example = ""] = /```yaml\n(sites:\n[^]*?)```/.exec(readFileSync(file, "utf8")) ?? [];
      const named = example.includes("serverNames") ? "" : "    serverNames: [shop.example.org]\n";
      parseStack(`servers: { own: { testServer: trixie } }\n${example}${named}`, "own.yaml");
    }
  });

  it("uploads that the application guards leave their address free", () => {
    parse({ media: false, ...locations({ "/media/": [] }) });
  });
});

describe("lines of nginx", () => {
  const cases: [lines: string[], trouble: string | undefined][] = [
    [[], undefined],
    [["# only { a comment"], undefined],
    [["a b;", "c { d; }", "# e"], undefined],
    [['a "b; {";', "c it's;", "d '\\'';"], undefined],
    [['a "b;'], 'has a " without its second one'],
    [["a", "b"], "has no ; at its end"],
    [["a { b; }", "c"], "has no ; at its end"],
  ];
  for (const [lines, trouble] of cases)
    it(`${JSON.stringify(lines)}: ${trouble ?? "whole"}`, () =>
      assert.equal(unfinished(lines), trouble));
});

describe("a location", () => {
  const cases: Record<string, string | undefined> = {
    "/": "/",
    "/api/": "/api/",
    "=/x": "= /x",
    "= /x": "= /x",
    "^~ /files/": "^~ /files/",
    "~ \\.pdf$": "~ \\.pdf$",
    "~*\\.PDF$": "~* \\.PDF$",
    "~ ^/\\d{4}/": '~ "^/\\d{4}/"',
    '~ "^/x{2}$"': '~ "^/x{2}$"',
    "~ '^/x y$'": '~ "^/x y$"',
    '~ ^/a"b$': '~ "^/a\\"b$"',
    '~ ^/a\\"b$': '~ "^/a\\"b$"',
    api: undefined,
    "@named": undefined,
    "": undefined,
    "/a b": undefined,
    "/a { return 204; }": undefined,
  };
  for (const [match, wanted] of Object.entries(cases))
    it(`${match} is ${wanted ?? "none"}`, () => {
      const location = locationOf(match);
      assert.equal(location && written(location), wanted);
    });
});
