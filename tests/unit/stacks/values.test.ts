// The values of an application's environment, and the limits of a stack file.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { printable } from "../../../stacks/printable";
import { loadStack, parseStack } from "../../../stacks/load";

const head = `servers:
  own: {host: www.example.org, hostKey: ssh-ed25519 AAAA}
sites:
  codebase:
    serverNames: [www.example.org]
    settings: a.b
`;
const withEnvironment = (lines: string) => `${head}    environment:\n${lines}\n`;
const environment = (lines: string, site = "codebase") =>
  parseStack(withEnvironment(lines), "own.yaml").sites[site]?.environment;
const refused = (text: string, says: RegExp) => {
  assert.throws(
    () => parseStack(text, "own.yaml"),
    ({ name, message }: Error) => {
      assert.equal(name, "Error");
      assert.match(message, says);
      assert.ok(message.length < 10_000, `${message.length} characters`);
      return true;
    },
  );
};

describe("a value of the environment", () => {
  const plain = [
    ...["007", "1.10", "1e3", "0x10", "0o17", "1_000", "yes", "null", "~", ".inf", "-.INF", ".nan"],
    ...["2026-01-01", "true", "False", "+1", "-0", "12345678901234567890", "1.0", "<<", "=", "on"],
  ];
  for (const text of plain)
    it(`${text} is the text as it stands`, () => {
      assert.deepEqual(environment(`      A: ${text}`), { A: text });
      assert.deepEqual(environment(`      A: ${text} # a comment`), { A: text });
      assert.deepEqual(environment(`      {A: ${text} , B: ${text}}`), { A: text, B: text });
    });

  it("in quotes or a block is what YAML says of it", () => {
    const lines = `      A: "1\\t\\u00fc\\n"
      B: 'it''s 007'
      C: |
        one
        two
      D: >-
        one
        two
      E: ""
      F: !!str 007
      G: plain text
        of two lines
      "H": 1.10`;
    assert.deepEqual(environment(lines), {
      A: "1\tü\n",
      B: "it's 007",
      C: "one\ntwo\n",
      D: "one two",
      E: "",
      F: "007",
      G: "plain text of two lines",
      H: "1.10",
    });
  });

  it("is the text where an alias or a merge has it from elsewhere", () => {
    const text = `servers:
  own: {host: www.example.org, hostKey: ssh-ed25519 AAAA, port: &port 022}
sites:
  one: &one
    serverNames: [one.example.org]
    settings: a.b
    directory: one
    releases: &releases 1e1
    environment: &common {A: 007, B: &b 1.10, C: *port, D: *releases}
  two:
    <<: *one
    serverNames: [two.example.org]
    directory: two
    environment:
      <<: *common
      B: 0x10
      E: *b
  three:
    <<: *one
    serverNames: [three.example.org]
    directory: three`;
    const { servers, sites } = parseStack(text, "own.yaml");
    const first = { A: "007", B: "1.10", C: "022", D: "1e1" };
    assert.deepEqual(sites["one"]?.environment, first);
    assert.deepEqual(sites["two"]?.environment, { ...first, B: "0x10", E: "1.10" });
    assert.deepEqual(sites["three"]?.environment, first);
    assert.equal(sites["three"].releases, 10);
    assert.equal((servers["own"] as { port: number }).port, 22);
  });

  it("has to be there, and to be a text", () => {
    refused(
      withEnvironment("      A:"),
      /^own\.yaml:8: .*environment\.A: has no value: write "" for/,
    );
    refused(withEnvironment("      {A: }"), /environment\.A: has no value: write ""/);
    refused(withEnvironment("      A: !!null ''"), /environment\.A: has no value: write ""/);
    refused(withEnvironment("      A: [1]"), /environment\.A: is a list of 1, wanted a text$/);
    refused(withEnvironment("      A: {B: 1}"), /environment\.A: is a mapping, wanted a text$/);
  });

  it("stands once", () => {
    refused(withEnvironment("      A: 1\n      A: 2"), /duplicated mapping key/);
  });

  it("has a name of its own", () => {
    refused(withEnvironment("      007: a"), /environment\.007: is not a valid name here/);
    refused(withEnvironment("      __proto__: a"), /^own\.yaml:8: .*__proto__ is not a valid name/);
  });

  const says: Record<string, [value: string, says: RegExp]> = {
    "a carriage return": ["a\r\nb", /environment\.A: has a carriage return, .*line feed alone$/],
    "a NUL": ["a\0b", /environment\.A: has a NUL/],
    "half a character": ["a\ud83db", /environment\.A: has half a character/],
    "more than the kernel takes": ["a".repeat(131_070), /A: is 131072 bytes long .* 131071 fit/],
    "more bytes than it has characters": ["ü".repeat(70_000), /A: is 140002 bytes long/],
  };
  for (const [name, [value, reads]] of Object.entries(says))
    it(`may not have ${name}`, () =>
      refused(withEnvironment(`      A: ${JSON.stringify(value)}`), reads));

  it("may have line feeds, tabs and all letters, up to the kernel's limit", () => {
    for (const value of ["a\n\tb\n", "ü€😀", "a".repeat(131_069), "\u001b", " "])
      assert.deepEqual(environment(`      A: ${JSON.stringify(value)}`), { A: value });
  });

  it("fits into an environment with the others", () => {
    const lines = Array.from({ length: 11 }, (_, index) => `      A${index}: *long`);
    const text = withEnvironment(`      A: &long ${"a".repeat(100_000)}\n${lines.join("\n")}`);
    refused(text, /environment: has variables of 12\d+ bytes altogether; 1048576 fit/);
  });
});

