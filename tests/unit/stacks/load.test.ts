// The messages for a wrong stack file, and the meaning of a right one.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadStack, parseStack, StackFileError } from "../../../stacks/load";

const hostKey = "hostKey: ssh-ed25519 AAAA";
const good = `servers:
  own:
    host: www.example.org
    ${hostKey}
sites:
  codebase:
    serverNames: [www.example.org]
    settings: codebase.settings.production
`;

function findings(text: string): string[] {
  try {
    parseStack(text, "stacks/own.yaml");
  } catch (error) {
    if (error instanceof StackFileError) return error.message.split("\n");
    throw error;
  }
  return [];
}

/** The good file with one line replaced, or added after another. */
const withLine = (after: string, line: string) => good.replace(after, `${after}\n${line}`);
const inSite = (line: string) => `${good}    ${line}\n`;

describe("a stack file", () => {
  it("that is right has its defaults filled in", () => {
    const { servers, sites } = parseStack(good, "own.yaml");
    assert.deepEqual(servers["own"], {
      host: "www.example.org",
      port: 22,
      user: "root",
      hostKey: "ssh-ed25519 AAAA",
      packages: [],
      catchAll: true,
      proxyProtocol: false,
      probe: true,
      firewall: false,
      unattendedUpgrades: false,
      sshHardening: false,
      fail2ban: false,
    });
    const site = sites["codebase"];
    assert.equal(site?.branch, "main");
    assert.equal(site.gunicorn.manager, "systemd");
    assert.equal(site.limits.deploy, 600);
  });

  for (const file of readdirSync(join(__dirname, "..", "..", "..", "stacks")))
    if (file.endsWith(".yaml") && !file.startsWith("Pulumi."))
      it(`${file} passes`, () => {
        loadStack(join(__dirname, "..", "..", "..", "stacks", file));
      });

  const table: Record<string, [text: string, ...findings: string[]]> = {
    "a setting that is none, near one": [
      inSite("brnch: main"),
      "stacks/own.yaml:9: sites.codebase.brnch: is not a setting; did you mean branch?",
    ],
    "a setting that is none, near nothing": [
      withLine("sites:", "  other: {}\n  codebase2:\n    xyzzyxyzzy: 1").replace(
        "  other: {}\n",
        "",
      ),
      "stacks/own.yaml:6: sites.codebase2.serverNames: is missing; wanted a list",
      "stacks/own.yaml:7: sites.codebase2.xyzzyxyzzy: is not a setting; docs/reference/configuration.md has those that there are",
    ],
    "a setting of a server": [
      withLine(hostKey, "    hots: a"),
      "stacks/own.yaml:5: servers.own.hots: is not a setting; did you mean host?",
    ],
    "an option of gunicorn": [
      inSite("gunicorn: {worker: 3}"),
      "stacks/own.yaml:9: sites.codebase.gunicorn.worker: is not a setting; did you mean workers?",
    ],
    "an option of gunicorn that Greenpush sets": [
      inSite('gunicorn: {options: ["--workers=4"]}'),
      "stacks/own.yaml:9: sites.codebase.gunicorn.options.0: an option that Greenpush sets itself; workers, threads, timeout and gracefulTimeout are settings",
    ],
    "a root that leads out of the codebase": [
      inSite("root: ../other"),
      'stacks/own.yaml:9: sites.codebase.root: is "../other", allowed: a folder of the codebase, for example frontend, or . for its top',
    ],
    "two applications": [
      inSite("wsgi: shop.wsgi\n    asgi: shop.asgi"),
      "stacks/own.yaml:10: sites.codebase.asgi: stands beside `wsgi`: leave out the one that gunicorn is not to run",
    ],
    "a wrong type": [
      inSite("gunicorn: {workers: many}"),
      'stacks/own.yaml:9: sites.codebase.gunicorn.workers: is "many", wanted a number',
    ],
    "a number out of range": [
      inSite("gunicorn:\n      workers: 0"),
      "stacks/own.yaml:10: sites.codebase.gunicorn.workers: is 0, allowed: 1 or more",
    ],
    "a word that is none of those allowed": [
      inSite("gunicorn: {manager: upstart}"),
      'stacks/own.yaml:9: sites.codebase.gunicorn.manager: is "upstart", allowed: systemd, supervisor, direct',
    ],
    "a text that can't be": [
      inSite("settings2: a").replace("settings2: a", "health: health"),
      'stacks/own.yaml:9: sites.codebase.health: is "health", allowed: a path, from /',
    ],
    "a newline where nginx would read on": [
      inSite('nginx: {extra: ["a\\nb"]}'),
      'stacks/own.yaml:9: sites.codebase.nginx.extra.0: is "a\\nb", allowed: one line',
    ],
    "a site's name": [
      good.replace("  codebase:", "  Code_Base:"),
      "stacks/own.yaml:6: sites.Code_Base: is not a valid name here: lower-case letters, digits and hyphens, at most 31, a letter first",
    ],
    "a test server's setting": [
      "servers: {own: {testServer: jessie}}\nsites: {}",
      'stacks/own.yaml:1: servers.own.testServer: is "jessie", allowed: bookworm, trixie, noble, resolute',
    ],
    "a server that is not there": [
      inSite("server: other"),
      'stacks/own.yaml:9: sites.codebase.server: is "other", allowed: own',
    ],
    "a name twice": [
      `${good}  second:\n    directory: second\n    serverNames: [www.example.org]\n    settings: a.b\n`,
      "stacks/own.yaml:11: sites.second.serverNames: www.example.org is a server name of codebase already",
    ],
    "a folder twice": [
      `${good}  second:\n    serverNames: [second.example.org]\n    settings: a.b\n`,
      "stacks/own.yaml:9: sites.second: stands in the folder of codebase: give one of them another `user` or `directory`",
    ],
    "two applications for gunicorn": [
      inSite("wsgi: shop.wsgi\n    asgi: shop.asgi"),
      "stacks/own.yaml:10: sites.codebase.asgi: stands beside `wsgi`: leave out the one that gunicorn is not to run",
    ],
    "less time than WebSockets have": [
      inSite("asgi: shop.asgi\n    gunicorn: {gracefulTimeout: 300}"),
      "stacks/own.yaml:10: sites.codebase.gunicorn.gracefulTimeout: WebSockets may stay open for 300 seconds, and limits.stop ends gunicorn after 60: write `limits: { stop: 305 }` or more",
    ],
    "and less than they have by default": [
      inSite("asgi: shop.asgi\n    limits: {stop: 30}"),
      "stacks/own.yaml:10: sites.codebase.limits.stop: WebSockets may stay open for 30 seconds, and limits.stop ends gunicorn after 30: write `limits: { stop: 35 }` or more",
    ],
    "a secret in clear text": [
      inSite("environment: {KEY: a}\n    secrets: [KEY]"),
      "stacks/own.yaml:9: sites.codebase.environment.KEY: is also one of `secrets`: say it in one place",
    ],
    "no YAML": ["servers: [\n", /^stacks\/own\.yaml:\d+: is not YAML: /.source],
    "an empty file": [
      "",
      "stacks/own.yaml:1: servers: is missing; wanted a mapping",
      "stacks/own.yaml:1: sites: is missing; wanted a mapping",
    ],
  };
  for (const [name, [text, ...wanted]] of Object.entries(table))
    it(`says what is wrong: ${name}`, () => {
      const found = findings(text);
      assert.equal(found.length, wanted.length, found.join("\n"));
      wanted.forEach((line, index) => {
        if (line.startsWith("^")) assert.match(found[index] ?? "", new RegExp(line));
        else assert.equal(found[index], line);
      });
    });

  it("that is not there says how to have one", () => {
    assert.throws(() => loadStack("stacks/nowhere.yaml"), {
      message: /^stacks\/nowhere\.yaml: there is no such stack file\. Write it/,
    });
  });

  it("may repeat itself with YAML's anchors", () => {
    const text = `shared: &shared {}\n${good}`;
    assert.deepEqual(findings(text), [
      "stacks/own.yaml:1: shared: is not a setting; known here are servers, sites",
    ]);
    const merged = good
      .replace(
        "sites:\n",
        "sites:\n  first: &first {serverNames: [a.example.org], settings: a.b, directory: a}\n",
      )
      .concat("  third:\n    <<: *first\n    serverNames: [c.example.org]\n    directory: c\n");
    assert.deepEqual(findings(merged), []);
  });
});
