// @ts-check
"use strict";
// Dials a connection, and tries again as the real provider does.

const { setTimeout: sleep } = require("node:timers/promises");
const { cancellationError } = require("./cancellation.js");
const { dialTcp, handshake } = require("./ssh-client.js");
const { readEndpoint } = require("./ssh-config.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("../shared/resource-provider.js").Operation} Operation */
/** @typedef {import("ssh2").Client} Client */

const firstDelayMs = 100;
const backoff = 1.5;
const maxDelayMs = 5000;

/**
 * @param {Operation} operation
 * @param {PropertyMap} connection the inputs after Check, without markers
 * @returns {Promise<Client>}
 * @throws {Error} the last failure, after the number of attempts
 */
async function dial(operation, connection) {
  const endpoint = await readEndpoint(connection);
  const limit = endpoint.dialErrorLimit;
  let delay = firstDelayMs;
  for (let failures = 0; ;) {
    try {
      return await handshake(await dialTcp(endpoint), endpoint);
    } catch (error) {
      failures++;
      if (limit > -1 && failures > limit) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`after ${failures - 1} failed attempts: ${message}`);
      }
      const of = limit === -1 ? "inf" : limit;
      await operation.logStatus("info", `Dial ${failures}/${of} failed: retrying`);
    }
    try {
      await sleep(delay, undefined, { signal: operation.signal });
    } catch {
      throw cancellationError(operation.signal);
    }
    delay = Math.min(delay * backoff, maxDelayMs);
  }
}

module.exports = { dial };
