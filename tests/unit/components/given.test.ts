// Where what a stack gives an application stands in Pulumi's state, and what stops it before it is declared.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { givenFilesOf } from "../../../components/given-files";
import { parseStack } from "../../../stacks/load";
import { allStepsOf, base, folder, noEngine, secretNames } from "./support/declared";

const withSite = (more: object) =>
  JSON.stringify({ ...base, sites: { codebase: { ...base.sites.codebase, ...more } } });

describe("files of a stack", () => {
  before(async () => {
    await noEngine();
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "files", "plain.py"), "DIR = '${VAR_DIR}'\nA = 1\n");
    writeFileSync(
      join(folder, "files", "secret.py"),
      "beside a secret\nPASSWORD = '${MAIL_PASSWORD}'\n",
    );
  });

  it("stand line by line, those that name a secret among the secrets", async () => {
    const files = { "shop/local.py": "files/plain.py", "shop/mail.py": "files/secret.py" };
    const steps = await allStepsOf(withSite({ files, secrets: ["MAIL_PASSWORD"] }), secretNames);
    const settings = steps.get("codebase-environment-settings");
    const secrets = steps.get("codebase-environment-secrets");
    assert.match(
      settings?.stdin ?? "",
      /"shop\/local\.py": \[\n {3}"DIR = '\$\{VAR_DIR\}'",\n {3}"A = 1",\n/,
    );
    assert.match(settings?.stdin ?? "", /"shop\/mail\.py": null/);
    assert.match(secrets?.stdin ?? "", /"files\/shop\/mail\.py": "beside a secret/);
    assert.ok(secrets?.secret);
    for (const [name, { stdin, secret }] of steps)
      if (!secret) assert.doesNotMatch(stdin, /a-mail-password|beside a secret/, name);
  });

  it("are read before anything is declared, and all that is wrong is said", () => {
    writeFileSync(join(folder, "files", "bad.py"), "ok\n${NOTHING}\n");
    writeFileSync(join(folder, "files", "bytes"), Buffer.from([0xff, 0xfe]));
    writeFileSync(join(folder, "files", "long"), "x".repeat(300_000));
    const files = Object.fromEntries(
      ["missing", "bad.py", "bytes", "long"].map((name) => [name, `files/${name}`]),
    );
    const settings = parseStack(withSite({ files: { ...files, folder: "files" } }), "own.yaml");
    assert.throws(
      () => givenFilesOf(settings, folder),
      ({ message }: Error) => {
        const lines = message.split("\n");
        assert.match(
          lines[0] ?? "",
          /^sites\.codebase\.files\.missing: \/.*missing can't be read \(ENOENT\)/,
        );
        assert.match(
          lines[1] ?? "",
          /files\.bad\.py: \/.*bad\.py:2 names \$\{NOTHING\}, which nothing/,
        );
        assert.match(lines[2] ?? "", /bytes is no text in UTF-8/);
        assert.match(lines[3] ?? "", /long is longer than 262144 bytes/);
        assert.match(lines[4] ?? "", /files\.folder: .*can't be read \(EISDIR\)/);
        return true;
      },
    );
  });
});

describe("secrets that Greenpush makes", () => {
  it("are each a resource of its own, and secret", async () => {
    await noEngine();
    const steps = await allStepsOf(
      withSite({ generated: ["DJANGO_SECRET_KEY", "SECRET_KEY", "SALT"] }),
    );
    const { stdin = "", secret } = steps.get("codebase-environment-secrets") ?? {};
    assert.ok(secret);
    // The mock's value is the resource's name.
    assert.match(stdin, /"SECRET_KEY": "made-codebase-environment-secret-key"/);
    assert.match(stdin, /"SALT": "made-codebase-environment-generated-SALT"/);
    assert.match(
      stdin,
      /"DJANGO_SECRET_KEY": "made-codebase-environment-generated-DJANGO_SECRET_KEY"/,
    );
    assert.doesNotMatch(stdin, /generated-SECRET_KEY/);
    for (const [name, step] of steps)
      if (!step.secret) assert.doesNotMatch(step.stdin, /made-codebase/, name);
  });
});

describe("settings for development", () => {
  const refuses = async (more: object, server: object = base.servers.own) => {
    await noEngine();
    const stack = {
      servers: { own: server },
      sites: { codebase: { ...base.sites.codebase, ...more } },
    };
    const { stdin = "" } =
      (await allStepsOf(JSON.stringify(stack))).get("codebase-layout-apply") ?? {};
    return /"refuses": (\[[^\]]*\])/.exec(stdin)?.[1]?.replace(/\s/g, "");
  };

  it("are refused, but on test servers, unless the stack says so", async () => {
    const testServer = { testServer: "bookworm", probe: false };
    assert.equal(await refuses({}), '["debug","insecureSecretKey","developmentSettings"]');
    assert.equal(
      await refuses({ debug: true, developmentSettings: true }),
      '["insecureSecretKey"]',
    );
    assert.equal(await refuses({}, testServer), "[]");
    assert.equal(await refuses({ debug: false }, testServer), '["debug"]');
  });
});
