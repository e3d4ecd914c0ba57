// What does not fit together at a site's edge is said before anything is touched.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStack } from "../../../stacks/load";

const said = (lines: string, names = "[www.example.org]") => {
  try {
    parseStack(
      `servers:\n  own: {host: www.example.org, hostKey: ssh-ed25519 AAAA}\nsites:\n  shop:\n    serverNames: ${names}\n${lines}\n`,
      "own.yaml",
    );
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("tls of a site", () => {
  const good = [
    "    tls: off",
    "    tls: self-signed",
    "    tls: {acme: {email: ops@example.com}}",
    "    tls: {acme: {email: ops@example.com, directory: staging}, hsts: 86400}",
    "    tls: {acme: {email: ops@example.com, directory: https://ca.example.com/dir}}",
    "    tls: {acme: {email: ops@example.com, eab: {kid: kid-1, hmacKey: HMAC}}}",
    "    tls: {certificate: a.pem, key: KEY, hsts: {maxAge: 1, preload: true}}",
    '    aliases: ["*.example.org"]\n    tls: {acme: {email: a@example.com, dns: {hook: /srv/dns, secrets: [TOKEN]}}}',
  ];
  for (const lines of good) it(`may be ${lines.trim()}`, () => assert.equal(said(lines), ""));

  const bad: [string, RegExp, string?][] = [
    ["    tls: on", /shop\.tls: .*wanted `{ acme: { email: … } }`/],
    ["    tls: {acme: {}}", /tls\.acme\.email: is missing; wanted a text$/],
    ["    tls: {acme: {email: ops}}", /tls\.acme\.email: is "ops", allowed: an address as ops@/],
    [
      "    tls: {acme: {email: a@b.cc, eab: {kid: 'a\\nb', hmacKey: KEY}}}",
      /eab\.kid: .*the key identifier as the authority shows it/,
    ],
    ["    tls: {acme: {email: a@b.cc, eab: {kid: a}}}", /tls\.acme\.eab\.hmacKey: is missing/],
    ["    tls: {certificate: a.pem}", /tls\.key: is missing; wanted a text$/],
    [
      "    tls: {acme: {email: a@b.cc}, hsst: 1}",
      /tls\.hsst: is not a setting; did you mean hsts\?$/,
    ],
    ["    tls: {acme: {email: a@b.cc}, hsts: -1}", /tls\.hsts: /],
    ['    aliases: ["*.example.org"]\n    tls: {acme: {email: a@b.cc}}', /needs tls\.acme\.dns/],
    [
      "    tls: {acme: {email: a@b.cc}}",
      /no authority gives a certificate for 192\.0\.2\.1/,
      "[192.0.2.1]",
    ],
    [
      "    url: http://www.example.org/\n    tls: {acme: {email: a@b.cc}}",
      /shop\.url: is http:.*write https, or leave it out/,
    ],
    [
      "    nginx: {extra: [listen 443 ssl;]}\n    tls: self-signed",
      /shop\.tls: and nginx\.extra \(listen 443 ssl;\) both serve HTTPS/,
    ],
    ["    aliases: [example.org]", /aliases: are redirected to the first/, '["*.example.com"]'],
    ["    aliases: [www.example.org]", /www\.example\.org is a server name of shop already/],
  ];
  for (const [lines, message, names] of bad)
    it(`may not be ${lines.trim()}`, () => assert.match(said(lines, names), message));
});
