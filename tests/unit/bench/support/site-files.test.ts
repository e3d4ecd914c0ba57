// What the bench's playbook and deploy copy to a server is there, and as Greenpush writes it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { writeSiteFiles } from "../../../../bench/support/site-files";
import { scratchFolder } from "../../../../testing/checkout";
import { siteSettings } from "../../../../testing/one-site";

const stackFile = {
  servers: { own: { host: "a.example.org", user: "root", hostKey: "ssh-ed25519 AAAA" } },
  sites: { codebase: siteSettings },
};

it("writes each file that they name, with its values", () => {
  const folder = scratchFolder();
  writeSiteFiles(stackFile, folder);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.|sudoers/.test(name),
  );
  const wanted = [
    ...["deploy", "gunicorn", "settings"].map((name) => `config/${name}.json`),
    "gunicorn@.service",
    ...["maps", "names", "pages", "refuse", "site"].map((name) => `nginx/${name}.conf`),
    "sudoers",
  ];
  assert.deepEqual(files.sort(), wanted);
  for (const name of files) {
    const text = readFileSync(join(folder, name), "utf8");
    assert.notEqual(text, "", name);
    assert.doesNotMatch(text, /\{\{/, name);
  }
});
