// @ts-check
"use strict";
// Runs a command (its arguments) in a process group of its own, and kills that group as soon as
// standard input ends. It ends when the process that started this one is gone, even by `kill -9`.
// So no half-finished build goes on unseen.

const { spawn } = require("node:child_process");

const [file = "", ...args] = process.argv.slice(2);
const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
const killGroup = () => {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
};
process.stdin.on("end", killGroup).on("error", killGroup).resume();
process.on("SIGTERM", killGroup);
process.on("SIGINT", killGroup);
child.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on("close", (code) => process.exit(code ?? 1));
