// Which keys and secrets a stack may have, and the messages for wrong ones.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { chosenSecrets, privateKeyOf, type Secrets } from "../../../components/credentials";
import { parseStack } from "../../../stacks/load";
import type { HostSettings } from "../../../stacks/schema";

describe("a private key", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "keys"));
  writeFileSync(join(folder, "keys", "one"), "a private key\n");
  const settings = (privateKey?: string) => {
    const host = { host: "web", hostKey: "ssh-ed25519 AAAA", ...(privateKey && { privateKey }) };
    const { servers } = parseStack(
      JSON.stringify({ servers: { own: host }, sites: {} }),
      "own.yaml",
    );
    return servers["own"] as HostSettings;
  };

  it("is found from the stack's folder on, with the public key where that lies beside it", () => {
    const file = join(folder, "keys", "one");
    const key = { file, text: "a private key\n" };
    assert.deepEqual(privateKeyOf("own", settings("keys/one"), folder), key);
    writeFileSync(`${file}.pub`, "ssh-ed25519 AAAA mine\n");
    const whole = { ...key, publicKey: "ssh-ed25519 AAAA mine" };
    assert.deepEqual(privateKeyOf("own", settings("keys/one"), folder), whole);
  });

  it("is none where the agent is to be asked", () =>
    assert.equal(privateKeyOf("own", settings(), folder), undefined));
});

describe("a site", () => {
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
        /the value of KEY in stack own is not a text\. Set it: npx/,
      ],
      "no value": [null, /the value of KEY in stack own is not a text\. Set it: npx/],
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

  it("takes a secret that looks like a number", () => {
    const secrets = { codebase: { KEY: 12, FLAG: true } } as unknown as Secrets;
    assert.deepEqual(chosenSecrets("codebase", ["KEY", "FLAG"], secrets, "own"), {
      KEY: "12",
      FLAG: "true",
    });
  });
});