describe("a stack file", () => {
  it("keeps other settings what YAML says they are", () => {
    const site = parseStack(
      `${head}    releases: 0x10\n    migrate: False\n    home: ~\n`.replace("    home: ~\n", ""),
      "own.yaml",
    ).sites["codebase"];
    assert.equal(site?.releases, 16);
    assert.equal(site.migrate, false);
    refused(`${head}    branch: 1.10\n`, /branch: is 1\.1, wanted a text: put it in quotes$/);
    refused(`${head}    branch: true\n`, /branch: is true, wanted a text: put it in quotes$/);
    refused(`${head}    branch: ~\n`, /branch: is null, wanted a text$/);
  });

  it("of many documents is none", () => {
    refused(`${head}---\n${head}`, /has several documents/);
  });

  /** Ten times as many values with each line. */
  const laughs = (levels: number, of: (alias: string) => string) =>
    Array.from({ length: levels }, (_, level) => {
      const value = level === 0 ? "lol" : of(`*a${level - 1}`);
      return `  a${level}: &a${level} ${value}`;
    }).join("\n");
  const tenfold = (alias: string) => `[${Array(10).fill(alias).join(", ")}]`;
  const mapped = (alias: string) =>
    `{${Array.from({ length: 10 }, (_, index) => `k${index}: ${alias}`).join(", ")}}`;

  for (const [name, of] of Object.entries({ lists: tenfold, mappings: mapped }))
    it(`may not write out billions of ${name}`, () => {
      refused(`servers:\n${laughs(12, of)}\n`, /^own\.yaml: says too much: more than 20000 values/);
      // Few enough to read, and too many to show.
      refused(`servers:\n${laughs(5, of)}\n`, /^own\.yaml:2: servers\.a0: /);
    });

  it("may not stand within itself", () => {
    refused("servers: &a [*a]\n", /says too much/);
    refused("servers: &a {b: *a}\n", /says too much/);
  });

  it("may not be endlessly nested", () => {
    refused("[".repeat(100_000), /is not YAML: nesting/);
  });

  it("may not be longer than a stack can be", () => {
    refused(`${head}#${"a".repeat(1_048_576)}`, /^own\.yaml: is longer than 1048576 bytes/);
    const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
    after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "own.yaml");
    writeFileSync(file, `${head}#${"a".repeat(1_048_576)}`);
    assert.throws(() => loadStack(file), { message: /own\.yaml: is longer than 1048576 bytes/ });
    assert.throws(() => loadStack(folder), {
      message: /: the stack file can't be read \(EISDIR\)/,
    });
  });

  it("shows a little of what is long or wild", () => {
    const long = "x".repeat(500_000);
    refused(`${head}    branch: -${long}\n`, /branch: is "-x{99}…", allowed:/);
    refused(`${head}    ${long}: 1\n`, /codebase\."x{100}…": is not a setting/);
    refused(`${head}    user: "a\\e[2J\\u202e\\u0085"\n`, /is "a\\u001b\[2J\\u202e\\u0085"/);
    refused(`${head}    "a\\nb": 1\n`, /codebase\."a\\nb": is not a setting/);
  });

  it("shows a little of what passes for right by itself", () => {
    const long = "x".repeat(100_000);
    refused(`${head}    server: ${"x".repeat(30)}\n`, /server: is "x{30}", allowed: own$/);
    const two = `${head}  two: {serverNames: [b.org], settings: a.b, home: /srv/${long}}\n`;
    refused(two, /two\.home: "\/srv\/x+…" is 100009 characters long/);
    refused(`${head}    x: !<${long}> a\n`, /is not YAML: unknown/);
  });

  it("names some of very many findings", () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `    x${index}: 1`);
    refused(
      `${head}${lines.join("\n")}\n`,
      /x19: is not a setting.*\nown\.yaml: and more of this kind$/,
    );
  });
});

describe("printable", () => {
  it("leaves nothing that a terminal obeys, and cuts what is long", () => {
    assert.equal(
      printable("a\u001b[31mb\u0007\u009b2J\u202e\u2066c\u200b\n\t\u007f\ud800", 99),
      "a[31mb2Jc",
    );
    assert.equal(printable("ü€😀", 9), "ü€😀");
    assert.equal(printable("x".repeat(100), 10), `${"x".repeat(9)}…`);
    assert.equal(printable("😀".repeat(100), 10), `${"😀".repeat(4)}…`);
    assert.equal(printable(`${"\u0000".repeat(1000)}x`, 10), "…");
  });
});
