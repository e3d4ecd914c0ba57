// @ts-check
"use strict";

// Makes and removes real test servers.

const assert = require("node:assert/strict");
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { after, before, describe, it } = require("node:test");

const script = path.join(__dirname, "../../test-server/test-server.sh");
const suite = process.env["GREENPUSH_TEST_SUITE"] ?? "trixie";
const name = `test-${process.pid}`;
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "greenpush-test-server-"));
const stateDir = path.join(scratch, "state with a space");

/** @param {string[]} args */
function testServer(...args) {
  const { status, stdout, stderr } = spawnSync("sh", [script, ...args], {
    encoding: "utf8",
    timeout: 900_000,
  });
  return { status, stdout, stderr };
}

/** @param {string[]} args */
function make(...args) {
  const { status, stdout, stderr } = testServer("make", ...args);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trimEnd().split("\n").length, 1, "one line on stdout");
  return { line: stdout, server: JSON.parse(stdout), stderr };
}

/** @param {any} server @param {string[]} command */
function ssh(server, ...command) {
  const options = {
    UserKnownHostsFile: `"${server.knownHostsFile}"`,
    StrictHostKeyChecking: "yes",
    IdentitiesOnly: "yes",
    BatchMode: "yes",
    ConnectTimeout: "10",
  };
  const args = Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  return spawnSync(
    "ssh",
    [
      "-F",
      "/dev/null",
      "-i",
      server.privateKeyFile,
      ...args,
      "-p",
      server.port,
      `${server.user}@${server.host}`,
      ...command,
    ],
    { encoding: "utf8", timeout: 30_000 },
  );
}

describe("wrong arguments are refused with what would be right", () => {
  /** @type {[string[], RegExp][]} */
  const cases = [
    [[], /no such verb: ""/],
    [["build"], /no such verb: "build"/],
    [["make", "a"], /make takes 3 arguments, not 1/],
    [["make", "Web_1", "bookworm", scratch], /NAME is "Web_1".*a-z, 0-9/],
    [["make", "a b", "bookworm", scratch], /NAME is "a b"/],
    [["make", "", "bookworm", scratch], /NAME is ""/],
    [["make", "-a", "bookworm", scratch], /not begin with "-"/],
    [["make", "a".repeat(41), "bookworm", scratch], /40 at most/],
    [
      ["make", "a", "jammy", scratch],
      /SUITE is "jammy"; it can be bookworm, trixie, noble or resolute/,
    ],
    [["make", "a", "bookworm", ""], /STATE_DIR is empty/],
    [["remove", "a"], /remove takes 2 arguments, not 1/],
    [["remove", "../a", scratch], /NAME is "..\/a"/],
    [["status"], /status takes 1 arguments, not 0/],
  ];
  for (const [args, message] of cases) {
    it(JSON.stringify(args), () => {
      const { status, stdout, stderr } = testServer(...args);
      assert.match(stderr, message);
      assert.match(stderr, /usage:/);
      assert.deepEqual([status, stdout], [2, ""]);
    });
  }

  it("an engine that isn't known", () => {
    const { status, stderr } = spawnSync("sh", [script, "status", "a"], {
      encoding: "utf8",
      env: { ...process.env, GREENPUSH_CONTAINER_ENGINE: "lxc" },
    });
    assert.match(stderr, /GREENPUSH_CONTAINER_ENGINE is "lxc"; it can be podman or docker/);
    assert.equal(status, 1);
  });
});

