// @ts-check
"use strict";
// A whole program on the real CLI and engine, with the offline language host and providers.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { after, before, describe, it } = require("node:test");

const checkout = path.join(__dirname, "..", "..", "..");

const program = `
const pulumi = require("@pulumi/pulumi");
const { local } = require("@pulumi/command");
const { RandomPassword } = require("@pulumi/random");
const config = new pulumi.Config();
console.log("said by the program, \u{1f680}");
console.error("said\\nin two lines");
if (config.get("mistake")) {
  const error = new Error("a mistake of " + config.get("mistake"));
  // Node's util.inspect takes 20 s for the frames of Pulumi's SDK: see index.ts of the checkout.
  error.stack = error.stack.split("\\n", 2).join("\\n");
  throw error;
}
const password = new RandomPassword("password", { length: 20 });
const command = new local.Command("greeting", {
  create: "tr a-z A-Z",
  stdin: pulumi.interpolate\`\${config.require("word")} in \${pulumi.getStack()}\`,
  delete: "exit " + (config.get("stuck") ?? "0"),
});
exports.greeting = command.stdout;
exports.password = password.result;
`;

describe("a program", () => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), "greenpush-program-"));
  const home = path.join(folder, "home");
  /** @param {string[]} words */
  const pulumi = (...words) => {
    const launcher = path.join(
      checkout,
      "packages",
      "pulumi-launcher",
      "bin",
      "pulumi-launcher.js",
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...words], {
      cwd: path.join(folder, "project"),
      encoding: "utf8",
      env: {
        ...process.env,
        PULUMI_HOME: home,
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_CONFIG_PASSPHRASE: "words",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        GREENPUSH_OFFLINE_PLUGINS: "always",
      },
    });
    return { status, output: stdout + stderr, stdout };
  };
  /** @param {string[]} words */
  const well = (...words) => {
    const ended = pulumi(...words);
    assert.equal(ended.status, 0, ended.output);
    return ended;
  };

  before(() => {
    fs.mkdirSync(path.join(folder, "project"));
    fs.symlinkSync(
      path.join(checkout, "node_modules"),
      path.join(folder, "project", "node_modules"),
    );
    fs.writeFileSync(
      path.join(folder, "project", "Pulumi.yaml"),
      "name: one\nruntime: {name: nodejs, options: {typescript: false}}\n",
    );
    fs.writeFileSync(path.join(folder, "project", "index.js"), program);
    well("stack", "init", "trial", "--non-interactive");
    well("config", "set", "word", "hello");
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("is previewed and made", () => {
    const preview = well("preview", "--non-interactive").output;
    assert.match(preview, /\+ 3 to create/);
    assert.match(preview, /^ +said by the program, \u{1f680}$/mu);
    assert.match(preview, /^ +said\n +in two lines$/m);
    const { output } = well("up", "--yes", "--skip-preview", "--non-interactive");
    assert.match(output, /\+ 3 created/);
    assert.match(output, /greeting: "HELLO IN TRIAL"/);
    assert.match(output, /password: \[secret\]/);
  });

  it("keeps the password out of clear text", () => {
    const { password } = JSON.parse(well("stack", "output", "--json", "--show-secrets").stdout);
    assert.equal(password.length, 20);
    const state = fs.readFileSync(
      path.join(folder, ".pulumi", "stacks", "one", "trial.json"),
      "utf8",
    );
    assert.ok(!state.includes(password));
  });

  it("unchanged is unchanged; a change is an update, shown as the line that it is", () => {
    assert.match(well("preview", "--non-interactive").output, /3 unchanged/);
    well("config", "set", "word", "bye");
    const { output } = well("preview", "--diff", "--non-interactive");
    assert.match(output, /~ stdin: "hello in trial" => "bye in trial"/);
    assert.match(output, /~ 1 to update/);
    assert.match(
      well("up", "--yes", "--skip-preview", "--non-interactive").output,
      /"BYE IN TRIAL"/,
    );
  });

  it("that throws fails, with its own words and the place", () => {
    well("config", "set", "mistake", "mine");
    const { status, output } = pulumi("preview", "--non-interactive");
    assert.notEqual(status, 0);
    assert.match(output, /a mistake of mine/);
    assert.match(output, /index\.js:9/);
    well("config", "rm", "mistake");
  });

  it("is destroyed; where that fails it can be done again", () => {
    well("config", "set", "stuck", "3");
    well("up", "--yes", "--skip-preview", "--non-interactive");
    const failed = pulumi("destroy", "--yes", "--skip-preview", "--non-interactive");
    assert.notEqual(failed.status, 0);
    assert.match(failed.output, /exit status 3: running "exit 3":/);
    well("config", "rm", "stuck");
    well("up", "--yes", "--skip-preview", "--non-interactive");
    well("destroy", "--yes", "--skip-preview", "--non-interactive");
  });
});
