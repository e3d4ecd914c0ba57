// The pages that nginx has of its own, and whom maintenance closes a site for.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  closedLines,
  maintenanceLines,
  page,
  pageNames,
  pagesConfiguration,
} from "../../../../components/nginx/pages";
import { serverFolder } from "../../../../components/remote/program";
import type { SiteArgs } from "../../../../components/site";
import { parseStack } from "../../../../stacks/load";

/** A site with these settings. */
function site(more: Record<string, unknown>): SiteArgs {
  const settings = { serverNames: ["shop.example.org"], settings: "shop.settings", ...more };
  const servers = { own: { testServer: "bookworm" } };
  const { sites } = parseStack(JSON.stringify({ servers, sites: { shop: settings } }), "own.yaml");
  return { site: "shop", settings: sites["shop"] } as SiteArgs;
}

describe("the pages of nginx", () => {
  for (const name of pageNames)
    it(`${name} is what nginx can carry, and needs nothing else`, () => {
      const html = page(name);
      // nginx's longest word, in which a quote would end the page and a dollar begin a variable.
      assert.ok(html.length < 4096);
      assert.doesNotMatch(html, /['\\$]|\{\{|[^\n -~]/);
      assert.doesNotMatch(html, /https?:|\/\/|<script|<img|url\(/);
      assert.match(html, /<title>[^<>]{10,}<\/title>/);
      assert.ok(pagesConfiguration().includes(`${name} '${html.trimEnd()}';`));
    });

  it("none lies there that nobody gets", () => {
    const files = readdirSync(join(serverFolder, "templates", "pages")).sort();
    assert.deepEqual(files, ["frame.html", ...pageNames.map((name) => `${name}.html`)].sort());
  });
});

describe("maintenance", () => {
  const lines = (more: Record<string, unknown>) =>
    maintenanceLines(site(more), "greenpush_shop").map((line) => line.trim());

  it("closes the whole site unless the stack file says otherwise", () => {
    const found = lines({});
    assert.ok(found.includes("default /home/deploy/www/maintenance;"));
    assert.deepEqual(
      found.filter((line) => line.startsWith('"~')),
      ['"~^1 " "";', '"~^0 /\\.well-known/acme-challenge/" "";'],
    );
    assert.equal(found[found.indexOf("default 0;") + 1], "}");
  });

  it("lets addresses in", () => {
    const found = lines({ maintenance: { allow: ["203.0.113.7", "2001:db8::/32"] } });
    const at = found.indexOf("default 0;");
    assert.deepEqual(found.slice(at + 1, at + 4), ["203.0.113.7 1;", "2001:db8::/32 1;", "}"]);
  });

  it("lets the health path through as nginx compares it, unless it is the front page", () => {
    const asked: [health: string, pattern: string][] = [
      ["/health", "/health"],
      ["/health?full=1", "/health"],
      ["/h.x", "/h\\x2ex"],
      ["/%C3%A9%20", "/\\xc3\\xa9\\x20"],
      ['/"$x{1}\\', "/\\x22\\x24x\\x7b1\\x7d\\x5c"],
    ];
    for (const [health, pattern] of asked)
      assert.ok(
        lines({ health }).includes(`"~^0 ${pattern}\\z" "";`),
        lines({ health }).join("\n"),
      );
    for (const health of ["/", "/?full=1"])
      assert.equal(lines({ health }).length, lines({}).length);
  });

  it("says when to try again", () => {
    const found = closedLines(site({ maintenance: { retryAfter: 900 } }), "greenpush_shop");
    assert.ok(found.some((line) => line.includes("$greenpush_retry_after 900;")));
  });

  for (const [what, maintenance, says] of [
    [
      "a name",
      { allow: ["office.example.org"] },
      /sites\.shop\.maintenance\.allow\.0: is "office\.example\.org", wanted an address/,
    ],
    ["no time", { retryAfter: 0 }, /sites\.shop\.maintenance\.retryAfter/],
    ["an unknown setting", { page: "closed.html" }, /sites\.shop\.maintenance/],
  ] as const)
    it(`${what} stops before anything is touched`, () =>
      assert.throws(() => site({ maintenance }), says));
});
