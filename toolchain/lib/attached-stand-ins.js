// @ts-check
"use strict";
// Serves stand-in providers to the CLI from this process, over the engine's own way to attach to a
// running provider (PULUMI_DEBUG_PROVIDERS). A plugin found on PATH would do as well, but the
// engine warns about it on every run, and starting it would take longer.

const net = require("node:net");

/** @typedef {import("./plugins.js").ResourcePlugin} ResourcePlugin */

/** @type {{[name in ResourcePlugin]: () => import("../stand-ins/shared/resource-provider.js").ProviderDefinition}} */
const definitions = {
  command: () => require("../stand-ins/command/provider.js").commandProvider,
  random: () => require("../stand-ins/random/provider.js").randomProvider,
};

/**
 * One stand-in: it listens at once, and is loaded with `load`. Connections wait until then.
 * @param {ResourcePlugin} name
 * @returns {Promise<{name: ResourcePlugin, port: number, load: () => void}>}
 */
async function listen(name) {
  /** @type {net.Socket[]} */
  const waiting = [];
  /** @type {(socket: net.Socket) => void} */
  let take = (socket) => {
    waiting.push(socket);
  };
  const server = net.createServer({ noDelay: true }, (socket) => take(socket));
  // The process ends with the CLI, not with this server.
  server.unref();
  await new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  const load = () => {
    const grpc = require("@grpc/grpc-js");
    const { createProviderServer } = require("../stand-ins/shared/resource-provider.js");
    const provider = createProviderServer(definitions[name]());
    const injector = provider.createConnectionInjector(grpc.ServerCredentials.createInsecure());
    take = (socket) => injector.injectConnection(socket);
    for (const socket of waiting) take(socket);
  };
  return { name, port, load };
}

/**
 * @param {ResourcePlugin[]} names
 * @returns {Promise<{debugProviders: string, load: () => void}>} the value for the CLI's
 *   PULUMI_DEBUG_PROVIDERS, with the user's own entries first; and what is to be called once the CLI
 *   has been started
 */
async function attachStandIns(names) {
  const standIns = await Promise.all(names.map(listen));
  const own = process.env["PULUMI_DEBUG_PROVIDERS"];
  const entries = standIns.map(({ name, port }) => `${name}:${port}`);
  return {
    debugProviders: [...(own ? [own] : []), ...entries].join(","),
    load: () => standIns.forEach(({ load }) => load()),
  };
}

module.exports = { attachStandIns };
