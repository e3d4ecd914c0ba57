// What a person reads when a server is not as Greenpush needs it: the server, the cause, the next step, and no script.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { compared, inventory } from "./support/inventory";
import { runWell } from "../../testing/run";
import { Stack } from "../../testing/stack";

describe("a server that is not as it has to be", { timeout: 600_000 }, () => {
  let host: Host;
  let stack: Stack;
  let bare: string[];

  const site = {
    serverNames: ["www.example.org"],
    settings: "codebase.settings.test",
    keep: false,
    nginx: {} as Record<string, unknown>,
  };
  const describeStack = (server: object, changes: Partial<typeof site> = {}) =>
    stack.describe({
      servers: { own: { ...host.settings(), ...server } },
      sites: { codebase: { ...site, ...changes } },
    });

  /** `up` or `preview` fails with this message, and never prints the text of a script. */
  const fails = async (verb: "up" | "preview", reads: RegExp) => {
    const words = verb === "up" ? ["--yes", "--skip-preview"] : [];
    const ended = await stack.pulumi(verb, "--non-interactive", ...words);
    assert.notEqual(ended.status, 0, ended.output);
    assert.match(ended.output, reads);
    assert.doesNotMatch(ended.output, /GREENPUSH_PROGRAM|describe\(\)|\bat .*\.ts:\d+/);
  };

  before(async () => {
    host = await Host.make();
    stack = new Stack(await copyCheckout());
    await stack.create();
    bare = await inventory(host);
  });

  it("another host key: nothing is sent to it, by a preview or an up", async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
    const wire = Buffer.concat([text("ssh-ed25519"), text(raw)]).toString("base64");
    describeStack({ hostKey: `ssh-ed25519 ${wire}` });
    const reads =
      /servers\.own: 127\.0\.0\.1 is not the server whose host key is pinned.*\n.*ssh-keyscan -p \d+ 127/;
    await fails("preview", reads);
    await fails("up", reads);
  });

  it("a key that it does not take", async () => {
    const key = join(stack.folder, "stranger");
    await runWell("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    describeStack({ privateKey: key });
    await fails(
      "up",
      /servers\.own: root may not log in on 127\.0\.0\.1 with .*stranger\n.*authorized_keys/,
    );
  });

  it("a private key that is not there", async () => {
    describeStack({ privateKey: "/nothing/there" });
    await fails("preview", /servers\.own\.privateKey: \/nothing\/there can't be read/);
  });

  it("a private key that the steps after the first could not use", async () => {
    const key = join(stack.folder, "locked");
    await runWell("ssh-keygen", ["-q", "-t", "ed25519", "-N", "of a test", "-f", key]);
    describeStack({ privateKey: key });
    await fails("preview", /servers\.own\.privateKey: .*locked has a passphrase.*\n.*ssh-add/);
    chmodSync(key, 0o644);
    await fails(
      "preview",
      /servers\.own\.privateKey: .*locked may be read by others.*\n.*chmod 600/,
    );
  });

  it("a host key of RSA, an option in place of a host", async () => {
    describeStack({ hostKey: "ssh-rsa AAAA" });
    await fails("preview", /servers\.own\.hostKey: is an RSA key: .*ssh-keyscan -t ed25519/);
    describeStack({ host: "-oProxyCommand=touch /tmp/owned" });
    await fails("preview", /servers\.own\.host: .*allowed: a host name/);
  });

  it("a Host of ssh's own configuration: not half of the steps find it", async () => {
    describeStack({ host: "own.invalid" });
    await fails("up", /servers\.own: the name own\.invalid can't be resolved\n.*do not count/);
  });

  it("an account that may not use sudo", async () => {
    await host.sh(`useradd --create-home guest && cp -r /root/.ssh /home/guest && chown -R guest: /home/guest
      printf '#!/bin/sh\\necho "sudo: a password is required" >&2; exit 1\\n' >/usr/local/bin/sudo
      chmod +x /usr/local/bin/sudo`);
    describeStack({ user: "guest" });
    await fails(
      "preview",
      /servers\.own: guest may not use sudo on 127\.0\.0\.1 without a password.*\n.*NOPASSWD/,
    );
    await host.sh("rm /usr/local/bin/sudo && userdel --remove guest 2>/dev/null");
  });

  it("one that is down: a preview warns, and an up ends", async () => {
    describeStack({ port: 1 });
    const preview = await stack.pulumi("preview", "--non-interactive");
    assert.equal(preview.status, 0, preview.output);
    assert.match(
      preview.output,
      /warning: servers\.own: 127\.0\.0\.1 can't be reached on port 1 .*refused.*\n.*host and port right/,
    );
    assert.match(
      preview.output.trim().split("\n").at(-1) ?? "",
      /^servers\.own could not be asked: 127\.0\.0\.1 can't be reached on port 1 .*refused\)$/,
    );
    await fails("up", /servers\.own: 127\.0\.0\.1 can't be reached on port 1/);
  });

  it("what never answered needs nothing undone", async () => {
    describeStack({});
    assert.doesNotMatch(await stack.destroy(), /port 1|GREENPUSH_GONE/);
    assert.doesNotMatch(stack.state, /"urn"/);
  });

  it("one whose account has no shell", async () => {
    describeStack({});
    await host.sh("usermod --shell /usr/sbin/nologin root", "root");
    await fails("preview", /servers\.own: root may log in on 127\.0\.0\.1, but not run a program/);
    await host.control("exec", "usermod", "--shell", "/bin/bash", "root");
  });

  it("a system without apt-get", async () => {
    describeStack({});
    await host.sh("mv /usr/bin/apt-get /usr/bin/apt-get.away");
    await fails("up", /Debian GNU\/Linux 13 \(trixie\) has no apt-get\n.*Debian and Ubuntu/);
    await host.sh("mv /usr/bin/apt-get.away /usr/bin/apt-get");
  });

  it("none of all these has left a trace on it", async () => {
    const left = compared(bare, await inventory(host));
    assert.deepEqual(
      left.filter((line) => !/\/etc\/(passwd|group|shadow|gshadow)/.test(line)),
      [],
    );
  });

  it("a port 80 that is taken", async () => {
    await host.sh(
      "systemd-run --quiet --unit=squatter python3 -m http.server 80 && until ss -Hltn | grep -q ':80 '; do sleep 0.1; done",
    );
    await fails(
      "up",
      /own: server-packages of own: port 80 is taken by python3 \(process \d+\)\n.*stop that program/,
    );
    await host.sh("systemctl stop squatter");
  });

  it("a disk that is full", async () => {
    await host.sh("mount -t tmpfs -o size=1m none /var/cache/apt/archives");
    await fails("up", /own: server-packages of own: the disk is full\n.*Make room on own/);
    await host.sh("umount /var/cache/apt/archives");
  });

  it("an apt that is at work is waited for, until that takes too long", async () => {
    const lib = join(stack.checkout, "server", "lib", "packages.sh");
    const whole = readFileSync(lib, "utf8");
    writeFileSync(lib, whole.replace("Lock::Timeout=300", "Lock::Timeout=3"));
    await host.sh(
      `systemd-run --quiet --unit=other-apt python3 -c '
import fcntl, time
held = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(held, fcntl.LOCK_EX)
open("/run/locked", "w")
time.sleep(600)' && until [ -e /run/locked ]; do sleep 0.1; done`,
    );
    await fails("up", /own: server-packages of own: another apt ran for more than/);
    writeFileSync(lib, whole);
    const up = stack.up();
    await host.sh(
      "until pgrep -x apt-get >/dev/null; do sleep 0.1; done; systemctl stop other-apt",
    );
    assert.match(await up, /server-packages: installs .*nginx/);
  });

  it("an nginx that lacks a module: the site is not taken down by it", async () => {
    describeStack({}, { nginx: { extra: ["more_set_headers 'X-A: b';"] } });
    await fails(
      "up",
      /own: nginx-site of codebase: nginx does not take .*unknown directive "more_set_headers" in \/etc\/nginx\/\S+\n.*libnginx-mod-\.\.\..*servers\.own\.packages/,
    );
    await host.sh("nginx -t");
    describeStack(
      { packages: ["libnginx-mod-http-headers-more-filter"] },
      { nginx: { extra: ["more_set_headers 'X-A: b';"] } },
    );
    await stack.up();
    assert.deepEqual(await stack.changes(), {});
  });

  it("one that another stack has set up", async () => {
    const other = new Stack(stack.checkout);
    await other.create();
    other.describe({ servers: { own: host.settings() }, sites: { other: site } });
    const up = await other.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
    assert.notEqual(up.status, 0);
    assert.match(up.output, new RegExp(`stack ${stack.name} has set this server up\\n.*one stack`));
  });

  it("a site that an edit of the stack file would move", async () => {
    describeStack({}, { directory: "elsewhere" } as object);
    await fails(
      "up",
      /own: site-layout of codebase: the site stands in \/home\/deploy\/www as deploy, and can't be moved/,
    );
    await host.sh("test -d /home/deploy/www/var && test ! -e /home/deploy/elsewhere");
  });

  it("destroy gives it back all the same", async () => {
    await stack.destroy();
    const left = compared(bare, await inventory(host));
    assert.deepEqual(
      left.filter((line) => !/\/etc\/(passwd|group|shadow|gshadow)/.test(line)),
      [],
    );
  });
});

/** A text as SSH's wire format has it. */
function text(bytes: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, Buffer.from(bytes)]);
}
