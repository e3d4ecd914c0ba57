// @ts-check
"use strict";
// The least that a program with so many resources on so many servers can do: log in to each server once, and declare
// components with a command each. bench/support/bare-program.ts says how many, and to which servers.

const { spawn } = require("node:child_process");

const { loadLazily } = require("../../start/lazy-packages");
// As Greenpush does: without it, Pulumi's SDK takes half a second to load.
loadLazily(["typescript", "@npmcli/arborist"]);
const { ComponentResource } = require("@pulumi/pulumi");
const { local } = require("@pulumi/command");

/** @type {{commands: number, servers: {ssh: string[]}[]}} */
const { commands, servers } = JSON.parse(process.env["BARE_PROGRAM"] ?? "");

module.exports = async () => {
  await Promise.all(servers.map(({ ssh }) => succeeds("ssh", [...ssh, "true"])));
  for (const server of servers.keys())
    for (let at = 0; at < commands; at++) {
      const name = `${server}-${at}`;
      const parent = new ComponentResource("bare:index:Component", name, {}, {});
      new local.Command(name, { create: "true", stdin: `name=${name}\n` }, { parent });
    }
};

/**
 * @param {string} program
 * @param {string[]} words
 */
function succeeds(program, words) {
  return new Promise((resolve, reject) => {
    spawn(program, words, { stdio: "ignore" })
      .on("error", reject)
      .on("close", (status) =>
        status === 0 ? resolve(undefined) : reject(new Error(`${program}: ${String(status)}`)),
      );
  });
}
