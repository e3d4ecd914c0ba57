// @ts-check
"use strict";
// A machine as far as the launcher sees it: a home, a cache, a PATH with just the programs that a test puts there.

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { cliVersion } = require("../../lib/versions.js");

const pulumiLauncher = path.join(__dirname, "..", "..", "bin", "pulumi-launcher.js");

class Machine {
  /** @param {string} [launcher] the script that is started */
  constructor(launcher = pulumiLauncher) {
    this.launcher = launcher;
    this.folder = fs.mkdtempSync(path.join(tmpdir(), "greenpush-launcher-"));
    for (const name of ["bin", "home", "project"]) fs.mkdirSync(path.join(this.folder, name));
    for (const [name, file] of Object.entries({
      node: process.execPath,
      sh: "/bin/sh",
      sleep: "/bin/sleep",
      mkdir: "/bin/mkdir",
    }))
      fs.symlinkSync(file, path.join(this.folder, "bin", name));
    this.write("project/Pulumi.yaml", "name: one\nruntime: nodejs\n");
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  write(name, text) {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode: 0o755 });
    return file;
  }

  /** @param {string} name */
  read(name) {
    return fs.readFileSync(path.join(this.folder, name), "utf8");
  }

  /**
   * @param {string} name
   * @param {string} [does] what it does, by default it prints its arguments
   * @param {string} [version] that it says it is
   */
  putPulumi(name, does = `echo "${name}: $*"`, version = cliVersion) {
    return this.write(
      name,
      `#!/bin/sh\nif [ "$1" = version ]; then echo v${version}; exit 0; fi\n${does}\n`,
    );
  }

  /**
   * Start the launcher.
   * @param {string[]} words
   * @param {{[name: string]: string}} [variables]
   */
  start(words, variables = {}) {
    const child = spawn(process.execPath, [this.launcher, ...words], {
      cwd: path.join(this.folder, "project"),
      env: {
        PATH: path.join(this.folder, "bin"),
        HOME: path.join(this.folder, "home"),
        GREENPUSH_CACHE: path.join(this.folder, "cache"),
        GREENPUSH_STALL_SECONDS: "2",
        ...variables,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (printed.stdout += chunk));
    child.stderr.on("data", (chunk) => (printed.stderr += chunk));
    /** @type {Promise<{status: number | null, signal: string | null, stdout: string, stderr: string}>} */
    const ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, signal) => resolve({ status, signal, ...printed }));
    });
    return { child, printed, ended };
  }

  /**
   * @param {string[]} words
   * @param {{[name: string]: string}} [variables]
   */
  run(words, variables) {
    return this.start(words, variables).ended;
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { Machine };
