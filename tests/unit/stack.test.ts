// Which steps a stack is, and which of them each setting changes.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { runWell } from "../integration/support/run";
import { siteOutputs } from "../../components/django-site";
import { readGenerations, writtenGenerations } from "../../components/remote/findings";
import type { SiteArgs } from "../../components/site";
import { chosenSecrets, declareStack, type Secrets } from "../../components/stack";
import { parseStack } from "../../stacks/load";
import { stackSchema } from "../../stacks/schema";

const secretMark = "4dabf18193072939515e22adb298388d";

interface Step {
  inputs: Record<string, unknown>;
  /** Its standard input, in clear text. */
  stdin: string;
  secret: boolean;
  /** Whether it runs on a server, and not on this machine about one. */
  remote: boolean;
}

/** What the last `up` gave out. */
let outputs: Record<string, unknown> = {};

/** What was registered since `allStepsOf` was called last. */
let registered = new Map<string, Step>();

/** Once for all tests: a component tells its outputs late, and other mocks would not know it. */
const noEngine = () =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Record<string, unknown>;
        if (type === "random:index/randomPassword:RandomPassword")
          return { id: name, state: { ...given, result: pulumi.secret("a-random-secret-key") } };
        if (type === "command:local:Command")
          given["stdout"] = JSON.stringify({ ...testServerAddress, httpPort: 8080 });
        if (type === "command:local:Command" || type === "command:remote:Command") {
          const stdin = given["stdin"] as string | { value: string };
          const secret = typeof stdin === "object" && secretMark in stdin;
          registered.set(name, {
            inputs: given,
            stdin: secret ? stdin.value : String(stdin),
            secret,
            remote: type === "command:remote:Command",
          });
        }
        return { id: name, state: given };
      },
      call: ({ token }) => (token === "pulumi:pulumi:readStackOutputs" ? { outputs } : {}),
    },
    "greenpush",
    "own",
    false,
    "organization",
  );

/** The steps on servers that a stack declares, by name; no engine and no server is there. */
async function stepsOf(text: string, secrets: Record<string, Record<string, string>> = {}) {
  const all = await allStepsOf(text, secrets);
  return new Map([...all].filter(([, { remote }]) => remote));
}

/** These, and those on this machine that a server is as a whole. */
async function allStepsOf(text: string, secrets: Record<string, Record<string, string>> = {}) {
  registered = new Map();
  const context = { stack: "own", folder, secrets: pulumi.output(secrets) };
  const settings = parseStack(text, "own.yaml");
  await pulumi.runtime.runInPulumiStack(() => declareStack(settings, context));
  await waitForRegistrations();
  return registered;
}

/** The SDK has this and exports it, without its type. */
const { waitForRPCs: waitForRegistrations } = pulumi.runtime as unknown as {
  waitForRPCs: () => Promise<void>;
};

const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
const testServerAddress = {
  ...{ host: "127.0.0.1", port: 2222, user: "root", hostKey: "ssh-ed25519 AAAA" },
  privateKeyFile: join(folder, "key"),
  knownHostsFile: join(folder, "known_hosts"),
};
const secretNames = { codebase: { MAIL_PASSWORD: "a-mail-password" } };

const base = {
  servers: {
    own: {
      host: "www.example.org",
      hostKey: "ssh-ed25519 AAAA",
      privateKey: join(folder, "key"),
      probe: false,
    },
  },
  sites: {
    codebase: { serverNames: ["www.example.org"], settings: "codebase.settings.production" },
  },
};

