// Which steps of a stack each setting changes.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { stackSchema } from "../../../stacks/schema";
import { allStepsOf, base, noEngine, secretNames, type Step } from "./support/declared";

/** Each setting of a site: another value, and the steps that it changes. */
const siteSettings: Record<string, [value: unknown, ...steps: string[]]> = {
  server: ["own"],
  serverNames: [["other.example.org"], "layout", "settings", "nginx"],
  aliases: [["example.org"], "nginx"],
  tls: [
    { acme: { email: "ops@example.org" } },
    ...[
      "acme-certificate",
      "certificate",
      "certificates",
      "layout",
      "nginx",
      "packages",
      "settings",
    ],
  ],
  url: ["https://www.example.org/", "layout", "settings", "nginx"],
  trustedProxies: [["10.0.0.0/8"], "nginx"],
  "access.addresses": [["192.0.2.0/24"], "nginx"],
  "access.htpasswd": ["LOCK", "access", "nginx"],
  noindex: [true, "nginx"],
  root: ["backend", "layout"],
  settings: ["other.settings.production", "settings"],
  wsgi: ["other.wsgi:application", "gunicorn"],
  asgi: ["other.asgi:application", "gunicorn"],
  user: ["www", "layout", "repository", "hooks", "secrets", "settings", "gunicorn", "nginx"],
  home: ["/srv/www", "layout", "repository", "hooks", "secrets", "settings", "gunicorn", "nginx"],
  directory: ["web", "layout", "repository", "hooks", "secrets", "settings", "gunicorn", "nginx"],
  authorizedKeys: [['from="10.0.0.0/8" ssh-ed25519 BBBB'], "layout"],
  pushers: [{ ada: { key: "ssh-ed25519 CCCC" } }, "layout"],
  branch: ["trunk", "gunicorn", "layout", "repository"],
  source: ["/srv/codebase", "repository"],
  environment: [{ A: "b" }, "settings"],
  secrets: [["MAIL_PASSWORD"], "secrets", "settings"],
  generated: [["DJANGO_SECRET_KEY"], "secrets", "settings"],
  files: [{ "shop/local.py": "key.pub" }, "settings"],
  debug: [true, "layout"],
  insecureSecretKey: [true, "layout"],
  developmentSettings: [true, "layout"],
  python: ["3.12", "layout", "tools"],
  requirements: ["requirements/production.txt", "layout"],
  groups: [["prod"], "layout"],
  extras: [["pg"], "layout"],
  extraRequirements: [["psycopg[binary]"], "layout"],
  node: ["22", "layout", "node"],
  build: [["npm ci", { run: "npm run build", in: "frontend" }], "layout"],
  release: [["python manage.py loaddata countries"], "layout"],
  first: [["python manage.py createsuperuser --noinput"], "layout"],
  health: ["/health", "layout", "nginx"],
  pages: [["/", "/about"], "layout"],
  migrate: ["before", "layout"],
  migrations: ["allow", "layout"],
  collectstatic: [false, "layout"],
  media: [false, "nginx"],
  shared: [["data"], "layout"],
  releases: [3, "layout"],
  keep: [false, "layout", "repository"],
  protect: [true],
  "gunicorn.manager": ["direct", "gunicorn"],
  "gunicorn.workers": [4, "gunicorn"],
  "gunicorn.threads": [4, "gunicorn"],
  "gunicorn.timeout": [40, "gunicorn"],
  "gunicorn.gracefulTimeout": [40, "gunicorn"],
  "gunicorn.options": [["--max-requests=10"], "gunicorn"],
  "gunicorn.memory": ["500M", "gunicorn"],
  "gunicorn.tasks": [600, "gunicorn"],
  "gunicorn.unit": [["ReadWritePaths=/srv/data"], "gunicorn"],
  "nginx.maxBodySize": ["20m", "nginx"],
  "nginx.proxyTimeout": [70, "nginx"],
  "nginx.brotli": [true, "layout", "nginx", "packages"],
  "nginx.extra": [["gzip on;"], "nginx"],
  "maintenance.allow": [["203.0.113.7"], "nginx"],
  "maintenance.retryAfter": [600, "nginx"],
  "nginx.httpExtra": [["map $a $b { default 1; }"], "nginx"],
  "nginx.locations": [{ "/api/": ["proxy_read_timeout 300s;"] }, "layout", "nginx"],
  "nginx.rateLimit.rate": ["10r/s", "nginx"],
  "nginx.rateLimit.burst": [5, "nginx"],
  "nginx.connections": [20, "nginx"],
  "limits.lock": [901, "layout"],
  "limits.virtualenv": [901, "layout"],
  "limits.deploy": [601, "layout"],
  "limits.django": [601, "layout", "gunicorn"],
  "limits.migrate": [3601, "layout"],
  "limits.build": [1801, "layout"],
  "limits.first": [601, "layout"],
  "limits.release": [601, "layout"],
  "limits.copy": [0, "layout"],
  "limits.boot": [61, "layout", "gunicorn"],
  "limits.health": [11, "layout"],
  "limits.stop": [61, "layout", "gunicorn"],
};

/** Every step of the stack, by its short name. */
const everyStep = [
  ...[
    "access",
    "packages",
    "files",
    "engine",
    "tools",
    "layout",
    "repository",
    "hooks",
    "secrets",
    "settings",
    "gunicorn",
    "nginx",
  ],
];

/** Settings of all servers that are off by default, and the steps that they add. */
const serverOptions: Record<string, [value: unknown, ...steps: string[]]> = {
  firewall: [true, "firewall", "firewall-confirm"],
  unattendedUpgrades: [true, "unattended-upgrades"],
  sshHardening: [true, "ssh-hardening", "ssh-hardening-confirm"],
  fail2ban: [true, "fail2ban"],
};

