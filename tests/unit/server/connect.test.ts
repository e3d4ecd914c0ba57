// How the operator's machine connects, and where an error comes from: ssh, sudo, or the program on the server. A fake ssh
// stands in for the network; like sshd, it runs its last argument in a shell.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { probe } from "../../../components/drift/probe";

const script = join(__dirname, "..", "..", "..", "components", "remote", "connect.sh");
const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
const bin = join(folder, "bin");
const key = join(folder, "key");
let hostKey = "";

const executable = (name: string, text: string) => {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
};
/** Set what the fake ssh does: by default it runs its last argument in a shell, like sshd. */
const sshDoes = (text = 'for last; do :; done; exec sh -c "$last"') =>
  executable("ssh", `printf '%s\\n' "$@" >${folder}/words\n${text}`);

interface Connection {
  user?: string;
  keyFile?: string;
  hostKey?: string;
  words?: string[];
  env?: NodeJS.ProcessEnv;
}

/** Run connect.sh with a program, and return how it ended and what it printed. */
function connect(program: string, given: Connection = {}) {
  const { user = "root", keyFile = key, words = ["check", "own"], env = {} } = given;
  const line = ["own", "web", "22", user, given.hostKey ?? hostKey, keyFile, ...words];
  const { status, stdout, stderr } = spawnSync("sh", [script, ...line], {
    input: program,
    encoding: "utf8",
    env: { HOME: folder, PATH: `${bin}:${process.env["PATH"]}`, ...env },
    maxBuffer: 100_000_000,
  });
  return { status, stdout, stderr };
}

const newKey = (name: string, passphrase = "") => {
  const file = join(folder, name);
  const words = ["-q", "-t", "ed25519", "-N", passphrase, "-f", file];
  assert.equal(spawnSync("ssh-keygen", words).status, 0);
  return file;
};

