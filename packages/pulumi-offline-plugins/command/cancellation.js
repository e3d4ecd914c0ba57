// @ts-check
"use strict";
// What an operation that Ctrl-C or a custom timeout ended says, and its gRPC status.

const grpc = require("@grpc/grpc-js");
const { StatusError } = require("../shared/grpc-service.js");

/**
 * @param {AbortSignal} signal one that is aborted
 * @param {string} [rest] of the message
 * @returns {StatusError}
 */
function cancellationError(signal, rest = "") {
  const timedOut = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
  return timedOut
    ? new StatusError(grpc.status.DEADLINE_EXCEEDED, `context deadline exceeded${rest}`)
    : new StatusError(grpc.status.CANCELLED, `context canceled${rest}`);
}

module.exports = { cancellationError };
