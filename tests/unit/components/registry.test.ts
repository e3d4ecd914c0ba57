// Every list of components has the same ones.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type RegisteredComponent, registry } from "../../../components/registry";
import { allStepsOf, base, noEngine, secretNames } from "./support/declared";

const root = join(__dirname, "..", "..", "..");
const components: readonly RegisteredComponent[] = registry;
const optional = components.flatMap(({ setting }) => setting ?? []);
const ofSites = components.filter(({ settingOfSite }) => settingOfSite !== undefined);
const records = (chosen = components) => chosen.map(({ record }) => record).sort();

const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
/** The distinct words that a pattern's first group finds. */
const words = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, word = ""]) => word))].sort();
/** The files of a folder and of those in it, by name. */
const filesOf = (folder: string, ending: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name: name.slice(0, -ending.length), text: read(folder, name) }));

describe("the registry of components", () => {
  before(noEngine);

  it("has each step of a stack that has all of them, under its name", async () => {
    const settings = Object.fromEntries(optional.map((setting) => [setting, true]));
    const servers = { own: { ...base.servers.own, ...settings } };
    const tls = { acme: { email: "ops@example.org" } };
    const access = { htpasswd: "LOCK" };
    const sites = { codebase: { ...base.sites.codebase, node: "22", tls, access } };
    const stack = JSON.stringify({ ...base, servers, sites });
    const declared = [...(await allStepsOf(stack, secretNames))]
      .filter(([name]) => !name.endsWith("-confirm") && name !== "own-access")
      // What engine-files sends is composed when it runs.
      .map(([name, { stdin }]) => [words(stdin, /^component=(.*)$/gm)[0] ?? "engine-files", name]);
    const wanted = components.map(({ record, of, step }) => [
      record,
      `${of === "site" ? "codebase" : "own"}-${step}`,
    ]);
    assert.deepEqual(declared.sort(), wanted.sort());
  });

  it("has each class of components/ that has a step, with its records", () => {
    const classes = filesOf("components", ".ts")
      .filter(({ text }) => /super\("greenpush:index:.*(remoteScript\(|findings\.of\()/s.test(text))
      .flatMap(({ text }) => {
        const [type = ""] = words(text, /super\("greenpush:index:(\w+)"/g);
        return words(text, /(?:component: |findings\.of\()"([a-z0-9-]+)"/g).map((record) => [
          type,
          record,
        ]);
      });
    assert.deepEqual(classes.sort(), components.map(({ type, record }) => [type, record]).sort());
  });

  it("has each script of server/resources/ that describes something", () => {
    const scripts = filesOf("server/resources", ".sh")
      .filter(({ text }) => /^describe\(\)/m.test(text))
      .map(({ name }) => name);
    const known = components.map(({ record, script }) => script ?? record);
    assert.deepEqual(scripts.sort(), [...new Set(known)].sort());
  });

  it("has each component of the table in docs/explanation/drift.md", () => {
    const rows = words(
      read("docs", "explanation", "drift.md"),
      /^\| [^|]+ \| `([a-z0-9-]+)` +\|/gm,
    );
    assert.deepEqual(rows, records());
  });

  it("has each component that is changed by hand in a test, and there is one of each", () => {
    const drift = read("tests", "integration", "support", "changes-by-hand.ts");
    assert.deepEqual(
      words(drift, /of: "([a-z0-9-]+)"/g),
      records(components.filter((each) => each.setting === undefined && !ofSites.includes(each))),
    );
    const tests = filesOf("tests/integration", ".test.ts").map(({ text }) => text);
    for (const { record } of ofSites)
      assert.ok(
        tests.some((text) => new RegExp(`"${record}"|^  ${record}: "`, "m").test(text)),
        record,
      );
    const options = read("tests", "integration", "support", "options-by-hand.ts");
    assert.deepEqual(words(options, /of: "(\w+)"/g), [...optional].sort());
  });

  it("is the order in which a server gives back what the stack has there, and nothing else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
    after(() => rmSync(folder, { recursive: true, force: true }));
    for (const record of [...records(), "new-component"])
      for (const stack of ["own", "other"]) {
        mkdirSync(join(folder, `${record}.${stack}`));
        const program = `stack=${stack}\necho ${record}.${stack} $1\n`;
        writeFileSync(join(folder, `${record}.${stack}`, "script"), program);
      }
    const { stdin } = (await allStepsOf(JSON.stringify(base))).get("own-access") ?? {};
    const input = stdin?.replace("root=/var/lib/greenpush\n", `root=${folder}\n`);
    const { stdout } = spawnSync("sh", ["-s", "leave", "own"], { input, encoding: "utf8" });
    const wanted = components.map(({ record }) => `${record}.own remove\n`);
    assert.equal(stdout, wanted.reverse().join(""));
  });
});
