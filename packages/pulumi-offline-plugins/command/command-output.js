// @ts-check
"use strict";
// Collects what a command prints: as its result, and line by line as messages to the engine.

const { StringDecoder } = require("node:string_decoder");

/** @typedef {import("../shared/resource-provider.js").Operation} Operation */
/** @typedef {import("./inferred-resource.js").Output} Output */

class CommandOutput {
  /**
   * @param {Operation} operation
   * @param {import("../shared/property-values.js").PropertyValue | undefined} logging which streams
   *   to show: "stdout", "stderr", "stdoutAndStderr", "none"; default both
   */
  constructor(operation, logging) {
    this.operation = operation;
    const both = logging === undefined || logging === "stdoutAndStderr";
    this.shown = {
      stdout: both || logging === "stdout",
      stderr: both || logging === "stderr",
    };
    /** @type {{stdout: Buffer[], stderr: Buffer[]}} */
    this.chunks = { stdout: [], stderr: [] };
    /** Both streams in the order of arrival, for error messages. @type {Buffer[]} */
    this.combined = [];
    this.decoder = new StringDecoder("utf8");
    this.unfinishedLine = "";
    /** The messages on their way. They go out one after the other. @type {Promise<void>} */
    this.sent = Promise.resolve();
  }

  /**
   * @param {"stdout" | "stderr"} stream
   * @param {Buffer} chunk
   */
  add(stream, chunk) {
    this.chunks[stream].push(chunk);
    this.combined.push(chunk);
    if (!this.shown[stream]) return;
    const lines = (this.unfinishedLine + this.decoder.write(chunk)).split("\n");
    this.unfinishedLine = lines.pop() ?? "";
    for (const line of lines) this.send(line);
  }

  /** @param {string} line */
  send(line) {
    const message = line.replace(/\r$/, "");
    this.sent = this.sent.then(() => this.operation.logStatus("info", message));
  }

  /**
   * To be called once, when the command has ended.
   * @returns {Promise<Output>} settles when the engine has every line
   */
  async finish() {
    const rest = this.unfinishedLine + this.decoder.end();
    if (rest !== "") this.send(rest);
    await this.sent;
    return { stdout: textOf(this.chunks.stdout), stderr: textOf(this.chunks.stderr) };
  }

  /** @returns {string} everything printed so far, in the order of arrival */
  text() {
    return Buffer.concat(this.combined).toString("utf8");
  }
}

/**
 * @param {Buffer[]} chunks
 * @returns {string} without the last newline
 */
function textOf(chunks) {
  return Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
}

module.exports = { CommandOutput };