before(() => {
  mkdirSync(bin);
  newKey("key");
  hostKey = readFileSync(`${key}.pub`, "utf8").trim();
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("what the program on the server says", () => {
  before(() => sshDoes());

  const said = [
    "cp: cannot create '/etc/x': Permission denied (publickey)",
    "Host key verification failed.",
    "sudo: a password is required",
    "ssh: Could not resolve hostname github.com: Name or service not known",
    "ssh: connect to host github.com port 22: Connection refused",
  ];
  for (const user of ["root", "admin"])
    for (const status of [1, 127, 255])
      for (const text of said)
        it(`is its own as ${user} with status ${status}: ${text}`, () => {
          executable("sudo", '[ "$1" = -n ] && shift && exec "$@"');
          const ended = connect(`echo "${text}" >&2; exit ${status}`, { user });
          assert.deepEqual(ended, { status, stdout: "", stderr: `${text}\n` });
        });

  it("is all there where it ends well, its words and its input with it", () => {
    const ended = connect('echo "$#: $*"; echo noted >&2', { words: ["leave", "own"] });
    assert.deepEqual(ended, { status: 0, stdout: "2: leave own\n", stderr: "noted\n" });
  });

  it("is told from the end of it where it ends without a new line", () => {
    const ended = connect("printf broken >&2; exit 3");
    assert.deepEqual(ended, { status: 3, stdout: "", stderr: "broken\n" });
  });

  it("counts only where the server was asked before what was changed by hand", () => {
    const env = { GREENPUSH_NOT_ASKED: "no answer in 120 s" };
    const ended = connect("echo checked", { env });
    assert.equal(ended.status, 65);
    assert.match(
      ended.stderr,
      /^servers\.own: web answers only now, .*120 s\)\n {2}Run up again\.$/m,
    );
    assert.equal(connect("exit 0", { env, words: ["leave", "own"] }).status, 0);
    assert.equal(connect("exit 7", { env }).status, 7);
  });

  it("is no word of connect.sh's own, however it ends", () => {
    for (const status of [65, 66]) assert.equal(connect(`exit ${status}`).status, 1);
  });

  it("has nothing that a terminal obeys", () => {
    const wild = String.raw`\033[2J a\302\233b \342\200\256c\342\201\246d\007 \303\274 \342\202\254\n`;
    const ended = connect(`printf '${wild}'; printf '${wild}' >&2; exit 1`);
    assert.deepEqual(ended, { status: 1, stdout: "[2J ab cd ü €\n", stderr: "[2J ab cd ü €\n" });
  });

  it("is not endless", () => {
    const { status, stdout, stderr } = connect("yes >&2");
    assert.equal(status, 65);
    assert.equal(stdout, "");
    assert.ok(stderr.length < 20_000, `${stderr.length} bytes`);
    assert.ok(connect("yes").stdout.length < 10_000_000);
  });
});

describe("what keeps a connection from coming about", () => {
  const cases: Record<string, [ssh: string, status: number, says: RegExp]> = {
    "a key that is not taken": [
      'echo "root@web: Permission denied (publickey)." >&2; exit 255',
      66,
      /^servers\.own: root may not log in on web with .*key\n.*authorized_keys/,
    ],
    "too many keys": [
      'echo "Received disconnect from web port 22:2: Too many authentication failures" >&2; exit 255',
      66,
      /^servers\.own: web gave up before .*\n {2}Name the private key's file/,
    ],
    "another host key": [
      'seq 300 | sed "s/.*/@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @/" >&2; echo "Host key verification failed." >&2; exit 255',
      66,
      /^servers\.own: web is not the server whose host key is pinned, .*\n.*ssh-keyscan -p 22 web/,
    ],
    "a host key of another kind": [
      'echo "Unable to negotiate with web port 22: no matching host key type found. Their offer: ssh-rsa" >&2; exit 255',
      66,
      /^servers\.own: web is not the server whose host key is pinned/,
    ],
    "a name that is none, as a Host of ssh's configuration": [
      'echo "ssh: Could not resolve hostname web: Name or service not known" >&2; exit 255',
      65,
      /^servers\.own: the name web can't be resolved\n.*A Host of ~\/\.ssh\/config.* do not count/,
    ],
    "a server that is down": [
      'echo "ssh: connect to host web port 22: Connection refused" >&2; exit 255',
      65,
      /^servers\.own: web can't be reached on port 22 \(ssh: .*refused\)\n.*host and port right/,
    ],
    "a firewall of this machine": [
      'echo "ssh: connect to host web port 22: Permission denied" >&2; exit 255',
      65,
      /^servers\.own: web can't be reached on port 22 \(.*Permission denied\)/,
    ],
    "an account without a shell": [
      'echo "This account is currently not available."; exit 1',
      66,
      /^servers\.own: root may log in on web, but not run a program there \(status 1\)/,
    ],
    "a key with a command of its own": [
      'echo "Please login as the user admin rather than root." >&2; exit 142',
      66,
      /^servers\.own: root may log in on web, but not .*\(Please login as the user admin/,
    ],
    "a connection that breaks": [
      'for last; do :; done; sh -c "$last" | cat; echo "Timeout, server web not responding." >&2; exit 255',
      65,
      /^servers\.own: web broke off the connection, or this machine did \(.*not responding/,
    ],
  };
  for (const [name, [ssh, status, says]] of Object.entries(cases))
    it(name, () => {
      sshDoes(ssh);
      // This kills the shell that would have reported the end of the program.
      const ended = connect("kill -KILL $PPID; exit 1");
      assert.match(ended.stderr, says);
      assert.equal(ended.status, status);
    });

  it("sudo that wants a password, or is not there", () => {
    sshDoes();
    for (const sudo of ['echo "sudo: a password is required" >&2; exit 1', "exit 127"]) {
      executable("sudo", sudo);
      const ended = connect("echo reached", { user: "admin" });
      assert.match(
        ended.stderr,
        /^servers\.own: admin may not use sudo on web without a password.*\n.*NOPASSWD/,
      );
      assert.deepEqual([ended.status, ended.stdout], [66, ""]);
    }
  });

  describe("a server that is gone for good is forgotten, and only that one, whatever keeps it from being asked", () => {
    const words = ["leave", "own"];
    const ways: Record<string, [ssh: string, given: Connection]> = {
      "its name is gone too": [
        'echo "ssh: Could not resolve hostname web: Name or service not known" >&2; exit 255',
        {},
      ],
      "its key's file is gone too": ["exit 1", { keyFile: join(folder, "none") }],
      "no agent has its key any more": ["exit 1", { keyFile: "" }],
      "another machine answers at its address": [
        'echo "Host key verification failed." >&2; exit 255',
        {},
      ],
      "another machine's sshd does not know the key": [
        'echo "root@web: Permission denied (publickey)." >&2; exit 255',
        {},
      ],
    };
    for (const [name, [ssh, given]] of Object.entries(ways))
      it(name, () => {
        sshDoes(ssh);
        const kept = connect("", { ...given, words });
        assert.ok(kept.status === 65 || kept.status === 66, kept.stderr);
        assert.match(
          kept.stderr,
          /could not be removed\n.*run up first if you edit the stack file\..*GREENPUSH_GONE=own npx pulumi destroy\n/,
        );
        const gone = connect("", { ...given, words, env: { GREENPUSH_GONE: "own" } });
        assert.equal(gone.status, 0);
        assert.match(gone.stderr, /^servers\.own.*; it is taken as gone, and forgotten\n$/);
        const other = connect("", { ...given, words, env: { GREENPUSH_GONE: "other" } });
        assert.equal(other.status, kept.status);
        // Only a destroy forgets a server.
        const checked = connect("", { ...given, env: { GREENPUSH_GONE: "own" } });
        assert.equal(checked.status, kept.status);
      });

    it("one that answers is given back all the same", () => {
      sshDoes();
      const ended = connect("echo given back", { words, env: { GREENPUSH_GONE: "own" } });
      assert.deepEqual([ended.status, ended.stdout], [0, "given back\n"]);
    });
  });
});

describe("a key", () => {
  const reached = () => existsSync(join(folder, "words"));
  const refused = (given: Connection, says: RegExp) => {
    sshDoes();
    rmSync(join(folder, "words"), { force: true });
    const { status, stderr } = connect("echo reached", given);
    assert.match(stderr, says);
    assert.deepEqual([status, reached()], [66, false]);
  };

  it("that is not there", () =>
    refused(
      { keyFile: join(folder, "none") },
      /^servers\.own\.privateKey: .*none can't be read\n/,
    ));

  it("with a passphrase, also where an agent knows it", async () => {
    const locked = newKey("locked", "of a test");
    const says = /^servers\.own\.privateKey: .*locked has a passphrase.*\n.*SSH agent \(ssh-add\)/;
    refused({ keyFile: locked }, says);
    const { env, end } = await agent();
    refused({ keyFile: locked, env }, says);
    await end();
  });

  it("that others may read", () => {
    const open = newKey("open");
    chmodSync(open, 0o644);
    refused(
      { keyFile: open },
      /^servers\.own\.privateKey: .*open may be read by others .*\n {2}chmod 600 .*open$/m,
    );
  });

  it("that is none", () => {
    refused({ keyFile: `${key}.pub` }, /^servers\.own\.privateKey: .*key\.pub (is no|may be)/);
    chmodSync(`${key}.pub`, 0o600);
    refused(
      { keyFile: `${key}.pub` },
      /\.privateKey: .*key\.pub is no private key.*\n.*not the \.pub/,
    );
    const empty = join(folder, "empty");
    writeFileSync(empty, "", { mode: 0o600 });
    refused({ keyFile: empty }, /\.privateKey: .*empty is no private key/);
  });

  it("of the server that is cut short", () =>
    refused({ hostKey: hostKey.slice(0, 40) }, /^servers\.own\.hostKey: is not whole\n.*keyscan/));

  it("of an agent, where there is no file", async () => {
    const keyFile = "";
    refused({ keyFile }, /^servers\.own has no privateKey, and there is no SSH agent .*\n/);
    const { env, end } = await agent();
    refused({ keyFile, env }, /^servers\.own has no privateKey, and the SSH agent has no key\n/);
    assert.equal(spawnSync("ssh-add", ["-q", key], { env: { ...process.env, ...env } }).status, 0);
    sshDoes();
    assert.equal(connect("echo reached", { keyFile, env }).stdout, "reached\n");
    const words = readFileSync(join(folder, "words"), "utf8").split("\n");
    assert.ok(words.includes("IdentityFile=none"));
    assert.ok(!words.includes("IdentitiesOnly=yes"));
    await end();
    const gone = /^servers\.own: the SSH agent does not answer \(SSH_AUTH_SOCK is .*\n/;
    refused({ keyFile, env }, gone);
    // Pulumi's steps would ask the agent anyway.
    refused({ env }, gone);
  });

  it("is the only one that is offered, and ssh's own configuration is not read", () => {
    sshDoes();
    assert.equal(connect("").status, 0);
    const words = readFileSync(join(folder, "words"), "utf8");
    assert.match(words, /^-F\n\/dev\/null\n/);
    assert.match(words, /\n-i\n.*\/key\n-o\nIdentitiesOnly=yes\n--\nweb\n/);
  });
});

describe("a probe", () => {
  const path = process.env["PATH"];
  before(() => (process.env["PATH"] = `${bin}:${path}`));
  after(() => (process.env["PATH"] = path));
  const ask = () =>
    probe({ name: "own", host: "web", port: 22, user: "root", hostKey, privateKeyFile: key });

  it("that is answered with too much was not answered", async () => {
    sshDoes("cat >/dev/null; yes");
    const { unreachable, findings } = await ask();
    assert.match(unreachable ?? "", /^servers\.own: it answers more than 4194304 bytes/);
    assert.equal(findings.of("nginx-site", "one").generation, "");
  });

  it("that ends badly was not answered", async () => {
    sshDoes('echo "servers.own: broken" >&2; exit 3');
    await assert.rejects(ask(), { message: /^servers\.own: root may log in on web, but not run/ });
    sshDoes(
      'for last; do :; done; cat >/dev/null; echo "mktemp: no space \\033[2J" >$0.program; sh -c "$last" <$0.program',
    );
    const { unreachable } = await ask();
    assert.match(unreachable ?? "", /^servers\.own: the probe ended with status 127 \(.*mktemp/);
  });
});

/** An SSH agent without a key. */
async function agent(): Promise<{ env: NodeJS.ProcessEnv; end: () => Promise<unknown> }> {
  const socket = join(mkdtempSync(join(folder, "agent-")), "socket");
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    env: { SSH_AUTH_SOCK: socket },
    end: () => {
      child.kill();
      return once(child, "exit");
    },
  };
}