describe("a test server", { timeout: 900_000 }, () => {
  /** @type {ReturnType<typeof make>} */
  let made;

  function removeAll() {
    for (const each of [name, `${name}-killed`]) testServer("remove", each, stateDir);
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  const onSignal = () => {
    removeAll();
    process.exit(130);
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  after(removeAll);

  before(() => {
    made = make(name, suite, stateDir);
  });

  it("is said how to reach", () => {
    const { hostKey, port, httpPort, httpsPort, engine, ...rest } = made.server;
    assert.deepEqual(rest, {
      host: "127.0.0.1",
      user: "root",
      privateKeyFile: path.join(stateDir, "id_ed25519"),
      knownHostsFile: path.join(stateDir, "known_hosts"),
      container: `greenpush-${name}`,
    });
    assert.match(hostKey, /^ssh-ed25519 AAAA\S+$/);
    assert.equal(new Set([port, httpPort, httpsPort]).size, 3);
    assert.ok([port, httpPort, httpsPort].every((each) => Number.isInteger(each) && each > 1024));
    assert.ok(["podman", "docker"].includes(engine));
  });

  it("keeps its key to its owner", () => {
    assert.equal(fs.statSync(made.server.privateKeyFile).mode & 0o777, 0o600);
    assert.equal(fs.statSync(stateDir).mode & 0o777, 0o700);
    assert.deepEqual(fs.readdirSync(stateDir).sort(), [
      "id_ed25519",
      "id_ed25519.pub",
      "known_hosts",
      "server.json",
    ]);
    assert.equal(fs.readFileSync(path.join(stateDir, "server.json"), "utf8"), made.line);
  });

  it("answers by ssh with its host key checked, and is a bare server with systemd", () => {
    const { stdout, stderr, status } = ssh(
      made.server,
      "hostname; systemctl is-system-running; . /etc/os-release; echo $VERSION_CODENAME; command -v git nginx virtualenv",
    );
    assert.equal(stdout, `${name}\nrunning\n${suite}\n`, stderr);
    assert.notEqual(status, 255);
  });

  it("is refused by a client that knows another host key", () => {
    const knownHostsFile = path.join(scratch, "other");
    const other = fs
      .readFileSync(made.server.privateKeyFile + ".pub", "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
    fs.writeFileSync(knownHostsFile, `[127.0.0.1]:${made.server.port} ${other}\n`);
    assert.equal(ssh({ ...made.server, knownHostsFile }, "true").status, 255);
  });

  it("sandboxes its services as a real server does", () => {
    const { stdout, stderr } = ssh(
      made.server,
      "touch /tmp/outside; systemd-run --quiet --wait --pipe -p PrivateTmp=yes -p ProtectSystem=strict sh -c 'ls /tmp; touch /etc/x || echo kept'",
    );
    assert.equal(stdout, "kept\n", stderr);
  });

  it("made again is the same, at once", () => {
    const began = Date.now();
    assert.equal(make(name, suite, stateDir).line, made.line);
    assert.ok(Date.now() - began < 5_000);
    assert.equal(testServer("status", name).stdout, "running\n");
  });

  it("is the same after it was stopped, as when this machine restarts", () => {
    const { engine, container } = made.server;
    ssh(made.server, "touch /root/kept");
    const stopped = spawnSync(engine, [
      ...(engine === "podman" ? ["--runtime", "runc"] : []),
      "stop",
      "-t",
      "5",
      container,
    ]);
    assert.equal(stopped.status, 0);
    assert.equal(testServer("status", name).stdout, "stopped\n");
    assert.equal(make(name, suite, stateDir).line, made.line);
    assert.equal(ssh(made.server, "ls /root/kept").stdout, "/root/kept\n");
  });

  it("isn't handed to another state directory or suite", () => {
    const elsewhere = testServer("make", name, suite, path.join(scratch, "other-state"));
    assert.match(elsewhere.stderr, /was made for .*state with a space, not for/);
    const otherSuite = testServer(
      "make",
      name,
      suite === "trixie" ? "bookworm" : "trixie",
      stateDir,
    );
    assert.match(otherSuite.stderr, new RegExp(`is there with ${suite}`));
    assert.deepEqual([elsewhere.status, otherSuite.status], [1, 1]);
  });

  it("made by two at once is made once", async () => {
    const both = `${name}-killed`;
    const state = path.join(scratch, "both");
    const runs = await Promise.all(
      [1, 2].map(
        () =>
          /** @type {Promise<string>} */ (
            new Promise((resolve) => {
              const child = spawn("sh", [script, "make", both, suite, state], {
                stdio: ["ignore", "pipe", "inherit"],
              });
              let out = "";
              child.stdout.on("data", (data) => (out += data));
              child.on("close", () => resolve(out));
            })
          ),
      ),
    );
    assert.equal(JSON.parse(runs[0]).container, `greenpush-${both}`);
    assert.equal(runs[0], runs[1]);
    assert.equal(testServer("remove", both, state).status, 0);
  });

  it("that is killed while it's made is finished by the next make, and cleared by remove", async () => {
    const killed = `${name}-killed`;
    const state = path.join(scratch, "killed");
    for (const delay of [100, 300, 500, 700, 900, 1_100]) {
      const child = spawn("sh", [script, "make", killed, suite, state], { stdio: "ignore" });
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill("SIGKILL");
      if (delay % 200 === 100) {
        const { server } = make(killed, suite, state);
        assert.equal(ssh(server, "echo here").stdout, "here\n", `killed after ${delay} ms`);
      }
      assert.equal(testServer("remove", killed, state).status, 0, `killed after ${delay} ms`);
      assert.equal(testServer("status", killed).stdout, "absent\n");
      assert.equal(fs.existsSync(state), false, `killed after ${delay} ms: ${state} is left`);
    }
  });

  it("removed leaves no container, no key and no state, but files of others", () => {
    fs.writeFileSync(path.join(stateDir, "mine"), "");
    assert.equal(testServer("remove", name, stateDir).status, 0);
    assert.equal(testServer("status", name).stdout, "absent\n");
    assert.deepEqual(fs.readdirSync(stateDir), ["mine"]);
    assert.equal(testServer("remove", name, stateDir).status, 0, "removing it again is fine");
  });

  it("takes a key that is there, and leaves it", () => {
    const own = path.join(stateDir, "id_ed25519");
    assert.equal(
      spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "me", "-f", own]).status,
      0,
    );
    const before = fs.readFileSync(own, "utf8");
    const { server } = make(name, suite, stateDir);
    assert.equal(ssh(server, "echo here").stdout, "here\n");
    assert.notEqual(server.hostKey, made.server.hostKey, "each server has a host key of its own");
    assert.equal(server.port, made.server.port, "and the ports that its name had");
    assert.equal(testServer("remove", name, stateDir).status, 0);
    assert.equal(fs.readFileSync(own, "utf8"), before);
  });
});
