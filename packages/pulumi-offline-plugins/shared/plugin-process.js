// @ts-check
"use strict";
// What every plugin process does: serve on a free loopback port, print that port, end with its
// engine.

const grpc = require("@grpc/grpc-js");
const { Engine } = require("./engine.js");

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

/**
 * The engine's address from a plugin's command line: its last argument that is not a flag. Flags
 * (logging, tracing) are for the real plugins and are passed over.
 * @param {string[]} args without the interpreter and the script
 * @returns {string | undefined}
 */
function engineAddress(args) {
  return args.filter((arg) => /^[^-].*:\d+$/.test(arg)).at(-1);
}

/**
 * Serves until the process is interrupted or the engine is gone; prints the port on stdout, which
 * is how the engine finds the plugin.
 * @param {grpc.Server} server
 * @param {string[]} args the plugin's arguments
 */
function servePlugin(server, args) {
  const exit = () => process.exit(0);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`could not listen on the loopback address: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  process.on("SIGINT", exit);
  process.on("SIGTERM", exit);
  const address = engineAddress(args);
  if (address) new Engine(address).onGone(exit);
}

module.exports = {
  StatusError,
  createServer,
  engineAddress,
  servePlugin,
  serverOptions,
  toServiceError,
  unary,
};
