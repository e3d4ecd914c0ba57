// Which passwords of a lock are taken, and what is said of the others: never a word of them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, describe, it } from "node:test";
import { checkHtpasswds, htpasswdTrouble } from "../../../../components/nginx/htpasswd";
import { edgeSecrets } from "../../../../stacks/edge";
import { parseStack } from "../../../../stacks/load";
import { allStepsOf, base, htpasswd, noEngine } from "../support/declared";

const hash = (option: string) =>
  spawnSync("openssl", ["passwd", option, "staging"], { encoding: "utf8" }).stdout.trim();

describe("the passwords of a lock", () => {
  const good = [
    ...["-1", "-apr1", "-5", "-6"].map((option) => `ada:${hash(option)}`),
    "ada:$2y$05$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
    "ada:$y$j9T$abcdefghijklmnop$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno/4",
    "ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    `# people\n\nada lovelace:${hash("-6")}\nbob:${hash("-6")}\n`,
  ];
  for (const text of good)
    it(`${text.slice(0, 12)}… are taken`, () => assert.equal(htpasswdTrouble(text), undefined));

  const bad: Record<string, RegExp> = {
    "": /has no line/,
    "# people\n": /has no line/,
    "ada:plain-password": /in line 1 a password that is not hashed/,
    "ada:$6$plain-password": /not hashed/,
    "ada:{PLAIN}plain-password": /not hashed/,
    "ada:abJnggxhB/yWI": /not hashed/,
    "plain-password": /no NAME:HASH/,
    [`ada:${hash("-6")}\nbob:plain-password`]: /in line 2/,
    [`ada:${hash("-6")}\r\n`]: /control character in line 1/,
    [`ada:${hash("-6")}:comment`]: /no NAME:HASH/,
  };
  for (const [text, says] of Object.entries(bad))
    it(`${JSON.stringify(text.slice(0, 20))} are not`, () => {
      const trouble = htpasswdTrouble(text) ?? "";
      assert.match(trouble, says);
      assert.doesNotMatch(trouble, /plain-password/);
    });
});

describe("a site with a lock", () => {
  before(noEngine);
  const codebase = { ...base.sites.codebase, access: { htpasswd: "LOCK" } };
  const stack = JSON.stringify({ ...base, sites: { codebase } });

  it("has a step more, which is secret; nothing else knows the passwords", async () => {
    const steps = await allStepsOf(stack, { codebase: { LOCK: htpasswd } });
    const known = [...steps].filter(([, { stdin }]) => stdin.includes(htpasswd.trim()));
    assert.deepEqual(
      known.map(([name, { secret }]) => [name, secret]),
      [["codebase-access-apply", true]],
    );
  });

  it("names its secret, and is not declared where that is no hash", () => {
    const settings = parseStack(stack, "own.yaml");
    const [site] = Object.values(settings.sites);
    assert.deepEqual(site && edgeSecrets(site), [["access.htpasswd", "LOCK"]]);
    assert.throws(
      () => checkHtpasswds(settings, { codebase: { LOCK: "ada:guess" } }, "own"),
      /sites\.codebase\.access\.htpasswd: the secret LOCK has in line 1 .*openssl passwd -6.*config set --stack own --secret --path secrets\.codebase\.LOCK/,
    );
  });
});
