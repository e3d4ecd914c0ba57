// The steps of a stack, and what stops it before it is declared.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it, mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { Secrets } from "../../../components/credentials";
import { siteOutputs } from "../../../components/django-site";
import { readGenerations, writtenGenerations } from "../../../components/drift/generation";
import { registry, scriptOf } from "../../../components/registry";
import { libraryText, serverFile } from "../../../components/remote/program";
import type { SiteArgs } from "../../../components/site";
import { declareStack } from "../../../components/stack";
import { parseStack } from "../../../stacks/load";
import { runWell } from "../../../testing/run";
import {
  allStepsOf,
  base,
  folder,
  lastUp,
  noEngine,
  secretNames,
  type Step,
  stepsOf,
  stepsRegisteredBy,
  waitForRegistrations,
} from "./support/declared";

describe("a stack", () => {
  let steps: Map<string, Step>;
  before(async () => {
    await noEngine();
    steps = await stepsOf(JSON.stringify(base));
  });

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
      "own-tools-apply",
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
    const context = {
      stack: "own",
      folder,
      fileFolder: folder,
      secrets: pulumi.output<Secrets>({}),
    };
    const { generations, onDestroy } = await declareStack(settings, context);
    await waitForRegistrations();
    assert.match(
      generations["own"] ?? "",
      /^engine-files\.own server-packages\.own server-engine\.own [a-z. -]+$/,
    );
    assert.deepEqual(Object.keys(onDestroy), ["servers.own.packages", "sites.codebase"]);
    // An earlier version's form is read too.
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
    lastUp.outputs = { generations: { own: { "nginx-site.codebase": "g1" } } };
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
    lastUp.outputs = {};
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

  it("has the library in no program: each reads it on the server, the first ones where it was sent", async () => {
    const options = { firewall: true, sshHardening: true, fail2ban: true };
    const own = { ...base.servers.own, ...options };
    const all = await stepsOf(JSON.stringify({ ...base, servers: { own } }));
    assert.ok(all.has("own-firewall-confirm"));
    for (const [name, { stdin }] of all) {
      assert.doesNotMatch(stdin, /gp_file\(\) \{/, name);
      const isEarly = ["own-packages-apply", "own-engine-apply"].includes(name);
      const folder = isEarly ? "/var/lib/greenpush/engine-files.own" : "/usr/lib/greenpush";
      assert.ok(stdin.includes(`\n. ${folder}/library.sh\n`), name);
    }
  });

  it("has of the engine's files only names and hashes, and sends them by a step of its own", async () => {
    const all = await allStepsOf(JSON.stringify(base));
    const { inputs, stdin = "" } = all.get("own-files-apply") ?? {};
    assert.match(stdin, /^(\S+ [0-9a-f]{12}\n){150,}$/);
    assert.match(stdin, /^engine\/cli\.py /m);
    const [, sum = ""] =
      /^node --require \.\/start\/register\.js components\/remote\/send-engine\.ts own '' ([0-9a-f]{64}) own www\.example\.org 22 root 'ssh-ed25519 AAAA' \S+\/key$/.exec(
        String(inputs?.["create"]),
      ) ?? [];
    assert.match(all.get("own-engine-apply")?.stdin ?? "", new RegExp(`^sum=${sum}$`, "m"));
  });

  it("changes each program that reads the library there where the library or the program's script changes", async () => {
    const scripts = new Map<string, string>(
      registry.map((each) => [each.record, `resources/${scriptOf(each)}`]),
    );
    const all = await stepsOf(JSON.stringify(base));
    for (const [name, { stdin }] of all) {
      const version = /^# version ([0-9a-f]{12}) of what follows$/m.exec(stdin)?.[1];
      const script = scripts.get(/^component=(.*)$/m.exec(stdin)?.[1] ?? "") ?? "";
      const files = [libraryText(), serverFile(`${script}.sh`)].join("\n");
      const wanted = createHash("sha256").update(files).digest("hex").slice(0, 12);
      assert.equal(version, wanted, name);
      assert.ok(stdin.includes(`/${script}.sh\n`), name);
    }
  });

  it("has no program with a variable that is named as one of its values, which can only be read", async () => {
    const options = ["firewall", "sshHardening", "fail2ban", "unattendedUpgrades"];
    const own = { ...base.servers.own, ...Object.fromEntries(options.map((name) => [name, true])) };
    for (const [name, { stdin }] of await stepsOf(JSON.stringify({ ...base, servers: { own } }))) {
      const values = /^readonly (.*)$/m.exec(stdin)?.[1]?.split(" ") ?? [];
      assert.ok(values.includes("component"), name);
      const [, script = ""] = stdin.split(/^readonly .*$/m);
      // Programs read the library and their script on the server.
      const read = [...stdin.matchAll(/^\. \/.*\/(resources\/.*)\.sh$/gm)];
      const installed = read
        .map(([, file = ""]) => libraryText() + serverFile(`${file}.sh`))
        .join("");
      const code = (installed + script)
        .replace(/^ *#.*$/gm, "")
        .replace(/^  cat <<'(\w+)'$[^]*?^\1$/gm, "");
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
      const holds = ["made-codebase-environment-secret-key", "a-mail-password"].filter((text) =>
        step.stdin.includes(text),
      );
      const isSecret = name === "codebase-environment-secrets";
      assert.equal(holds.length, isSecret ? 2 : 0, name);
      assert.equal(step.secret, isSecret, name);
      if (isSecret) assert.equal(step.inputs["logging"], "none");
    }
  });

  it("names all secrets that are missing before any step is declared", async () => {
    const site = (secrets: string[]) => ({ ...base.sites.codebase, secrets });
    const sites = {
      codebase: site(["KEY", "MAIL_PASSWORD", "OTHER"]),
      second: { ...site(["THIRD"]), user: "second", serverNames: ["second.example.org"] },
    };
    const settings = parseStack(JSON.stringify({ ...base, sites }), "own.yaml");
    const context = {
      stack: "own",
      folder,
      fileFolder: folder,
      secrets: pulumi.output<Secrets>(secretNames),
    };
    const declared = await stepsRegisteredBy(() =>
      assert.rejects(declareStack(settings, context), (error) => {
        assert.ok(pulumi.RunError.isInstance(error));
        assert.deepEqual(
          error.message.split("\n").map((line) => /names (\w+), .*\.(\w+)$/.exec(line)?.[1]),
          ["KEY", "OTHER", "THIRD"],
        );
        return true;
      }),
    );
    assert.deepEqual([...declared.keys()], []);
  });

  it("with a private key that can't be read names the setting before any step is declared", async () => {
    const second = { ...base.servers.own, privateKey: join(folder, "none") };
    const codebase = { ...base.sites.codebase, server: "own" };
    const servers = { own: base.servers.own, second };
    const settings = parseStack(JSON.stringify({ servers, sites: { codebase } }), "own.yaml");
    const context = {
      stack: "own",
      folder,
      fileFolder: folder,
      secrets: pulumi.output<Secrets>({}),
    };
    const declared = await stepsRegisteredBy(() =>
      assert.rejects(declareStack(settings, context), {
        message:
          /^servers\.second\.privateKey: .* can't be read \(ENOENT\)\. Name the private key's file/,
      }),
    );
    assert.deepEqual([...declared.keys()], []);
  });
});
