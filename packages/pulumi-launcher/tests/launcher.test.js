// @ts-check
"use strict";
// Which CLI the launcher starts, and that nobody notices the launcher.

const assert = require("node:assert/strict");
const { existsSync, readdirSync } = require("node:fs");
const path = require("node:path");
const { afterEach, beforeEach, describe, it } = require("node:test");
const { setTimeout: sleep } = require("node:timers/promises");
const { cliVersion, resourcePlugins } = require("../lib/versions.js");
const { Machine } = require("./support/machine.js");

const noNpm = "#!/bin/sh\necho 'npm: no network' >&2\nexit 1\n";
/** A `go` that builds in $BUILD_SECONDS and counts the builds. */
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

describe("pulumi-launcher", () => {
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
    machine.putPulumi("bin/pulumi", undefined, "3.300.1");
    const { status, stdout, stderr } = await machine.run(["stack", "ls"]);
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 0, stdout: "bin/pulumi: stack ls\n", stderr: "" },
    );
  });

  it("passes over one that is too old, says so once, and takes the next on PATH", async () => {
    const old = machine.putPulumi("bin/pulumi", undefined, "3.100.0");
    machine.putPulumi("other/pulumi");
    const PATH = `${machine.folder}/bin:${machine.folder}/other`;
    const first = await machine.run(["about"], { PATH });
    assert.equal(first.stdout, "other/pulumi: about\n");
    assert.equal(
      first.stderr,
      `greenpush: passing over ${old}: its version is v3.100.0, and ${cliVersion} or a later 3.x is needed\n`,
    );
    assert.equal((await machine.run(["about"], { PATH })).stderr, "");
  });

  it("passes on the exit code", async () => {
    machine.putPulumi("bin/pulumi", "exit 7");
    assert.equal((await machine.run(["up"], { GREENPUSH_OFFLINE_PLUGINS: "never" })).status, 7);
  });

  it("passes on a signal, and dies of the one that the CLI dies of", async () => {
    machine.putPulumi("bin/pulumi", "echo started; exec sleep 60");
    const started = machine.start(["stack"]);
    await until(() => started.printed.stdout.includes("started"));
    started.child.kill("SIGTERM");
    assert.equal((await started.ended).signal, "SIGTERM");
  });

  it("downloads by Pulumi's own npm package, and keeps what came", async () => {
    machine.write(
      "bin/npm",
      `#!/bin/sh
echo "$*" >>"$HOME/npm"
mkdir -p "$PULUMI_HOME/versions/${cliVersion}/bin"
/bin/cp "$HOME/cli" "$PULUMI_HOME/versions/${cliVersion}/bin/pulumi"
`,
    );
    machine.putPulumi("home/cli", 'echo "downloaded: $*"');
    for (const _ of [1, 2]) {
      const { stdout, stderr } = await machine.run(["whoami"]);
      assert.equal(stdout, "downloaded: whoami\n", stderr);
    }
    assert.equal(
      machine.read("home/npm"),
      `exec --yes --package=pulumi@${cliVersion} -- pulumi version\n`,
    );
    assert.ok(!existsSync(path.join(machine.folder, "home", ".pulumi")));
  });

  it("gives up a download that stands still, and builds", async () => {
    putGo();
    machine.write("bin/npm", "#!/bin/sh\nexec sleep 600\n");
    const { stdout, stderr } = await machine.run(["whoami"]);
    assert.equal(stdout, "built: whoami\n", stderr);
    assert.match(stderr, /downloading Pulumi [\d.]+: failed \(nothing came for 2 s\)/);
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
    machine.putPulumi("bin/pulumi");
    const { status, stderr } = await machine.run(["up"], { GREENPUSH_OFFLINE_PLUGINS: "some" });
    assert.equal(status, 1);
    assert.equal(
      stderr,
      'greenpush: GREENPUSH_OFFLINE_PLUGINS is "some"; it has to be auto, always or never\n',
    );
  });

  describe("and Pulumi's own plugins", () => {
    const shown =
      'echo "providers: $PULUMI_DEBUG_PROVIDERS"; echo "languages: $PULUMI_DEBUG_LANGUAGES"; for name in ${PATH##*:}/*; do echo "$name"; done';

    it("are taken where they are, and never an offline one beside them", async () => {
      machine.putPulumi("bin/pulumi", shown);
      for (const name of ["language-nodejs", "resource-command", "resource-random"])
        machine.write(`bin/pulumi-${name}`, "#!/bin/sh\n");
      const { stdout, stderr } = await machine.run(["up"]);
      assert.match(stdout, /^providers: \nlanguages: \n/);
      assert.doesNotMatch(stdout, /offline-plugins/);
      assert.equal(stderr, "");
    });

    it("are taken where `pulumi plugin install` put them", async () => {
      machine.putPulumi("bin/pulumi", shown);
      for (const [name, version] of Object.entries(resourcePlugins))
        machine.write(`home/.pulumi/plugins/resource-${name}-v${version}/file`, "");
      assert.match((await machine.run(["up"])).stdout, /^providers: \n/);
    });

    it("are installed where they can be", async () => {
      const install =
        'if [ "$1" = plugin ]; then mkdir -p "$HOME/.pulumi/plugins/resource-$4-v$5"; exit 0; fi\n';
      machine.putPulumi("bin/pulumi", install + shown);
      const { stdout, stderr } = await machine.run(["up"]);
      assert.match(stdout, /^providers: \n/, stderr);
      assert.match(stderr, /installing Pulumi's command plugin [\d.]+: done/);
    });
  });
});