/** Each setting of a site: another value, and the steps that it changes. */
const siteSettings: Record<string, [value: unknown, ...steps: string[]]> = {
  server: ["own"],
  serverNames: [["other.example.org"], "layout", "settings", "nginx"],
  url: ["https://www.example.org/", "layout", "nginx"],
  trustedProxies: [["10.0.0.0/8"], "nginx"],
  settings: ["other.settings.production", "settings", "gunicorn"],
  wsgi: ["other.wsgi:application", "gunicorn"],
  user: ["www", "layout", "repository", "hooks", "secrets", "settings", "gunicorn", "nginx"],
  home: ["/srv/www", "layout", "repository", "hooks", "secrets", "settings", "gunicorn", "nginx"],
  directory: ["web", "layout", "repository", "hooks", "secrets", "settings", "gunicorn", "nginx"],
  authorizedKeys: [['from="10.0.0.0/8" ssh-ed25519 BBBB'], "layout"],
  pushers: [{ ada: { key: "ssh-ed25519 CCCC" } }, "layout"],
  branch: ["trunk", "gunicorn", "layout", "repository"],
  source: ["/srv/codebase", "repository"],
  environment: [{ A: "b" }, "settings"],
  secrets: [["MAIL_PASSWORD"], "secrets", "settings"],
  requirements: ["requirements/production.txt", "layout"],
  health: ["/health", "layout"],
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
  "nginx.extra": [["gzip on;"], "nginx"],
  "limits.lock": [901, "layout"],
  "limits.virtualenv": [901, "layout"],
  "limits.deploy": [601, "layout"],
  "limits.django": [601, "layout", "gunicorn"],
  "limits.migrate": [3601, "layout"],
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
    "engine",
    "layout",
    "repository",
    "hooks",
    "secrets",
    "settings",
    "gunicorn",
    "nginx",
  ],
];

/** Settings of every kind of server that are off, and the steps that there are where they are on. */
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
  // Without one the operator's agent connects, and there is no public key that goes with it.
  privateKey: [undefined, ...everyStep],
  packages: [["libpq5"], "packages"],
  catchAll: [false, "packages"],
  ...serverOptions,
  // As in the base: with `true` a server would be asked. What it finds there is the matter of tests/integration/drift.test.ts.
  probe: [false],
};

/** Each setting of a test server: another value, and the steps that it changes. */
const testServerSettings: typeof serverSettings = {
  testServer: ["trixie", "container"],
  packages: [["libpq5"], "packages"],
  catchAll: [false, "packages"],
  ...serverOptions,
  probe: [true],
};

/** Names of the settings below a schema, those of a mapping of their own with a dot. */
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

/** The short names of the steps that are not the same in both; what is there before stays. */
function changedSteps(before: Map<string, Step>, after: Map<string, Step>): string[] {
  for (const name of before.keys()) assert.ok(after.has(name), name);
  const inputs = (step?: Step) => JSON.stringify([step?.inputs, step?.stdin]);
  return [...after.keys()]
    .filter((name) => inputs(after.get(name)) !== inputs(before.get(name)))
    .map((name) => name.replace(/^(codebase|own)-(environment-)?|-apply$/g, ""))
    .sort();
}

