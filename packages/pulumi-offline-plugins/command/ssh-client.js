// @ts-check
"use strict";
// One SSH connection to one endpoint: host key check, authentication in the order that
// golang.org/x/crypto/ssh tries, and errors in its words.

const net = require("node:net");
const { Client } = require("ssh2");
const { errorText, joinHostPort } = require("../shared/system-errors.js");

/** @typedef {import("./ssh-config.js").Endpoint} Endpoint */

/**
 * Connects by TCP.
 * @param {Endpoint} endpoint
 * @returns {Promise<net.Socket>}
 * @throws {Error} such as `dial tcp 127.0.0.1:1: connect: connection refused`
 */
function dialTcp({ host, port, perDialTimeout }) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true, keepAlive: true });
    let address = host;
    /** @param {string} message */
    const fail = (message) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(message));
    };
    const timer = setTimeout(
      () => fail(`dial tcp ${joinHostPort(address, port)}: i/o timeout`),
      perDialTimeout > 0 ? perDialTimeout * 1000 : 2 ** 31 - 1,
    );
    socket.on("lookup", (_error, found) => {
      if (found) address = found;
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once(
      "error",
      (/** @type {NodeJS.ErrnoException & {errors?: NodeJS.ErrnoException[]}} */ error) => {
        // A name with several addresses fails once for each; Go reports the first.
        const first = error.errors?.[0] ?? error;
        if (first.syscall === "getaddrinfo") return fail(`dial tcp: lookup ${host}: no such host`);
        const { address: tried = address } = /** @type {{address?: string}} */ (first);
        fail(`dial tcp ${joinHostPort(tried, port)}: connect: ${errorText(first)}`);
      },
    );
  });
}

/**
 * The authentication methods in Go's order: first "none", then the key or else the agent, where the server offers keys.
 * @param {Endpoint} endpoint
 * @param {string[]} tried filled with the names of the methods as they are tried
 * @returns {import("ssh2").AuthHandlerMiddleware}
 */
function authenticator({ user: username, privateKey: key, agent }, tried) {
  return (methodsLeft, _partialSuccess, next) => {
    if (methodsLeft === null) {
      tried.push("none");
      return next({ type: "none", username });
    }
    // ssh2 takes false for "no more", which its types leave out.
    const giveUp = () => /** @type {(end: unknown) => void} */ (next)(false);
    if (tried.includes("publickey") || !methodsLeft.includes("publickey")) return giveUp();
    if (!key && agent === undefined) return giveUp();
    tried.push("publickey");
    if (key) next({ type: "publickey", username, key });
    else if (agent !== undefined) next({ type: "agent", username, agent });
  };
}

/**
 * Makes an SSH connection over a stream.
 * @param {import("stream").Duplex} stream
 * @param {Endpoint} endpoint
 * @returns {Promise<Client>}
 * @throws {Error} that begins with `ssh: handshake failed: `
 */
function handshake(stream, endpoint) {
  return new Promise((resolve, reject) => {
    const client = new Client();
    /** @type {string[]} */
    const tried = [];
    let mismatch = false;
    /** @param {string} why */
    const fail = (why) => {
      client.end();
      stream.destroy();
      reject(new Error(`ssh: handshake failed: ${why}`));
    };
    client.once("ready", () => {
      client.removeAllListeners("error");
      client.on("error", () => {
        // A connection that breaks later shows in its channels, which end without an exit status.
      });
      resolve(client);
    });
    client.on("error", (error) => {
      if (mismatch) return fail("ssh: host key mismatch");
      if (error.level === "client-authentication")
        return fail(
          `ssh: unable to authenticate, attempted methods [${tried.join(" ")}], no supported methods remain`,
        );
      if (/reset/i.test(error.message)) return fail("read tcp: connection reset by peer");
      fail(/ended|closed|EOF/i.test(error.message) ? "EOF" : error.message);
    });
    client.once("close", () => fail("EOF"));
    /** @type {import("ssh2").ConnectConfig} */
    const config = {
      sock: /** @type {import("stream").Readable} */ (stream),
      username: endpoint.user,
      authHandler: authenticator(endpoint, tried),
      // The real provider's limit is for the TCP connection only.
      readyTimeout: 0,
      hostVerifier: (/** @type {Buffer} */ key) => {
        mismatch = endpoint.hostKey !== undefined && !endpoint.hostKey.blob.equals(key);
        return !mismatch;
      },
    };
    if (endpoint.hostKey) {
      config.algorithms = {
        serverHostKey: [
          /** @type {import("ssh2").ServerHostKeyAlgorithm} */ (endpoint.hostKey.type),
        ],
      };
    }
    try {
      client.connect(config);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  });
}

module.exports = { dialTcp, handshake };
