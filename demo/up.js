// @ts-check
"use strict";

// `npm run demo`: from a fresh clone to a site that answers, and a clone to push from.

const { cpSync, existsSync } = require("node:fs");
const { join } = require("node:path");
const { root, setUp } = require("../setup/checkout");
const { run } = require("../setup/command");
const { step, SetupError } = require("../setup/console");
const { preflight } = require("../setup/preflight");
const { clone, environment, stack } = require("./environment");

const author = ["-c", "user.name=Greenpush demo", "-c", "user.email=demo@localhost"];

async function main() {
  await preflight();
  await setUp();
  const env = environment();
  const pulumi = (/** @type {string[]} */ words, shown = false) =>
    run(process.execPath, [join(root, "cli", "pulumi.js"), ...words], {
      cwd: root,
      env,
      shown,
    });

  await step(`pulumi up --stack ${stack}`, async () => {
    await pulumi(["stack", "select", "--create", "--non-interactive", stack]);
    await pulumi(["up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive"], true);
  });
  const outputs = JSON.parse(await pulumi(["stack", "output", "--stack", stack, "--json"]));
  const site = outputs.sites.codebase;
  const { privateKeyFile, knownHostsFile } = outputs.testServers.test;

  const git = (/** @type {string[]} */ ...words) => run("git", ["-C", clone, ...words]);
  if (!existsSync(join(clone, ".git"))) {
    await step("makes .demo/codebase from the example application", async () => {
      cpSync(join(root, "examples", "codebase"), clone, { recursive: true });
      await run("git", ["init", "--quiet", "--initial-branch", "main", clone]);
      await git("add", "--all");
      await git(...author, "commit", "--quiet", "--message", "The example application");
      await git("remote", "add", stack, site.gitRemote);
    });
  }
  await git("remote", "set-url", stack, site.gitRemote);
  // So that a plain `git push` finds the test server's key and host key.
  await git(
    "config",
    "core.sshCommand",
    `ssh -i '${privateKeyFile}' -o IdentitiesOnly=yes -o 'UserKnownHostsFile=${knownHostsFile}'`,
  );
  await step(`git push ${stack} main`, () =>
    run("git", ["-C", clone, "push", stack, "HEAD:main"], { shown: true }),
  );

  const answer = await fetch(site.url);
  if (!answer.ok)
    throw new SetupError(`${site.url} answers ${answer.status}. See: ${site.ssh} www/deploy log`);
  process.stdout.write(`
The site answers:  ${site.url}
Push remote:       ${site.gitRemote}
Shell:             ${site.ssh}

Try next:
  cd .demo/codebase
  sed -i 's/v1/v2/' pages/views.py && git commit -am v2 && git push ${stack} main
  curl ${site.url}

  npx pulumi preview --stack ${stack}     shows no change; edit server/hooks or stacks/${stack}.yaml and it does
  ${site.ssh} www/deploy status
  npm run demo:down                  removes it all
`);
}

main().catch((error) => {
  process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
