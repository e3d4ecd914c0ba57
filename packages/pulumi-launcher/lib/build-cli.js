// @ts-check
"use strict";
// Builds the CLI from the Go module proxy, for networks that reach package registries only.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { cachedCli } = require("./cache.js");
const { runGuarded } = require("./guarded-command.js");
const { findAllOnPath } = require("./path-search.js");
const { Progress } = require("./progress.js");
const { cliVersion, goVersion } = require("./versions.js");
const { makeWorkFolder, putInPlace, removeFolder } = require("./work-folder.js");

const cliPackage = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";

/** A replacement in Pulumi's own go.mod. Those of a dependency don't count, so it is repeated. */
const goMod = `module greenpush.local/pulumi

go ${goVersion}

replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
`;

/**
 * Builds into the cache. The Go tools keep what they have downloaded and compiled in their own caches,
 * so that a build goes on where an interrupted one ended.
 * @returns {Promise<void>}
 * @throws {Error} with what to do, if Go is missing or fails
 */
async function buildCli() {
  const env = goEnvironment(findGo());
  const folder = makeWorkFolder();
  try {
    fs.writeFileSync(path.join(folder, "go.mod"), goMod);
    const fetching = new Progress(`fetching the sources of Pulumi ${cliVersion} by Go`);
    await go(["get", `${cliPackage}@v${cliVersion}`], folder, env, fetching);
    fetching.finish("done");

    const building = new Progress(
      `building Pulumi ${cliVersion}, once, for about 6 minutes on 2 cores`,
    );
    const list = ["list", "-deps", "-f", "{{.ImportPath}}", cliPackage];
    const total = (await go(list, folder, env, building)).trim().split("\n").length;
    let compiled = 0;
    const version = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${cliVersion}`;
    const binFolder = path.join(folder, "pulumi", "bin");
    await go(
      ["build", "-v", "-ldflags", `-s -w ${version}`, "-o", `${binFolder}/pulumi`, cliPackage],
      folder,
      env,
      building,
      () => building.update(`${++compiled} of at most ${total} packages`),
    );
    putInPlace(path.join(folder, "pulumi"), path.dirname(path.dirname(cachedCli())));
    building.finish("done");
  } finally {
    removeFolder(folder);
  }
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @param {Progress} progress
 * @param {() => void} [onLine]
 * @returns {Promise<string>} its output
 */
async function go(args, cwd, env, progress, onLine) {
  const { code, output } = await runGuarded(["go", ...args], { cwd, env, onLine });
  if (code === 0) return output;
  progress.finish("failed");
  const last = output.trim().split("\n").slice(-15).join("\n");
  throw new Error(`go ${args[0]} failed with exit code ${code}:\n${last}`);
}

/**
 * @returns {[major: number, minor: number]} the version of the go on PATH
 * @throws {Error} with what to install
 */
function findGo() {
  const install =
    `Install Pulumi ${cliVersion} (pulumi.com), or Go ${goVersion} or later: ` +
    "on Debian 13 `apt-get install golang-go`, on Debian 12 " +
    "`apt-get install -t bookworm-backports golang-go`.";
  if (findAllOnPath("go").length === 0) {
    throw new Error(
      `there is no Pulumi CLI here, its download site is out of reach, and there is no Go to build it with. ${install}`,
    );
  }
  const text = execFileSync("go", ["version"], {
    encoding: "utf8",
    env: { ...process.env, GOTOOLCHAIN: "local" },
  });
  const [, major = "0", minor = "0"] = /go(\d+)\.(\d+)/.exec(text) ?? [];
  // From 1.21 on, Go fetches a newer one for itself, from the module proxy.
  if (Number(major) === 1 && Number(minor) < 21) {
    throw new Error(`Go ${major}.${minor} is too old to build Pulumi with. ${install}`);
  }
  return [Number(major), Number(minor)];
}

/**
 * @param {[major: number, minor: number]} version
 * @returns {NodeJS.ProcessEnv}
 */
function goEnvironment([major, minor]) {
  const [, wantedMinor = "0"] = goVersion.split(".");
  const isOld = major === 1 && minor <= Number(wantedMinor);
  return {
    ...process.env,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=mod",
    GOWORK: "off",
    // Debian's Go is set to never fetch another one.
    ...(isOld && !process.env["GOTOOLCHAIN"] ? { GOTOOLCHAIN: "auto" } : {}),
  };
}

module.exports = { buildCli };
