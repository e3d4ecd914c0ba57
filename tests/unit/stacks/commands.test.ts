// The commands of a site and its Node: what may be written, and what is said of what may not.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStack } from "../../../stacks/load";

const site = (lines: string) =>
  parseStack(
    `servers:
  own: {host: www.example.org, hostKey: ssh-ed25519 AAAA}
sites:
  codebase:
    serverNames: [www.example.org]
    settings: a.b
${lines}
`,
    "own.yaml",
  ).sites["codebase"];

describe("commands of a site", () => {
  it("are lines, or lines with a folder", () => {
    const { build, first, release, node } =
      site(`    build: [npm ci, { run: "npm run build", in: frontend/app }, { run: make, in: . }]
    node: "22.11"`) ?? {};
    assert.deepEqual(build, [
      { run: "npm ci" },
      { run: "npm run build", in: "frontend/app" },
      { run: "make", in: "." },
    ]);
    assert.deepEqual([first, release, node], [[], undefined, "22.11"]);
    assert.deepEqual(site("    release: []")?.release, []);
  });

  for (const [text, says] of [
    ["build: npm ci", /^own\.yaml:7: sites\.codebase\.build: .*list/],
    ["build: [7]", /build\.0: is 7, wanted a command of one line, as `npm ci`, or `\{ run: /],
    ['build: [""]', /build\.0: is "", allowed: a command of one line/],
    ['first: ["a\\nb"]', /first\.0: is "a\\nb", allowed: a command of one line/],
    ["release: [{ in: frontend }]", /release\.0\.run: is missing/],
    [
      "release: [{ run: make, folder: a }]",
      /release\.0\.folder: is not a setting; known here are run, in/,
    ],
    ["build: [{ run: make, in: ../up }]", /build\.0\.in: is "\.\.\/up", allowed: a folder of/],
    ["build: [{ run: make, in: /etc }]", /build\.0\.in: is "\/etc", allowed: a folder of/],
    ["build: [{ run: make, in: a/../.. }]", /build\.0\.in: .*, allowed: a folder of/],
    ["node: 22", /sites\.codebase\.node: is 22, wanted a text/],
    ["node: lts", /sites\.codebase\.node: is "lts", allowed: a version of Node in quotes/],
    ["limits: { build: 0 }", /sites\.codebase\.limits\.build: /],
  ] as const)
    it(`refuse ${text}`, () => {
      assert.throws(() => site(`    ${text}`), { message: says });
    });
});
