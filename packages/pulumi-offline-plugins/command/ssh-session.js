// @ts-check
"use strict";
// One command in one SSH session.
//
// ssh2 sends environment variables without asking for an answer, but a variable that the server
// refuses has to fail the command before it runs. So the session is opened here, with ssh2's own
// parts one level below its public functions; ssh2 is pinned to an exact version for it.

const { constants } = require("node:os");

/**
 * The parts of ssh2 1.17 that have no types.
 * @typedef {object} Internals
 * @property {{add(opened: ChannelOpened): number}} _chanMgr
 * @property {{session(channel: number, window: number, packet: number): void, env(channel: number, name: string, value: string, wantReply: boolean): void, exec(channel: number, command: string, wantReply: boolean): void}} _protocol
 */
/** @typedef {((error: Error | undefined, channel: Channel) => void) & {type?: string}} ChannelOpened */
/** @typedef {import("ssh2").ClientChannel & {subtype: string, outgoing: {id: number}, _callbacks: ((refused: boolean) => void)[]}} Channel */

const windowBytes = 2 * 1024 * 1024;
const packetBytes = 32 * 1024;

class SshSession {
  /**
   * @param {import("ssh2").Client} client
   * @returns {Promise<SshSession>}
   */
  static async open(client) {
    const { _chanMgr, _protocol } = /** @type {Internals} */ (/** @type {unknown} */ (client));
    /** @type {Channel} */
    const channel = await new Promise((resolve, reject) => {
      /** @type {ChannelOpened} */
      const opened = (error, channel) => (error ? reject(error) : resolve(channel));
      opened.type = "session";
      client.once("close", () => reject(new Error("EOF")));
      _protocol.session(_chanMgr.add(opened), windowBytes, packetBytes);
    });
    return new SshSession(client, channel, _protocol);
  }

  /**
   * @param {import("ssh2").Client} client
   * @param {Channel} channel
   * @param {Internals["_protocol"]} protocol
   */
  constructor(client, channel, protocol) {
    this.client = client;
    this.channel = channel;
    this.protocol = protocol;
  }

  /**
   * @param {(channel: number) => void} send
   * @returns {Promise<boolean>} whether the server agreed
   */
  request(send) {
    return new Promise((resolve, reject) => {
      this.channel._callbacks.push((refused) => resolve(!refused));
      this.client.once("close", () => reject(new Error("EOF")));
      send(this.channel.outgoing.id);
    });
  }

  /**
   * @param {string} name
   * @param {string} value
   * @returns {Promise<void>}
   * @throws {Error} when the server doesn't accept the variable
   */
  async setEnvironment(name, value) {
    const agreed = await this.request((id) => this.protocol.env(id, name, value, true));
    if (!agreed) throw new Error("ssh: setenv failed");
  }

  /**
   * Runs the command to its end.
   * @param {string} command
   * @param {string} stdin
   * @param {(stream: "stdout" | "stderr", chunk: Buffer) => void} onOutput
   * @returns {Promise<string | undefined>} why it failed, if it did
   */
  async run(command, stdin, onOutput) {
    const { channel } = this;
    channel.subtype = "exec";
    channel.on("data", (/** @type {Buffer} */ chunk) => onOutput("stdout", chunk));
    channel.stderr.on("data", (/** @type {Buffer} */ chunk) => onOutput("stderr", chunk));
    channel.on("error", () => {
      // It closes after an error, and then there is no exit status.
    });
    /** @type {Promise<string | undefined>} */
    const ended = new Promise((resolve) => {
      /** @type {string | undefined} */
      let failure = "wait: remote command exited without exit status or exit signal";
      channel.on(
        "exit",
        (
          /** @type {number | null} */ code,
          /** @type {string | undefined} */ signal,
          /** @type {boolean | undefined} */ _dumped,
          /** @type {string | undefined} */ description,
        ) => {
          failure = code === 0 ? undefined : exitText(code, signal, description);
        },
      );
      channel.once("close", () => resolve(failure));
      this.client.once("close", () => resolve(failure));
    });
    const agreed = await this.request((id) => this.protocol.exec(id, command, true));
    if (!agreed) return `ssh: command ${command} failed`;
    channel.end(stdin);
    return ended;
  }
}

/**
 * @param {number | null} code
 * @param {string | undefined} signal with or without "SIG"
 * @param {string | undefined} description
 * @returns {string}
 */
function exitText(code, signal, description) {
  const name = signal?.replace(/^SIG/, "");
  const numbers = /** @type {{[signal: string]: number}} */ (constants.signals);
  const status = code ?? 128 + (numbers[`SIG${name}`] ?? 0);
  const from = name ? ` from signal ${name}` : "";
  const reason = description ? `. Reason was: ${description}` : "";
  return `Process exited with status ${status}${from}${reason}`;
}

module.exports = { SshSession };
