// @ts-check
"use strict";
// Which CLI `npx pulumi` becomes, and how it passes for it.

const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const { existsSync, readdirSync } = require("node:fs");
const { hostname, userInfo } = require("node:os");
const path = require("node:path");
const { afterEach, beforeEach, describe, it } = require("node:test");
const { setTimeout: sleep } = require("node:timers/promises");
const { Machine } = require("./support/machine.js");

const noNpm = "#!/bin/sh\necho 'npm: no network' >&2\nexit 1\n";
/** Builds in the time that $BUILD_SECONDS says, and counts the builds. */
const go = `#!/bin/sh
case $1 in
version) echo "go version go1.26.0 linux/amd64" ;;
list) echo one ;;
get) echo got ;;
build)
	echo build >>"$HOME/builds"
	sleep "\${BUILD_SECONDS:-0}"
	while [ "$1" != -o ]; do shift; done
	/bin/mkdir -p "\${2%/*}"
	/bin/cp "$HOME/built" "$2"
	;;
esac
`;

describe("npx pulumi", () => {
  /** @type {Machine} */
  let machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  const putGo = () => {
    machine.write("bin/go", go);
    machine.write("home/built", '#!/bin/sh\necho "built: $*"\n');
    machine.write("bin/npm", noNpm);
  };
  const builds = () => machine.read("home/builds").trim().split("\n").length;
  /** @param {() => boolean} what */
  const until = async (what) => {
    while (!what()) await sleep(20);
  };

  it("takes the one on PATH that is new enough, and fetches nothing", async () => {
    machine.putPulumi("bin/pulumi", "v3.300.1");
    const { status, stdout, stderr } = await machine.run(["stack", "ls"]);
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 0, stdout: "bin/pulumi: stack ls\n", stderr: "" },
    );
  });

  it("passes over one that is too old, says so once, and takes the next on PATH", async () => {
    const old = machine.putPulumi("bin/pulumi", "v3.100.0");
    machine.putPulumi("other/pulumi", "v3.259.0");
    const PATH = `${machine.folder}/bin:${machine.folder}/other`;
    const first = await machine.run(["about"], { PATH });
    assert.equal(first.stdout, "other/pulumi: about\n");
    assert.equal(
      first.stderr,
      `greenpush: passing over ${old}: its version is v3.100.0, and 3.259.0 or a later 3.x is needed\n`,
    );
    assert.equal((await machine.run(["about"], { PATH })).stderr, "");
  });

  it("says before a destroy what the program has said of it, of the stack that is meant", async () => {
    const output = `case "$*" in
      "stack output onDestroy --json --non-interactive "*) shift 5; echo "{\\"asked\\": \\"$*\\", \\"b\\": \\"c\\"}" ;;
      "stack "*) exit 255 ;;
      *) echo "run: $*" ;;
    esac`;
    machine.putPulumi("bin/pulumi", "v3.259.0", output);
    for (const [args, asked] of [
      [["destroy", "--stack", "one", "--yes"], "--stack one"],
      [["-C", ".", "down", "-sone"], "-C . -sone"],
    ]) {
      const { stdout, stderr } = await machine.run(/** @type {string[]} */ (args));
      assert.match(stderr, new RegExp(`^on destroy: asked: ${asked}\non destroy: b: c\n`, "m"));
      assert.match(stdout, /^run: /);
    }
    for (const args of [["up", "-s", "one"], ["destroy", "--help"], ["destroy"]]) {
      const { stderr } = await machine.run(args);
      assert.doesNotMatch(stderr, /on destroy/);
    }
  });

  it("unlocks a state in files whose holder was killed, and no other", async () => {
    machine.putPulumi("bin/pulumi", "v3.259.0", "exit 0");
    const lock = (/** @type {string} */ name, /** @type {object} */ changes) =>
      machine.write(
        `state/.pulumi/locks/organization/greenpush/test/${name}.json`,
        JSON.stringify({
          pid: dead,
          username: userInfo().username,
          hostname: hostname(),
          timestamp: "2026-01-01T00:00:00Z",
          ...changes,
        }),
      );
    const dead = spawnSync("true").pid;
    lock("killed", {});
    machine.putPulumi("other/pulumi", "v3.259.0", "while :; do sleep 1; done");
    const alive = spawn(path.join(machine.folder, "other/pulumi"), ["up"], { stdio: "ignore" });
    lock("alive", { pid: alive.pid });
    lock("number-of-another", { pid: process.pid });
    lock("elsewhere", { hostname: "another" });
    lock("somebody", { username: "another" });
    const { stderr } = await machine.run(["up"], {
      GREENPUSH_STAND_INS: "never",
      PULUMI_BACKEND_URL: `file://${machine.folder}/state`,
    });
    alive.kill();
    assert.match(stderr, new RegExp(`locked by process ${dead}, which has ended: unlocked`));
    const left = readdirSync(
      path.join(machine.folder, "state/.pulumi/locks/organization/greenpush/test"),
    );
    assert.deepEqual(left.sort(), ["alive.json", "elsewhere.json", "somebody.json"]);
  });

  it("passes on the exit code", async () => {
    machine.putPulumi("bin/pulumi", "v3.259.0", "exit 7");
    assert.equal((await machine.run(["up"], { GREENPUSH_STAND_INS: "never" })).status, 7);
  });

  it("passes on a signal, and dies of the one that the CLI dies of", async () => {
    machine.putPulumi("bin/pulumi", "v3.259.0", "echo started; exec sleep 60");
    const started = machine.start(["stack"]);
    await until(() => started.printed.stdout.includes("started"));
    started.child.kill("SIGTERM");
    assert.equal((await started.ended).signal, "SIGTERM");
  });

  it("downloads by Pulumi's own npm package, and keeps what came", async () => {
    machine.write(
      "bin/npm",
      '#!/bin/sh\necho "$*" >>"$HOME/npm"\nmkdir -p "$PULUMI_HOME/versions/3.259.0/bin"\n/bin/cp "$HOME/cli" "$PULUMI_HOME/versions/3.259.0/bin/pulumi"\n',
    );
    machine.putPulumi("home/cli", "v3.259.0", 'echo "downloaded: $*"');
    for (const _ of [1, 2]) {
      const { stdout, stderr } = await machine.run(["whoami"]);
      assert.equal(stdout, "downloaded: whoami\n", stderr);
    }
    assert.equal(
      machine.read("home/npm"),
      "exec --yes --package=pulumi@3.259.0 -- pulumi version\n",
    );
    assert.ok(!existsSync(path.join(machine.folder, "home", ".pulumi")));
  });

  it("gives up a download that stands still, and builds", async () => {
    putGo();
    machine.write("bin/npm", "#!/bin/sh\nexec sleep 600\n");
    const { stdout, stderr } = await machine.run(["whoami"]);
    assert.equal(stdout, "built: whoami\n", stderr);
    assert.match(stderr, /downloading Pulumi 3\.259\.0: failed \(nothing came for 2 s\)/);
  });

  it("builds where the download is out of reach, and only once", async () => {
    putGo();
    for (const _ of [1, 2]) assert.equal((await machine.run(["whoami"])).stdout, "built: whoami\n");
    assert.equal(builds(), 1);
  });

  it("an interrupted build leaves nothing that passes for a CLI; the next one is whole", async () => {
    putGo();
    const first = machine.start(["whoami"], { BUILD_SECONDS: "60" });
    await until(() => existsSync(path.join(machine.folder, "home", "builds")));
    first.child.kill("SIGKILL");
    await first.ended;
    const { stdout } = await machine.run(["whoami"]);
    assert.equal(stdout, "built: whoami\n");
    const left = readdirSync(path.join(machine.folder, "cache"));
    assert.deepEqual(
      left.filter((name) => name.startsWith("work-") || name.endsWith(".lock")),
      [],
    );
  });

  it("of two at once one builds and the other waits for it", async () => {
    putGo();
    const both = await Promise.all(
      [1, 2].map(() => machine.run(["whoami"], { BUILD_SECONDS: "1" })),
    );
    assert.deepEqual(
      both.map(({ stdout }) => stdout),
      ["built: whoami\n", "built: whoami\n"],
    );
    assert.equal(builds(), 1);
    assert.equal(
      both.filter(({ stderr }) => /waiting for process \d+, which fetches Pulumi/.test(stderr))
        .length,
      1,
    );
  });

  it("says what to install where there is no way", async () => {
    machine.write("bin/npm", noNpm);
    const { status, stderr } = await machine.run(["whoami"]);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /no Pulumi CLI here, its download site is out of reach, and there is no Go/,
    );
    assert.match(stderr, /apt-get install golang-go/);
  });

  it("names the setting that is wrong", async () => {
    machine.putPulumi("bin/pulumi", "v3.259.0");
    const { status, stderr } = await machine.run(["up"], { GREENPUSH_STAND_INS: "some" });
    assert.equal(status, 1);
    assert.equal(
      stderr,
      'greenpush: GREENPUSH_STAND_INS is "some"; it has to be auto, always or never\n',
    );
  });

  describe("and Pulumi's own plugins", () => {
    const shown =
      'echo "providers: $PULUMI_DEBUG_PROVIDERS"; echo "languages: $PULUMI_DEBUG_LANGUAGES"; for name in ${PATH##*:}/*; do echo "$name"; done';

    it("are taken where they are, and never a stand-in beside them", async () => {
      machine.putPulumi("bin/pulumi", "v3.259.0", shown);
      for (const name of ["language-nodejs", "resource-command", "resource-random"])
        machine.write(`bin/pulumi-${name}`, "#!/bin/sh\n");
      const { stdout, stderr } = await machine.run(["up"]);
      assert.match(stdout, /^providers: \nlanguages: \n/);
      assert.doesNotMatch(stdout, /stand-ins/);
      assert.equal(stderr, "");
    });

    it("are taken where `pulumi plugin install` put them", async () => {
      machine.putPulumi("bin/pulumi", "v3.259.0", shown);
      for (const name of ["command-v1.2.1", "random-v4.21.2"])
        machine.write(`home/.pulumi/plugins/resource-${name}/file`, "");
      assert.match((await machine.run(["up"])).stdout, /^providers: \n/);
    });

    it("are installed where they can be", async () => {
      const install =
        'if [ "$1" = plugin ]; then mkdir -p "$HOME/.pulumi/plugins/resource-$4-v$5"; exit 0; fi\n';
      machine.putPulumi("bin/pulumi", "v3.259.0", install + shown);
      const { stdout, stderr } = await machine.run(["up"]);
      assert.match(stdout, /^providers: \n/, stderr);
      assert.match(stderr, /installing Pulumi's command plugin 1\.2\.1: done/);
    });

    it("are stood in for where they can't be had, which is said once", async () => {
      machine.putPulumi(
        "bin/pulumi",
        "v3.259.0",
        `if [ "$1" = plugin ]; then exit 1; fi\n${shown}`,
      );
      const first = await machine.run(["up"]);
      assert.match(first.stdout, /^providers: command:\d+,random:\d+\nlanguages: nodejs:\d+\n/);
      assert.match(first.stderr, /Pulumi's own plugins \(command, random\) are out of reach/);
      const second = await machine.run(["up"]);
      assert.match(second.stdout, /^providers: command:\d+,random:\d+\n/);
      assert.equal(second.stderr, "");
    });
  });

  describe("after `npm run demo`", () => {
    beforeEach(() => {
      machine.putPulumi("bin/pulumi", "v3.259.0", 'echo "state: $PULUMI_BACKEND_URL"');
      machine.write(
        "project/.demo/environment.json",
        JSON.stringify({ stack: "test", variables: { PULUMI_BACKEND_URL: "file://demo" } }),
      );
    });

    for (const words of [
      ["stack", "--stack", "test"],
      ["stack", "--stack=test"],
      ["stack", "-s", "test"],
    ])
      it(`${words.join(" ")} finds its state, and says so`, async () => {
        const { stdout, stderr } = await machine.run(words);
        assert.equal(stdout, "state: file://demo\n");
        assert.match(stderr, /the stack test of `npm run demo`/);
      });

    for (const words of [["stack", "--stack", "production"], ["stack", "ls"], ["login"]])
      it(`${words.join(" ")} is the person's own`, async () => {
        const { stdout, stderr } = await machine.run(words);
        assert.deepEqual({ stdout, stderr }, { stdout: "state: \n", stderr: "" });
      });

    it("whoever chose a state has it", async () => {
      const own = { PULUMI_BACKEND_URL: "file://own" };
      assert.equal((await machine.run(["stack", "-s", "test"], own)).stdout, "state: file://own\n");
    });
  });
});
