// @ts-check
"use strict";
// A real sshd for the tests: one process for each connection, none that outlives its test.

const { execFileSync, spawn } = require("node:child_process");
const { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const net = require("node:net");
const { tmpdir, userInfo } = require("node:os");
const path = require("node:path");

class SshServer {
  /** @returns {Promise<SshServer>} listens on a free loopback port */
  static async start() {
    const folder = mkdtempSync(path.join(tmpdir(), "greenpush-sshd-"));
    for (const name of ["host", "user", "other"])
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, name)]);
    const configuration = path.join(folder, "sshd_config");
    writeFileSync(
      configuration,
      [
        `HostKey ${folder}/host`,
        `AuthorizedKeysFile ${folder}/user.pub`,
        "StrictModes no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "AcceptEnv GREENPUSH_* PULUMI_COMMAND_*",
        "PermitRootLogin yes",
        "",
      ].join("\n"),
    );
    // sshd needs this folder, which is missing where sshd was never started as a service.
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
    const server = net.createServer((socket) => {
      const sshd = spawn("/usr/sbin/sshd", ["-i", "-f", configuration], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      socket.pipe(sshd.stdin);
      sshd.stdout.pipe(socket);
      for (const stream of [socket, sshd.stdin, sshd.stdout]) stream.on("error", () => sshd.kill());
      socket.on("close", () => sshd.kill());
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
    return new SshServer(folder, server);
  }

  /**
   * @param {string} folder
   * @param {net.Server} server
   */
  constructor(folder, server) {
    this.folder = folder;
    this.server = server;
    this.port = /** @type {net.AddressInfo} */ (server.address()).port;
  }

  /** @param {string} name of a file of the server's folder */
  read(name) {
    return readFileSync(path.join(this.folder, name), "utf8");
  }

  /** The connection that works. */
  get connection() {
    return {
      host: "127.0.0.1",
      port: this.port,
      user: userInfo().username,
      privateKey: this.read("user"),
      hostKey: this.read("host.pub").trim(),
      dialErrorLimit: 1,
    };
  }

  stop() {
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { SshServer };
