// Which of a site's own nginx lines count in the server block that checks a release before it goes live.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nginxConfiguration } from "../../../../components/nginx/nginx-site";
import type { SiteArgs } from "../../../../components/site";
import { parseStack } from "../../../../stacks/load";
import { statements } from "../../../../stacks/nginx/statements";
import { saysCacheControl, withoutAccess } from "../../../../components/nginx/extra";

describe("nginx.extra", () => {
  const cases: Record<string, [lines: string[], left: string[]]> = {
    "what is served stays": [
      ["proxy_buffer_size 16k;", "location /old/ {", "  alias /srv/old/;", "}"],
      ["proxy_buffer_size 16k;", "location /old/ {\n  alias /srv/old/;\n}"],
    ],
    "where it listens, what it is called and who gets in do not": [
      [
        "listen 443 ssl;",
        "server_name other.example.org;",
        "ssl_certificate /etc/ssl/one.pem; ssl_certificate_key /etc/ssl/one.key;",
        'auth_basic "Staff";',
        "deny all;",
        "return 301 https://$host$request_uri;",
        "if ($scheme = http) { return 301 https://$host$request_uri; }",
        "include snippets/tls.conf;",
      ],
      [],
    ],
    "comments, quotes and braces are no statements": [
      [
        "# listen; { it's",
        `add_header X-A "a;b {c} # d" always; # listen 1;`,
        "location ~ '\\.(css|js){1}$' { expires max; }",
        'add_header X-B "${host}";',
        "add_header X-C a#b;",
        "add_header X-D it's;",
      ],
      [
        `add_header X-A "a;b {c} # d" always;`,
        "location ~ '\\.(css|js){1}$' { expires max; }",
        'add_header X-B "${host}";',
        "add_header X-C a#b;",
        "add_header X-D it's;",
      ],
    ],
    "a block within a block belongs to it": [
      ["location /a/ { if ($arg_x) { return 404; } }", "gzip on;"],
      ["location /a/ { if ($arg_x) { return 404; } }", "gzip on;"],
    ],
  };
  for (const [name, [lines, left]] of Object.entries(cases))
    it(name, () => assert.deepEqual(withoutAccess(lines), left));

  it("that names the live release means the one in its slot there", () => {
    const extra = [
      "listen 8080;",
      "location /old/ { alias /home/deploy/www/live/static/; }",
      "location /api/ { proxy_pass http://greenpush-shop; proxy_read_timeout 300s; }",
    ];
    const site = { serverNames: ["shop.example.org"], settings: "shop.settings", nginx: { extra } };
    const servers = { own: { testServer: "bookworm" } };
    const { sites } = parseStack(JSON.stringify({ servers, sites: { shop: site } }), "own.yaml");
    const text = nginxConfiguration({ site: "shop", settings: sites["shop"] } as SiteArgs);
    const [, live = "", next = ""] = text.split(/^server \{$/m);
    for (const line of extra) assert.ok(live.includes(line), line);
    const slot = "/home/deploy/www/slots/$greenpush_slot";
    assert.ok(next.includes(`location /old/ { alias ${slot}/static/; }`));
    assert.ok(next.includes(`proxy_pass http://unix:${slot}/var/socket:; proxy_read_timeout`));
    assert.doesNotMatch(next, /8080|\/live\b|shop\.example\.org/);
    assert.match(next, /listen 80;\n.*\n.*\n +allow 127\.0\.0\.1;\n +deny all;/);
  });

  it("that says how long browsers may keep what they get has the only word", () => {
    const wins = [
      "expires 1h;",
      'add_header "Cache-Control" private;',
      "add_header cache-control a;",
    ];
    const other = ["location /a/ { expires 1h; }", "add_header X-Own a;", "# expires 1h;"];
    for (const line of wins) assert.ok(saysCacheControl([line]), line);
    for (const line of other) assert.ok(!saysCacheControl([line]), line);
  });

  it("nothing of a statement is lost", () => {
    assert.deepEqual(statements("a 1; b { c; }  d"), ["a 1;", "b { c; }", "d"]);
  });
});