describe("a stack", () => {
  let steps: Map<string, Step>;
  before(async () => {
    await noEngine();
    writeFileSync(join(folder, "key"), "a private key\n");
    writeFileSync(join(folder, "key.pub"), "ssh-ed25519 AAAA of-the-operator\n");
    steps = await stepsOf(JSON.stringify(base));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is one step for each piece", () => {
    assert.deepEqual([...steps.keys()].sort(), [
      "codebase-environment-secrets",
      "codebase-environment-settings",
      "codebase-gunicorn-apply",
      "codebase-hooks-apply",
      "codebase-layout-apply",
      "codebase-nginx-apply",
      "codebase-repository-apply",
      "own-engine-apply",
      "own-packages-apply",
    ]);
  });

  it("lets push whoever has the operator's key", () => {
    assert.match(
      steps.get("codebase-layout-apply")?.stdin ?? "",
      /^authorized_keys='ssh-ed25519 AAAA of-the-operator'$/m,
    );
  });

  it("says where nobody may push, in words", async () => {
    const { privateKey: _, ...agent } = base.servers.own;
    const said = mock.method(pulumi.log, "warn", () => Promise.resolve());
    const warnings = () => said.mock.calls.map(({ arguments: [text] }) => String(text));
    await stepsOf(JSON.stringify({ ...base, servers: { own: agent } }));
    assert.match(
      warnings().join("\n"),
      /^sites\.codebase: nobody may push: .*sites\.codebase\.pushers/,
    );
    said.mock.resetCalls();
    const named = { ...base.sites.codebase, pushers: { ada: { key: "ssh-ed25519 CCCC" } } };
    await stepsOf(JSON.stringify({ servers: { own: agent }, sites: { codebase: named } }));
    await stepsOf(JSON.stringify(base));
    assert.deepEqual(warnings(), []);
    said.mock.restore();
  });

  it("gives out little: the generations of a server in a line, and what destroy does with data", async () => {
    const own = { ...base.servers.own, packages: ["postgresql"] };
    const settings = parseStack(JSON.stringify({ ...base, servers: { own } }), "own.yaml");
    const context = { stack: "own", folder, secrets: pulumi.output<Secrets>({}) };
    const { generations, onDestroy } = await declareStack(settings, context);
    await waitForRegistrations();
    assert.match(generations["own"] ?? "", /^server-packages\.own server-engine\.own [a-z. -]+$/);
    assert.deepEqual(Object.keys(onDestroy), ["servers.own.packages", "sites.codebase"]);
    // What an earlier version has written is read too.
    const known = { "nginx-site.codebase": "g1", "git-repository.codebase": "" };
    assert.deepEqual(readGenerations(writtenGenerations(known)), known);
    assert.deepEqual(readGenerations(known), known);
  });

  it("pins the host key of every connection, and asks for no variable of the server", () => {
    for (const [name, { inputs }] of steps) {
      const { value } = inputs["connection"] as { value: { hostKey: string } };
      assert.equal(value.hostKey, "ssh-ed25519 AAAA", name);
      assert.equal(inputs["environment"], undefined, name);
    }
  });

  it("begins with its server where that could not be asked", async () => {
    // Nothing listens there.
    const own = { ...base.servers.own, host: "127.0.0.1", port: 1, probe: true };
    const file = join(folder, "last-words");
    process.env["GREENPUSH_LAST_WORDS"] = file;
    await runWell("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "whole")]);
    const hostKey = readFileSync(join(folder, "whole.pub"), "utf8").trim();
    const servers = { own: { ...own, hostKey, privateKey: join(folder, "whole") } };
    const first = await allStepsOf(JSON.stringify({ ...base, servers }));
    assert.equal(first.get("own-access")?.inputs["environment"], undefined);
    outputs = { generations: { own: { "nginx-site.codebase": "g1" } } };
    const asked = await allStepsOf(JSON.stringify({ ...base, servers }));
    delete process.env["GREENPUSH_LAST_WORDS"];
    assert.match(asked.get("codebase-nginx-apply")?.stdin ?? "", /^generation=g1$/m);
    const { GREENPUSH_NOT_ASKED: reason } = asked.get("own-access")?.inputs["environment"] as {
      GREENPUSH_NOT_ASKED: string;
    };
    assert.match(reason, /^127\.0\.0\.1 can't be reached on port 1 \(.*refused\)$/);
    assert.equal(
      readFileSync(file, "utf8"),
      `servers.own could not be asked: ${reason}\n`.repeat(2),
    );
    outputs = {};
    const unasked = await allStepsOf(JSON.stringify(base));
    assert.equal(unasked.get("own-access")?.inputs["environment"], undefined);
  });

  it("at an IPv6 address is pushed to by a URL that has it in brackets", () => {
    const { sites } = parseStack(JSON.stringify(base), "own.yaml");
    const site = { site: "codebase", settings: sites["codebase"] } as SiteArgs;
    const remote = (host: string, port = 22) =>
      siteOutputs(site, { host, port, httpPort: 80 }).gitRemote;
    assert.equal(remote("2001:db8::1"), "ssh://deploy@[2001:db8::1]/~/www/codebase");
    assert.equal(remote("::1", 2222), "ssh://deploy@[::1]:2222/~/www/codebase");
    assert.equal(remote("web"), "ssh://deploy@web/~/www/codebase");
  });

  it("is made anew where its server changes, and for nothing else", () => {
    for (const [name, { inputs }] of steps) assert.deepEqual(inputs["triggers"], ["own"], name);
  });

  it("as another user than root goes through sudo", async () => {
    const own = { ...base.servers.own, user: "admin" };
    for (const [name, { inputs }] of await stepsOf(JSON.stringify({ ...base, servers: { own } }))) {
      assert.equal(inputs["create"], "sudo -n sh -s apply", name);
      assert.equal(inputs["delete"], "sudo -n sh -s remove", name);
    }
  });

  it("confirms over another connection what could lock the operator out, each time that it changes", async () => {
    const own = { ...base.servers.own, user: "admin", firewall: true, sshHardening: true };
    const all = await stepsOf(JSON.stringify({ ...base, servers: { own } }));
    for (const step of ["own-firewall", "own-ssh-hardening"]) {
      const confirm = all.get(`${step}-confirm`);
      assert.equal(confirm?.inputs["create"], "sudo -n sh -s confirm");
      assert.equal(confirm.inputs["delete"], undefined);
      assert.match(confirm.stdin, /^confirms=[0-9a-f]{12}$/m);
    }
    assert.match(all.get("own-firewall-apply")?.stdin ?? "", /^ssh_port=22$/m);
    assert.match(all.get("own-ssh-hardening-apply")?.stdin ?? "", /^ssh_user=admin$/m);
  });

  it("has no program with a variable that is named as one of its values, which can only be read", async () => {
    const options = ["firewall", "sshHardening", "fail2ban", "unattendedUpgrades"];
    const own = { ...base.servers.own, ...Object.fromEntries(options.map((name) => [name, true])) };
    for (const [name, { stdin }] of await stepsOf(JSON.stringify({ ...base, servers: { own } }))) {
      const values = /^readonly (.*)$/m.exec(stdin)?.[1]?.split(" ") ?? [];
      assert.ok(values.includes("component"), name);
      const [, script = ""] = stdin.split(/^readonly .*$/m);
      const code = script.replace(/^ *#.*$/gm, "").replace(/^  cat <<'(\w+)'$[^]*?^\1$/gm, "");
      for (const value of values) {
        const set = new RegExp(
          `(^|[;&|({] |do |then )${value}=|\\bfor ${value} in|\\b(local|read -r)( \\w+)* ${value}\\b`,
          "m",
        );
        assert.doesNotMatch(code, set, `${name}: ${value}`);
      }
    }
  });

  it("has its secrets in one step, which is a secret and logs nothing", async () => {
    const site = { ...base.sites.codebase, secrets: ["MAIL_PASSWORD"] };
    const all = await stepsOf(JSON.stringify({ ...base, sites: { codebase: site } }), secretNames);
    for (const [name, step] of all) {
      const holds = ["a-random-secret-key", "a-mail-password"].filter((text) =>
        step.stdin.includes(text),
      );
      const isSecret = name === "codebase-environment-secrets";
      assert.equal(holds.length, isSecret ? 2 : 0, name);
      assert.equal(step.secret, isSecret, name);
      if (isSecret) assert.equal(step.inputs["logging"], "none");
    }
  });

  it("without a secret's value says the command that sets it", () => {
    assert.throws(() => chosenSecrets("codebase", ["KEY"], {}, "own"), {
      message:
        "sites.codebase.secrets names KEY, which has no value in stack own. Set it: npx pulumi config set --stack own --secret --path secrets.codebase.KEY",
    });
  });

  describe("with a secret that no environment can hold names it, and never its value", () => {
    const values: Record<string, [value: unknown, says: RegExp]> = {
      "a NUL": ["a-secret\0", /^sites\.codebase\.secrets: the value of KEY in stack own has a NUL/],
      "a carriage return": ["a-secret\r\n", /the value of KEY in stack own has a carriage return/],
      "half a character": ["a-secret\udc00", /the value of KEY in stack own has half a character/],
      "more than the kernel takes": ["a-secret".repeat(20_000), /of KEY .* is 160004 bytes long/],
      "a mapping": [
        { inner: "a-secret" },
        /the value of KEY in stack own is no text\. Set it: npx/,
      ],
      "no value": [null, /the value of KEY in stack own is no text\. Set it: npx/],
    };
    for (const [name, [value, says]] of Object.entries(values))
      it(name, () => {
        const secrets = { codebase: { KEY: value } } as Secrets;
        assert.throws(
          () => chosenSecrets("codebase", ["KEY"], secrets, "own"),
          (error: Error) => {
            assert.ok(pulumi.RunError.isInstance(error));
            assert.match(error.message, says);
            assert.doesNotMatch(error.message, /a-secret/);
            return true;
          },
        );
      });

    it("too much with what is no secret", () => {
      const names = Array.from({ length: 9 }, (_, index) => `KEY${index}`);
      const long = (name: string): [string, string] => [name, "a-secret".repeat(10_000)];
      const secrets = { codebase: Object.fromEntries(names.map(long)) };
      assert.equal(Object.keys(chosenSecrets("codebase", names, secrets, "own")).length, 9);
      const environment = Object.fromEntries(["A", "B", "C", "D", "E"].map(long));
      assert.throws(() => chosenSecrets("codebase", names, secrets, "own", environment), {
        message: /^sites\.codebase, with its secrets, has variables of 11\d+ bytes altogether/,
      });
    });
  });

  it("names all secrets that are missing before any step is declared", async () => {
    const site = (secrets: string[]) => ({ ...base.sites.codebase, secrets });
    const sites = {
      codebase: site(["KEY", "MAIL_PASSWORD", "OTHER"]),
      second: { ...site(["THIRD"]), user: "second", serverNames: ["second.example.org"] },
    };
    const settings = parseStack(JSON.stringify({ ...base, sites }), "own.yaml");
    const context = { stack: "own", folder, secrets: pulumi.output<Secrets>(secretNames) };
    registered = new Map();
    await assert.rejects(declareStack(settings, context), (error) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.deepEqual(
        error.message.split("\n").map((line) => /names (\w+), .*\.(\w+)$/.exec(line)?.[1]),
        ["KEY", "OTHER", "THIRD"],
      );
      return true;
    });
    await waitForRegistrations();
    assert.deepEqual([...registered.keys()], []);
  });

  it("takes a secret that looks like a number", () => {
    const secrets = { codebase: { KEY: 12, FLAG: true } } as unknown as Secrets;
    assert.deepEqual(chosenSecrets("codebase", ["KEY", "FLAG"], secrets, "own"), {
      KEY: "12",
      FLAG: "true",
    });
  });

  it("with a private key that can't be read names the setting before any step is declared", async () => {
    const second = { ...base.servers.own, privateKey: join(folder, "none") };
    const codebase = { ...base.sites.codebase, server: "own" };
    const servers = { own: base.servers.own, second };
    const settings = parseStack(JSON.stringify({ servers, sites: { codebase } }), "own.yaml");
    registered = new Map();
    await assert.rejects(
      declareStack(settings, { stack: "own", folder, secrets: pulumi.output<Secrets>({}) }),
      {
        message:
          /^servers\.second\.privateKey: .* can't be read \(ENOENT\)\. Name the private key's file/,
      },
    );
    await waitForRegistrations();
    assert.deepEqual([...registered.keys()], []);
  });

  describe("changes with each setting of a site, and nothing else does", () => {
    it("the table has every setting", () => {
      const { shape } = stackSchema;
      const site = (shape.sites._zod.def as { valueType: z.core.$ZodType }).valueType;
      assert.deepEqual(settingNames(site).sort(), Object.keys(siteSettings).sort());
    });

    for (const [path, [value, ...changed]] of Object.entries(siteSettings))
      it(`${path}: ${changed.join(", ") || "nothing"}`, async () => {
        const [name = "", inner] = path.split(".");
        const setting = inner === undefined ? value : { [inner]: value };
        const codebase = { ...base.sites.codebase, [name]: setting };
        const others = await stepsOf(JSON.stringify({ ...base, sites: { codebase } }), secretNames);
        assert.deepEqual(changedSteps(steps, others), changed.sort());
      });
  });

  describe("changes with each setting of a server, and nothing else does", () => {
    const { valueType } = stackSchema.shape.servers._zod.def as { valueType: z.core.$ZodUnion };
    const [host, testServer] = valueType._zod.def.options as [z.core.$ZodType, z.core.$ZodType];

    it("the tables have every setting", () => {
      assert.deepEqual(settingNames(host).sort(), Object.keys(serverSettings).sort());
      assert.deepEqual(settingNames(testServer).sort(), Object.keys(testServerSettings).sort());
    });

    for (const [name, [value, ...changed]] of Object.entries(serverSettings))
      it(`${name}: ${changed.join(", ") || "nothing"}`, async () => {
        const before = await allStepsOf(JSON.stringify(base));
        const own = { ...base.servers.own, [name]: value };
        const others = await allStepsOf(JSON.stringify({ ...base, servers: { own } }));
        assert.deepEqual(changedSteps(before, others), changed.sort());
      });

    for (const [name, [value, ...changed]] of Object.entries(testServerSettings))
      it(`${name} of a test server: ${changed.join(", ") || "nothing"}`, async () => {
        const own = { testServer: "bookworm", probe: false };
        const before = await allStepsOf(JSON.stringify({ ...base, servers: { own } }));
        const servers = { own: { ...own, [name]: value } };
        const others = await allStepsOf(JSON.stringify({ ...base, servers }));
        assert.deepEqual(changedSteps(before, others), changed.sort());
      });
  });
});