/** Each setting of a server: another value, and the steps that it changes. */
const serverSettings: Record<string, [value: unknown, ...steps: string[]]> = {
  host: ["other.example.org", ...everyStep],
  port: [2222, ...everyStep],
  user: ["admin", ...everyStep],
  hostKey: ["ssh-ed25519 BBBB", ...everyStep],
  // Without a private key, ssh uses the operator's agent, and there is no public key beside it.
  privateKey: [undefined, ...everyStep],
  packages: [["libpq5"], "packages"],
  pythonMirror: ["https://example.org/pythons", "tools"],
  pythonDownloads: ["/srv/pythons.json", "tools"],
  catchAll: [false, "packages"],
  proxyProtocol: [true, "packages", "layout", "nginx"],
  ...serverOptions,
  // As in the base, because with `true` the server would be asked. tests/integration/drift.test.ts tests that.
  probe: [false],
};

/** Each setting of a test server: another value, and the steps that it changes. */
const testServerSettings: typeof serverSettings = {
  testServer: ["trixie", "container"],
  packages: [["libpq5"], "packages"],
  pythonMirror: ["https://example.org/pythons", "tools"],
  pythonDownloads: ["/srv/pythons.json", "tools"],
  catchAll: [false, "packages"],
  proxyProtocol: [true, "packages", "layout", "nginx"],
  ...serverOptions,
  probe: [true],
};

/** Names of the settings of a schema; nested ones have a dot in their name. */
function settingNames(schema: z.core.$ZodType, prefix = ""): string[] {
  const { innerType, shape } = schema._zod.def as {
    innerType?: z.core.$ZodType;
    shape?: Record<string, z.core.$ZodType>;
  };
  if (innerType) return settingNames(innerType, prefix);
  if (!shape) return [prefix];
  return Object.entries(shape).flatMap(([name, inner]) =>
    settingNames(inner, prefix ? `${prefix}.${name}` : name),
  );
}

/** The short names of the steps that differ between the two. */
function changedSteps(before: Map<string, Step>, after: Map<string, Step>): string[] {
  for (const name of before.keys()) assert.ok(after.has(name), name);
  return [...after.keys()]
    .filter((name) => !isDeepStrictEqual(after.get(name), before.get(name)))
    .map((name) => name.replace(/^(codebase|own)-(environment-)?|-apply$/g, ""))
    .sort();
}

/** The steps with two servers whose site has proxies: it needs them where they speak the PROXY protocol. */
async function behindProxies(one: unknown, other: unknown) {
  const codebase = { ...base.sites.codebase, trustedProxies: ["192.0.2.1"] };
  const of = (own: unknown) =>
    allStepsOf(JSON.stringify({ servers: { own }, sites: { codebase } }));
  return [await of(one), await of(other)] as const;
}

describe("a stack", () => {
  const testServer = { testServer: "bookworm", probe: false };
  let steps: Map<string, Step>;
  let stepsOfTestServer: Map<string, Step>;
  before(async () => {
    await noEngine();
    steps = await allStepsOf(JSON.stringify(base));
    stepsOfTestServer = await allStepsOf(JSON.stringify({ ...base, servers: { own: testServer } }));
  });

  describe("changes with each setting of a site, and nothing else does", () => {
    it("the table has every setting", () => {
      const { shape } = stackSchema;
      const site = (shape.sites._zod.def as { valueType: z.core.$ZodType }).valueType;
      assert.deepEqual(settingNames(site).sort(), Object.keys(siteSettings).sort());
    });

    for (const [path, [value, ...changed]] of Object.entries(siteSettings))
      it(`${path}: ${changed.join(", ") || "nothing"}`, async () => {
        const [name = "", ...inner] = path.split(".");
        const setting = inner.reduceRight<unknown>((deeper, each) => ({ [each]: deeper }), value);
        const codebase = { ...base.sites.codebase, [name]: setting };
        // A burst needs its rate.
        if (path === "nginx.rateLimit.burst")
          Object.assign(codebase, { nginx: { rateLimit: { rate: "10r/s", burst: value } } });
        const stack = JSON.stringify({ ...base, sites: { codebase } });
        const others = await allStepsOf(stack, secretNames);
        assert.deepEqual(changedSteps(steps, others), changed.sort());
      });
  });

  describe("changes with each setting of a server, and nothing else does", () => {
    const { valueType } = stackSchema.shape.servers._zod.def as { valueType: z.core.$ZodUnion };
    const [host, test] = valueType._zod.def.options as [z.core.$ZodType, z.core.$ZodType];

    it("the tables have every setting", () => {
      assert.deepEqual(settingNames(host).sort(), Object.keys(serverSettings).sort());
      assert.deepEqual(settingNames(test).sort(), Object.keys(testServerSettings).sort());
    });

    for (const [name, [value, ...changed]] of Object.entries(serverSettings))
      it(`${name}: ${changed.join(", ") || "nothing"}`, async () => {
        const own = { ...base.servers.own, [name]: value };
        const [known, others] =
          name === "proxyProtocol"
            ? await behindProxies(base.servers.own, own)
            : [steps, await allStepsOf(JSON.stringify({ ...base, servers: { own } }))];
        assert.deepEqual(changedSteps(known, others), changed.sort());
      });

    for (const [name, [value, ...changed]] of Object.entries(testServerSettings))
      it(`${name} of a test server: ${changed.join(", ") || "nothing"}`, async () => {
        const own = { ...testServer, [name]: value };
        const [known, others] =
          name === "proxyProtocol"
            ? await behindProxies(testServer, own)
            : [stepsOfTestServer, await allStepsOf(JSON.stringify({ ...base, servers: { own } }))];
        assert.deepEqual(changedSteps(known, others), changed.sort());
      });
  });
});
