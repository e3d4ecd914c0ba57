// @ts-check
"use strict";
// Serves stand-ins to the CLI from this process, over the engine's own way to attach to running plugins
// (PULUMI_DEBUG_PROVIDERS, PULUMI_DEBUG_LANGUAGES). Plugins found on PATH would do as well, but the engine warns about
// providers there on every run, and it would start them again and again: the language host twice for a preview.

const net = require("node:net");

/** @typedef {import("./plugins.js").ResourcePlugin} ResourcePlugin */

/** @typedef {ResourcePlugin | "nodejs"} StandIn a provider, or the language host */

/** @type {{[name in ResourcePlugin]: () => import("../stand-ins/shared/resource-provider.js").ProviderDefinition}} */
const definitions = {
  command: () => require("../stand-ins/command/provider.js").commandProvider,
  random: () => require("../stand-ins/random/provider.js").randomProvider,
};

/**
 * @param {StandIn} name
 * @returns {import("@grpc/grpc-js").Server}
 */
function createStandIn(name) {
  if (name === "nodejs") {
    const { createLanguageHost } = require("../stand-ins/language-nodejs/language-host.js");
    const { outputToEngine } = require("../stand-ins/language-nodejs/engine-output.js");
    return createLanguageHost({ outputTo: outputToEngine, detached: true });
  }
  const { createProviderServer } = require("../stand-ins/shared/resource-provider.js");
  return createProviderServer(definitions[name]());
}

/**
 * One stand-in: it listens at once, and is loaded with `load`. Connections wait until then.
 * @param {StandIn} name
 * @returns {Promise<{name: StandIn, port: number, load: () => void}>}
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
    const injector = createStandIn(name).createConnectionInjector(
      grpc.ServerCredentials.createInsecure(),
    );
    take = (socket) => injector.injectConnection(socket);
    for (const socket of waiting) take(socket);
  };
  return { name, port, load };
}

/**
 * @param {StandIn[]} names in the order in which the engine will want them
 * @returns {Promise<{variables: {[name: string]: string}, load: () => void}>} what the CLI's environment has to have,
 *   with the user's own entries first; and what is to be called once the CLI has been started
 */
async function attachStandIns(names) {
  const standIns = await Promise.all(names.map(listen));
  /** @type {{[name: string]: string}} */
  const variables = {};
  for (const { name, port } of standIns) {
    const variable = name === "nodejs" ? "PULUMI_DEBUG_LANGUAGES" : "PULUMI_DEBUG_PROVIDERS";
    const before = variables[variable] ?? process.env[variable];
    variables[variable] = [...(before ? [before] : []), `${name}:${port}`].join(",");
  }
  return { variables, load: () => standIns.forEach(({ load }) => load()) };
}

module.exports = { attachStandIns };
