// @ts-check
"use strict";
// One SSH connection to one endpoint: host key check, authentication in the order that
// golang.org/x/crypto/ssh tries, and errors in its words.

const net = require("node:net");
const { getServers } = require("node:dns");
const { Client } = require("ssh2");
const { errnoText, joinHostPort, listText } = require("../shared/go-text.js");

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
        if (first.syscall === "getaddrinfo") {
          const server = getServers()[0];
          const at = server ? ` on ${server.includes(":") ? server : `${server}:53`}` : "";
          return fail(`dial tcp: lookup ${host}${at}: no such host`);
        }
        const { address: tried = address } = /** @type {{address?: string}} */ (first);
        const why = errnoText(first.code) ?? first.message;
        fail(`dial tcp ${joinHostPort(tried, port)}: connect: ${why}`);
      },
    );
  });
}

/**
 * The authentication methods in Go's order: first "none", then each configured one that the server
 * still offers, none of them twice.
 * @param {Endpoint} endpoint
 * @param {string[]} tried filled with the names of the methods as they are tried
 * @returns {import("ssh2").AuthHandlerMiddleware}
 */
function authenticator(endpoint, tried) {
  /** @type {{name: string, method: import("ssh2").AnyAuthMethod}[]} */
  const configured = [];
  const username = endpoint.user;
  if (endpoint.privateKey) {
    configured.push({
      name: "publickey",
      method: { type: "publickey", username, key: endpoint.privateKey },
    });
  }
  if (endpoint.password !== undefined) {
    const password = endpoint.password;
    configured.push({ name: "password", method: { type: "password", username, password } });
    configured.push({
      name: "keyboard-interactive",
      method: {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.map(() => password)),
      },
    });
  }
  if (endpoint.agent !== undefined) {
    configured.push({
      name: "publickey",
      method: { type: "agent", username, agent: endpoint.agent },
    });
  }
  /** @type {string[]} */
  let offered = [];
  return (methodsLeft, _partialSuccess, next) => {
    if (methodsLeft === null) {
      tried.push("none");
      return next({ type: "none", username });
    }
    if (methodsLeft) offered = methodsLeft;
    const choice = configured.find(({ name }) => !tried.includes(name) && offered.includes(name));
    // ssh2 takes false for "no more", which its types leave out.
    if (!choice) return /** @type {(end: unknown) => void} */ (next)(false);
    tried.push(choice.name);
    next(choice.method);
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
    let peerHostKeyTypes = "";
    /** @param {string} why */
    const fail = (why) => {
      client.end();
      stream.destroy();
      reject(new Error(`ssh: handshake failed: ${why}`));
    };
    // A second handshake over a proxy's stream, which ends with the first that fails.
    if (stream.destroyed) return fail("EOF");
    client.once("ready", () => {
      client.removeAllListeners("error");
      client.on("error", () => {
        // A connection that breaks later shows in its channels, which end without an exit status.
      });
      resolve(client);
    });
    client.on("error", (error) => {
      if (mismatch) return fail("ssh: host key mismatch");
      if (error.level === "client-authentication") {
        const methods = listText(tried);
        return fail(
          `ssh: unable to authenticate, attempted methods ${methods}, no supported methods remain`,
        );
      }
      if (/no matching host key format/.test(error.message)) {
        const offer = listText([endpoint.hostKey?.type ?? ""]);
        return fail(
          `ssh: no common algorithm for host key; we offered: ${offer}, peer offered: ${listText(peerHostKeyTypes.split(","))}`,
        );
      }
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
      debug: (message) => {
        const remote = /^Handshake: \(remote\) Host key format: (.*)$/.exec(message);
        if (remote) peerHostKeyTypes = remote[1] ?? "";
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

/** What an SSH server's reasons for not opening a channel are called. @type {{[code: number]: string}} */
const openFailures = {
  1: "administratively prohibited",
  2: "connect failed",
  3: "unknown channel type",
  4: "resource shortage",
};

/**
 * @param {Error & {reason?: number | string}} error from opening a channel
 * @returns {Error} `ssh: rejected: <reason> (<message>)`
 */
function rejection(error) {
  const reason = openFailures[Number(error.reason)];
  if (!reason) return error;
  const message = error.message.replace(/^\(SSH\) Channel open failure: /, "");
  return new Error(`ssh: rejected: ${reason} (${message})`);
}

module.exports = { dialTcp, handshake, rejection };
