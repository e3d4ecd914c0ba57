// @ts-check
"use strict";
// A program's output, sent to the engine line by line as messages: for a language host whose own output it doesn't read.

const { StringDecoder } = require("node:string_decoder");
const { Engine } = require("../shared/engine.js");

/**
 * @param {string} engineAddress host:port
 * @returns {import("./run-program.js").Output}
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
