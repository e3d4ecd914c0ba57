// @ts-check
"use strict";
// The stack of an error shows only the program's own frames, at their places in the .ts files.
//
// Pulumi has source-map-support do that, which takes longer than declaring the stack: the SDK looks at a stack for
// every resource, to say where it was declared. Frames of packages are left out: the language host shows errors with
// Node's util.inspect, which spends 20 s (20.20.2) on a path like node_modules/@pulumi/resource.ts, as Pulumi's source
// maps give them.

const { positionInSource } = require("./typescript");

function showOwnFrames() {
  Error.prepareStackTrace = (error, frames) => {
    // The SDK keeps one for each of its promises, and prints it only where it has lost track of one.
    if (frames[0]?.getFunctionName() === "debuggablePromise") return "";
    const own = frames.filter((frame) => !frame.getFileName()?.includes("/node_modules/"));
    return [String(error), ...own.map(shown)].join("\n    at ");
  };
}

/** @param {NodeJS.CallSite} frame */
function shown(frame) {
  const [file, line, column] = [
    frame.getFileName(),
    frame.getLineNumber(),
    frame.getColumnNumber(),
  ];
  if (!file || line === null || column === null) return String(frame);
  return String(frame).replace(`${file}:${line}:${column}`, positionInSource(file, line, column));
}

module.exports = { showOwnFrames };
