// What `npm run demo` and `npm test` need from a machine. Each requirement is missing once, with fake programs.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";

const root = join(__dirname, "..", "..", "..");

/** The output of each program on a machine that is ready; an undefined one fails. */
const ready: Record<string, string | undefined> = {
  "apt-get": "apt 2.6.1",
  docker: undefined,
  git: "git version 2.39.5",
  id: "0",
  python3: "Python 3.9.2",
};

describe("the preflight", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenpush-preflight-"));
  after(() => rmSync(folder, { recursive: true }));

  /** Run a script of this checkout with fake programs and another version of Node.js. */
  function start(
    script: string,
    programs: Record<string, string | undefined> = {},
    node = "",
    variables: Record<string, string> = {},
  ) {
    for (const [name, printed] of Object.entries({ ...ready, ...programs })) {
      const body = printed === undefined ? "exit 1" : `echo '${printed}'`;
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    }
    const changed = join(folder, "node.js");
    writeFileSync(changed, node);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", changed, script], {
      cwd: root,
      encoding: "utf8",
      env: { HOME: folder, PATH: folder, NODE_OPTIONS: "", ...variables },
    });
    return { status, stdout, stderr };
  }

  /** Run the preflight alone, on a machine that lacks something. */
  function ask(
    ...machine: [Record<string, string | undefined>?, string?, Record<string, string>?]
  ) {
    const script = join(folder, "ask.js");
    const path = JSON.stringify(join(root, "setup", "preflight"));
    writeFileSync(script, `require(${path}).preflight().catch((e) => console.log(e.message))`);
    return start(script, ...machine).stdout;
  }

  it("says nothing of a machine that is ready: root, or a Docker daemon that answers", () => {
    assert.equal(ask(), "");
    assert.equal(ask({ id: "1000", docker: "Version: 20.10" }), "");
    assert.equal(
      ask({ id: "1000", docker: "27" }, "", { GREENPUSH_CONTAINER_ENGINE: "docker" }),
      "",
    );
  });

  it("names what is missing and what helps", () => {
    const version = (name: string) =>
      `Object.defineProperty(process, "versions", { value: { node: "${name}" } });`;
    const cases: [RegExp, ...Parameters<typeof ask>][] = [
      [/^Node 18\.20\.4 is too old: .*Node 20 or later/, {}, version("18.20.4")],
      [/^Python 3\.8\.10 is too old: .*Python 3\.9 or later/, { python3: "Python 3.8.10" }],
      [/^git 2\.27\.0 is too old: .*git 2\.28 or later/, { git: "git version 2.27.0" }],
      [/^There is no apt-get here/, { "apt-get": undefined }],
      [/rootless Podman is not supported, .*sudo usermod -aG docker/, { id: "1000" }],
      [
        /rootless Podman is not supported/,
        { id: "1000", docker: "27" },
        "",
        { GREENPUSH_CONTAINER_ENGINE: "podman" },
      ],
      [/^The Docker daemon does not answer/, {}, "", { GREENPUSH_CONTAINER_ENGINE: "docker" }],
      [
        /ENGINE is "lxc"; it can be podman or docker/,
        {},
        "",
        { GREENPUSH_CONTAINER_ENGINE: "lxc" },
      ],
      [
        / has 500 MB of free disk: 2000 MB are needed/,
        {},
        `const fs = require("node:fs");
        fs.statSync = () => ({ dev: 1 });
        fs.statfsSync = () => ({ bavail: 500, bsize: 1e6 });`,
      ],
      [
        /^No three ports from 20000 on are free/,
        {},
        `require("node:net").createServer = () => ({
          once: (_, fail) => process.nextTick(fail), listen() {} });`,
      ],
    ];
    for (const [says, ...machine] of cases) {
      const said = ask(...machine);
      assert.match(said, says);
      assert.equal(said.trimEnd().split("\n").length, 1, said);
    }
  });

  it("ends the demo and the tests before anything else, without a stack trace", () => {
    for (const script of ["demo/up.js", "tests/run.js"]) {
      const { status, stdout, stderr } = start(join(root, script), { id: "1000" });
      assert.equal(status, 1);
      assert.match(stderr, /^This user can't run test servers: [^\n]*\n$/);
      assert.match(stdout, /^(0 passed, 1 failed\n)?$/);
    }
  });
});
