// @ts-check
"use strict";
// gRPC servers with the limits of Pulumi's own plugins, and their errors.

const grpc = require("@grpc/grpc-js");

/** Pulumi's own plugins raise gRPC's 4 MiB limit to this many bytes. */
const maxMessageBytes = 400 * 1024 * 1024;
const serverOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
};

/** An error with a gRPC status of its own; any other Error reaches the engine as UNKNOWN. */
class StatusError extends Error {
  /**
   * @param {grpc.status} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {unknown} error
 * @returns {grpc.ServiceError}
 */
function toServiceError(error) {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof StatusError ? error.code : grpc.status.UNKNOWN;
  return Object.assign(new Error(message), {
    code,
    details: message,
    metadata: new grpc.Metadata(),
  });
}

/**
 * A unary gRPC method made of an async function.
 * @template Request, Response
 * @param {(request: Request) => Response | Promise<Response>} method
 * @returns {grpc.handleUnaryCall<Request, Response>}
 */
function unary(method) {
  return (call, callback) => {
    Promise.resolve()
      .then(() => method(call.request))
      .then(
        (response) => callback(null, response),
        (/** @type {unknown} */ error) => callback(toServiceError(error)),
      );
  };
}

/**
 * A gRPC server that offers one service.
 * @param {grpc.ServiceDefinition} definition
 * @param {grpc.UntypedServiceImplementation} implementation methods left out answer UNIMPLEMENTED
 * @returns {grpc.Server}
 */
function createServer(definition, implementation) {
  const server = new grpc.Server(serverOptions);
  server.addService(definition, implementation);
  return server;
}

module.exports = { StatusError, createServer, toServiceError, unary };
