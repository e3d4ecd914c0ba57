// @ts-check
"use strict";
// One SSH endpoint of a connection, read from inputs: its credentials are parsed, and the agent is
// reachable. An error here is permanent, so nothing is tried again.

const net = require("node:net");
const { createPrivateKey } = require("node:crypto");
const { utils } = require("ssh2");
const { errorText } = require("../shared/system-errors.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */

/**
 * @typedef {object} Endpoint
 * @property {string} host
 * @property {number} port
 * @property {string} user
 * @property {import("ssh2").ParsedKey} [privateKey]
 * @property {string} [agent] path of its socket
 * @property {{type: string, blob: Buffer}} [hostKey] the only key that is accepted; default any
 * @property {number} perDialTimeout seconds for the TCP connection; 0: no limit of its own
 * @property {number} dialErrorLimit failures until giving up; -1: never
 */

/**
 * @param {PropertyMap} connection the inputs after Check, without markers
 * @returns {Promise<Endpoint>}
 * @throws {Error} on a key that can't be read and on an agent that isn't there
 */
async function readEndpoint(connection) {
  const hostKey = stringOf(connection["hostKey"]);
  const privateKey = stringOf(connection["privateKey"]);
  const agent =
    stringOf(connection["agentSocketPath"]) ?? (process.env["SSH_AUTH_SOCK"] || undefined);
  /** @type {Endpoint} */
  const endpoint = {
    host: stringOf(connection["host"]) ?? "",
    port: Math.trunc(numberOf(connection["port"], 22)),
    user: stringOf(connection["user"]) ?? "root",
    perDialTimeout: numberOf(connection["perDialTimeout"], 15),
    dialErrorLimit: numberOf(connection["dialErrorLimit"], 10),
  };
  if (hostKey !== undefined) endpoint.hostKey = parseHostKey(hostKey);
  if (privateKey !== undefined) endpoint.privateKey = parsePrivateKey(privateKey);
  if (agent !== undefined) {
    await assertListening(agent);
    endpoint.agent = agent;
  }
  return endpoint;
}

/**
 * @param {string} text a line as in authorized_keys; options and a comment may stand around the key
 * @returns {{type: string, blob: Buffer}}
 */
function parseHostKey(text) {
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    for (const [i, type] of fields.entries()) {
      const blob = Buffer.from(fields[i + 1] ?? "", "base64");
      if (blob.length < 4) continue;
      const length = blob.readUInt32BE(0);
      if (length === type.length && blob.toString("latin1", 4, 4 + length) === type) {
        return { type, blob };
      }
    }
  }
  throw new Error("failed to parse host key: ssh: no key found");
}

/**
 * @param {string} text PEM or OpenSSH
 * @returns {import("ssh2").ParsedKey}
 */
function parsePrivateKey(text) {
  const parsed = utils.parseKey(fromPkcs8(text));
  if (parsed instanceof Error && /no passphrase given/.test(parsed.message))
    throw new Error("ssh: this private key is passphrase protected");
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!key || key instanceof Error || !key.isPrivateKey()) throw new Error("ssh: no key found");
  return key;
}

/**
 * Converts RSA and ECDSA keys from PKCS #8, which the real provider reads and ssh2 does not.
 * @param {string} text
 * @returns {string}
 */
function fromPkcs8(text) {
  if (!text.includes("-----BEGIN PRIVATE KEY-----")) return text;
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === "rsa") {
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    }
    if (key.asymmetricKeyType === "ec") {
      return key.export({ type: "sec1", format: "pem" }).toString();
    }
    if (key.asymmetricKeyType === "ed25519") return openSshEd25519(key);
  } catch {
    // Not readable: the caller says so.
  }
  return text;
}

/**
 * @param {import("node:crypto").KeyObject} key
 * @returns {string} the key in OpenSSH's own format, the only one that ssh2 reads Ed25519 from
 */
function openSshEd25519(key) {
  const { x = "", d = "" } = key.export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url");
  const type = sshString("ssh-ed25519");
  const publicBlob = Buffer.concat([type, sshString(publicKey)]);
  const secret = Buffer.concat([Buffer.from(d, "base64url"), publicKey]);
  const check = Buffer.alloc(8);
  let inner = Buffer.concat([check, publicBlob, sshString(secret), sshString("")]);
  for (let pad = 1; inner.length % 8 !== 0; pad++)
    inner = Buffer.concat([inner, Buffer.from([pad])]);
  const one = Buffer.from([0, 0, 0, 1]);
  const blob = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    sshString("none"),
    sshString("none"),
    sshString(""),
    one,
    sshString(publicBlob),
    sshString(inner),
  ]);
  const base64 = blob.toString("base64").replace(/.{70}/g, "$&\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/**
 * @param {string | Buffer} value
 * @returns {Buffer} the value after its length, as SSH writes strings
 */
function sshString(value) {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * @param {string} socketPath
 * @returns {Promise<void>}
 */
function assertListening(socketPath) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: socketPath }, () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      reject(new Error(`dial unix ${socketPath}: connect: ${errorText(error)}`));
    });
  });
}

/**
 * @param {import("../shared/property-values.js").PropertyValue | undefined} value
 * @returns {string | undefined}
 */
function stringOf(value) {
  return typeof value === "string" ? value : undefined;
}

/**
 * @param {import("../shared/property-values.js").PropertyValue | undefined} value
 * @param {number} otherwise
 * @returns {number}
 */
function numberOf(value, otherwise) {
  return typeof value === "number" ? value : otherwise;
}

module.exports = { readEndpoint };
