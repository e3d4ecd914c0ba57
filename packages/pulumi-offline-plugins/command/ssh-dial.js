// @ts-check
"use strict";
// Dials a connection, over a proxy where there is one, and tries again as the real provider does.

const { setTimeout: sleep } = require("node:timers/promises");
const { isObject } = require("../shared/property-values.js");
const { cancellationError } = require("./cancellation.js");
const { dialTcp, handshake, rejection } = require("./ssh-client.js");
const { readEndpoint } = require("./ssh-config.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("../shared/resource-provider.js").Operation} Operation */
/** @typedef {import("ssh2").Client} Client */

const firstDelayMs = 100;
const backoff = 1.5;
const maxDelayMs = 5000;

/**
 * @template T
 * @param {Operation} operation
 * @param {string} what for the message, for example "Dial"
 * @param {number} limit failures until giving up; -1: never
 * @param {() => Promise<T>} attempt
 * @returns {Promise<T>}
 * @throws {Error} the last failure, after the number of attempts
 */
async function withRetries(operation, what, limit, attempt) {
  let delay = firstDelayMs;
  for (let failures = 0; ;) {
    try {
      return await attempt();
    } catch (error) {
      failures++;
      if (limit > -1 && failures > limit) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`after ${failures - 1} failed attempts: ${message}`);
      }
      const of = limit === -1 ? "inf" : limit;
      await operation.logStatus("info", `${what} ${failures}/${of} failed: retrying`);
    }
    try {
      await sleep(delay, undefined, { signal: operation.signal });
    } catch {
      throw cancellationError(operation.signal);
    }
    delay = Math.min(delay * backoff, maxDelayMs);
  }
}

/**
 * @param {Operation} operation
 * @param {PropertyMap} connection the inputs after Check, without markers
 * @returns {Promise<Client[]>} the connection, and after it the proxy's, which has to end with it
 */
async function dial(operation, connection) {
  const endpoint = await readEndpoint(connection);
  const proxyInputs = connection["proxy"];
  if (!isObject(proxyInputs)) {
    const client = await withRetries(operation, "Dial", endpoint.dialErrorLimit, async () =>
      handshake(await dialTcp(endpoint), endpoint),
    );
    return [client];
  }
  /** @type {Client | undefined} */
  let proxy;
  try {
    const proxyEndpoint = await readEndpoint(proxyInputs);
    proxy = await withRetries(operation, "Dial proxy", proxyEndpoint.dialErrorLimit, async () =>
      handshake(await dialTcp(proxyEndpoint), proxyEndpoint),
    );
    const via = proxy;
    const limit = endpoint.dialErrorLimit;
    const stream = await withRetries(operation, "Dial from proxy", limit, () =>
      forward(via, endpoint.host, endpoint.port),
    );
    const client = await withRetries(operation, "Dial", limit, () => handshake(stream, endpoint));
    return [client, proxy];
  } catch (error) {
    proxy?.end();
    throw new Error(`proxy: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * @param {Client} client
 * @param {string} host
 * @param {number} port
 * @returns {Promise<import("ssh2").ClientChannel>} a TCP connection from the client's server
 */
function forward(client, host, port) {
  return new Promise((resolve, reject) => {
    client.forwardOut("0.0.0.0", 0, host, port, (error, channel) => {
      if (error) reject(rejection(error));
      else resolve(channel);
    });
  });
}

module.exports = { dial };
