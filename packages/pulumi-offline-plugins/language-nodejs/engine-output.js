// @ts-check
"use strict";
// A program's output, sent to the engine line by line as messages: the engine doesn't read what this process prints.

const { StringDecoder } = require("node:string_decoder");
const { Engine } = require("../shared/engine.js");

/**
 * @param {string} engineAddress host:port
 * @returns {{write: (name: "stdout" | "stderr", chunk: Buffer) => void, end: () => Promise<void>}} `end` resolves when the
 *   engine has all of it
 */
function outputToEngine(engineAddress) {
  const engine = new Engine(engineAddress);
  let sent = Promise.resolve();
  /** @param {string} line */
  const send = (line) => {
    if (line.trim() !== "") sent = sent.then(() => engine.log("info", "", line, false));
  };
  const streams = {
    stdout: { decoder: new StringDecoder(), rest: "" },
    stderr: { decoder: new StringDecoder(), rest: "" },
  };
  return {
    write: (name, chunk) => {
      const stream = streams[name];
      const lines = (stream.rest + stream.decoder.write(chunk)).split(/(?<=\n)/);
      stream.rest = lines.at(-1)?.endsWith("\n") ? "" : (lines.pop() ?? "");
      lines.forEach(send);
    },
    end: async () => {
      for (const { rest, decoder } of Object.values(streams)) send(rest + decoder.end());
      await sent;
      engine.close();
    },
  };
}

module.exports = { outputToEngine };
