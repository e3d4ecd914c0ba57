// What a stack gives an application: variables that name others, secrets that are made, files.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applicationSecrets, applicationVariables } from "../../../stacks/application-variables";
import { parseStack } from "../../../stacks/load";
import { References } from "../../../stacks/references";

const servers = { own: { testServer: "bookworm" } };
const site = (more: object) => {
  const codebase = { serverNames: ["www.example.org"], settings: "a.b", ...more };
  const read = parseStack(JSON.stringify({ servers, sites: { codebase } }), "own.yaml");
  const settings = read.sites["codebase"];
  assert.ok(settings);
  return settings;
};
const refused = (more: object, says: RegExp) => {
  assert.throws(() => site(more), { message: says });
};

describe("a value of the environment", () => {
  it("names variables of the stack, of the defaults and of the engine", () => {
    const environment = {
      A: "${B} ${TOKEN} ${MADE} ${SECRET_KEY} ${VAR_DIR} ${GREENPUSH_REVISION} ${ALLOWED_HOSTS}",
      B: "$${HOME} $ $$ {} $HOME",
    };
    assert.deepEqual(
      site({ environment, secrets: ["TOKEN"], generated: ["MADE"] }).environment,
      environment,
    );
  });

  it("names nothing that is not there", () => {
    refused(
      { environment: { A: "${HOME}" } },
      /environment\.A: names \$\{HOME\}, which nothing gives/,
    );
    refused(
      { environment: { A: "${VAR_DIRS}" } },
      /Did you mean VAR_DIR\? .* write \$\$\{VAR_DIRS\}$/,
    );
    refused({ environment: { A: "${toString}" } }, /names \$\{toString\}, which nothing gives/);
    for (const text of ["${", "${}", "${A B}", "${1}", "${A"])
      refused({ environment: { A: text, B: "" } }, /environment\.A: has a `\$\{` that names no/);
  });

  it("names itself by no way", () => {
    refused({ environment: { A: "${A}" } }, /environment\.A: names itself in a circle: A -> A$/);
    refused(
      { environment: { A: "${B}", B: "${C}", C: "x${A}", D: "${A}" } },
      /^own\.yaml:\d+: sites\.codebase\.environment\.A: names itself in a circle: A -> B -> C -> A$/,
    );
    // What is the key's copy by default.
    refused(
      { environment: { SECRET_KEY: "${DJANGO_SECRET_KEY}" } },
      /circle: SECRET_KEY -> DJANGO_SECRET_KEY -> SECRET_KEY$/,
    );
    site({
      environment: { SECRET_KEY: "${DJANGO_SECRET_KEY}" },
      generated: ["DJANGO_SECRET_KEY"],
    });
  });

  it("is not too long with what it names", () => {
    const names = Array.from({ length: 40 }, (_, index) => `A${index}`);
    const environment = Object.fromEntries(
      names.map((name, index) => [name, index === 39 ? "x" : `\${A${index + 1}}`.repeat(2)]),
    );
    refused(
      { environment },
      /environment\.A0: is, with what it names, longer than the 131071 bytes/,
    );
  });
});

describe("an application's variables", () => {
  const variables = (more: object, url = "http://www.example.org/") =>
    applicationVariables(site(more), url);

  it("have what its settings usually ask for, and what the stack says wins", () => {
    assert.deepEqual(variables({ environment: { A: "b" } }), {
      DJANGO_SETTINGS_MODULE: "a.b",
      DJANGO_SECRET_KEY: "${SECRET_KEY}",
      ALLOWED_HOSTS: "www.example.org",
      DJANGO_ALLOWED_HOSTS: "${ALLOWED_HOSTS}",
      CSRF_TRUSTED_ORIGINS: "http://www.example.org",
      DJANGO_CSRF_TRUSTED_ORIGINS: "${CSRF_TRUSTED_ORIGINS}",
      A: "b",
    });
    const environment = { ALLOWED_HOSTS: "*", DJANGO_SECRET_KEY: "mine" };
    const own = variables({ environment });
    assert.equal(own["ALLOWED_HOSTS"], "*");
    assert.equal(own["DJANGO_SECRET_KEY"], "mine");
  });

  it("name the site's hosts and origins as Django does", () => {
    const serverNames = ["www.example.org", "*.example.com", ".example.net", "www.example.*"];
    const found = variables({ serverNames }, "https://www.example.org:8443/shop");
    assert.equal(found["ALLOWED_HOSTS"], "www.example.org,.example.com,.example.net,www.example.*");
    assert.equal(
      found["CSRF_TRUSTED_ORIGINS"],
      "https://www.example.org:8443,https://www.example.org,https://*.example.com,https://example.net,https://*.example.net",
    );
  });

  it("have a key that Greenpush makes, unless the stack gives one", () => {
    assert.deepEqual(applicationSecrets(site({ generated: ["B", "SECRET_KEY"], secrets: ["A"] })), [
      "A",
      "B",
      "SECRET_KEY",
    ]);
    assert.deepEqual(applicationSecrets(site({ environment: { SECRET_KEY: "mine" } })), []);
  });

  it("stand in one place", () => {
    const twice = /is also one of `generated`: say it in one place$/;
    refused({ environment: { A: "b" }, generated: ["A"] }, twice);
    refused({ secrets: ["A"], generated: ["A"] }, /generated\.A: is also one of `secrets`/);
  });
});

describe("a text that names a secret", () => {
  it("is one that does by what it names, too", () => {
    const environment = {
      URL: "https://${TOKEN}@x",
      PLAIN: "$${TOKEN} ${VAR_DIR}",
      OUTER: "${URL}",
    };
    const references = new References(site({ environment, secrets: ["TOKEN"] }));
    for (const [text, secret] of Object.entries({
      "${TOKEN}": true,
      "${SECRET_KEY}": true,
      "a ${OUTER} b": true,
      "${DJANGO_SECRET_KEY}": true,
      "${PLAIN}": false,
      "$${TOKEN}": false,
    }))
      assert.equal(references.namesSecret(text), secret, text);
  });

  it("says the line of what is wrong", () => {
    const references = new References(site({}));
    const [first, ...others] = references.troubles("a\nb ${SECRET_KEY}\nc ${NOTHING}\n");
    assert.equal(first?.line, 3);
    assert.deepEqual(others, []);
  });
});

describe("a file of the stack", () => {
  it("has a place in the tree", () => {
    const files = { "shop/local.py": "files/local.py", ".env": "../env", "a b/ü": "x" };
    assert.deepEqual(site({ files }).files, files);
    for (const place of [
      "/etc/passwd",
      "../x",
      "a/../x",
      "a//b",
      "a/",
      "./a",
      ".git/hooks/x",
      "a/.GIT/x",
      "",
    ])
      refused({ files: { [place]: "x" } }, /is not a valid name here: the path of a file in the/);
  });

  it("lies below no other, nor in what releases share", () => {
    refused({ files: { a: "x", "a/b": "y" } }, /files\."a\/b": lies below "a", which is a file of/);
    refused(
      { files: { "data/x": "x" }, shared: ["data/"] },
      /files\."data\/x": lies in "data\/" of/,
    );
    site({ files: { "data/x": "x", "database/y": "y" }, shared: ["dat", "data/y"] });
  });
});
