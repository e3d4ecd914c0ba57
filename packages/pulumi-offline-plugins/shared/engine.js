// @ts-check
"use strict";
// The engine's own service, which takes a plugin's messages.

const grpc = require("@grpc/grpc-js");
const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
const { LogRequest, LogSeverity } = require("@pulumi/pulumi/proto/engine_pb.js");

/** @typedef {"debug" | "info" | "warning" | "error"} Severity */
/** @typedef {(severity: Severity, message: string) => Promise<void>} Log */

const severities = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

class Engine {
  /** @param {string} address host:port of the engine's own service */
  constructor(address) {
    this.address = address;
    this.client = new EngineClient(address, grpc.credentials.createInsecure());
  }

  /**
   * Sends one message and waits until the engine has it, which keeps messages in their order.
   * A message that can't be delivered is dropped: there is nobody left to tell.
   * @param {Severity} severity
   * @param {string} urn the resource that it is about
   * @param {string} message
   * @param {boolean} ephemeral shown beside the resource only while it is the latest message
   * @returns {Promise<void>}
   */
  log(severity, urn, message, ephemeral) {
    const request = new LogRequest();
    request.setSeverity(severities[severity]);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    return new Promise((resolve) => this.client.log(request, () => resolve()));
  }

  close() {
    this.client.close();
  }
}

module.exports = { Engine };
