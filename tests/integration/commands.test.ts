// The commands of a stack on a server: Node from the package registry, a front end with packages, `first` and `release`.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Host } from "../../testing/host";
import type { Application } from "../../testing/application";
import { oneSite, serverName, setUpSite } from "../../testing/one-site";
import type { Stack } from "../../testing/stack";

const record = "server-node";
const nodes = "/opt/greenpush/node";

describe("commands of a stack", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  const commands = {
    node: "22",
    build: [
      { run: "npm ci", in: "frontend" },
      { run: "npm run build", in: "frontend" },
    ],
    first: ['echo "first in $PWD" >>"$VAR_DIR/noted"'],
    release: ['python -c "import django" && echo release >>"$VAR_DIR/noted"'],
  };

  before(async () => {
    host = await Host.make();
    ({ stack, site } = await setUpSite(host, oneSite(host, commands)));
    mkdirSync(join(site.folder, "frontend"));
    const dependencies = { "is-number": "7.0.0" };
    const scripts = { build: "node build.js" };
    site.write("frontend/package.json", JSON.stringify({ name: "front", scripts, dependencies }));
    site.write(
      "frontend/package-lock.json",
      JSON.stringify({
        name: "front",
        lockfileVersion: 3,
        requires: true,
        packages: {
          "": { name: "front", dependencies },
          "node_modules/is-number": {
            version: "7.0.0",
            resolved: "https://registry.npmjs.org/is-number/-/is-number-7.0.0.tgz",
            integrity:
              "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==",
          },
        },
      }),
    );
    site.write(
      "frontend/build.js",
      `const fs = require("fs");
      fs.mkdirSync("../pages/static", { recursive: true });
      const text = [process.version, require("is-number")("5"), process.getuid() > 0].join(" ");
      fs.writeFileSync("../pages/static/built.txt", text);`,
    );
    await site.commit("A front end");
  });

  it("a push builds with the site's Node, as the site's account", async () => {
    const said = await site.pushWell();
    assert.match(said, /\$ npm run build/);
    const { body } = await host.get("/static/built.txt", serverName);
    assert.match(body, /^v22\.\d+\.\d+ true true$/);
    assert.equal(
      await host.sh("cat /home/deploy/www/var/noted"),
      "first in /home/deploy/www/releases/1/codebase\nrelease\n",
    );
    assert.match(await host.sh("ls /home/deploy/www/cache"), /npm/);
  });

  it("a change of a variable takes the build over, and runs `release` but not `first`", async () => {
    stack.describe(oneSite(host, { ...commands, environment: { COLOUR: "red" } }));
    await stack.up();
    const log = (release: number) => host.sh(`su deploy -c '~/www/deploy log ${release}'`);
    assert.match(await log(1), /\$ npm run build/);
    assert.doesNotMatch(await log(2), /npm/);
    assert.equal(
      await host.sh("cat /home/deploy/www/var/noted"),
      "first in /home/deploy/www/releases/1/codebase\nrelease\nrelease\n",
    );
    assert.match((await host.get("/static/built.txt", serverName)).body, /^v22\./);
  });

  it(`a preview shows what was changed of ${record}, and up mends it`, async () => {
    for (const by of [`rm -r ${nodes}/*/bin`, `chmod o+w ${nodes}/*/bin/node`]) {
      await host.sh(by);
      assert.deepEqual(await stack.changes(), { update: ["own-node-apply"] }, by);
      await stack.up();
    }
    assert.deepEqual(await stack.changes(), {});
  });

  it("goes when no site names it any more", async () => {
    stack.describe(oneSite(host, { ...commands, node: undefined, build: [] }));
    await stack.up();
    assert.equal(await host.sh(`ls ${nodes} 2>/dev/null || echo gone`), "gone\n");
  });
});
