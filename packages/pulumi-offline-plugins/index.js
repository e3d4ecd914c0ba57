// @ts-check
"use strict";
// Serves offline plugins to the CLI from this process, over the engine's own way to attach to running plugins
// (PULUMI_DEBUG_PROVIDERS, PULUMI_DEBUG_LANGUAGES). Plugins found on PATH would do as well, but the engine warns about
// providers there on every run, and it would start them again and again: the language host twice for a preview.

const net = require("node:net");
const path = require("node:path");

/** @type {{[name: string]: () => import("@grpc/grpc-js").Server}} */
const plugins = {
  nodejs: () => {
    const { createLanguageHost } = require("./language-nodejs/language-host.js");
    const { outputToEngine } = require("./language-nodejs/engine-output.js");
    return createLanguageHost({ outputTo: outputToEngine, detached: true });
  },
  command: () => {
    const { createProviderServer } = require("./shared/resource-provider.js");
    return createProviderServer(require("./command/provider.js").commandProvider);
  },
  random: () => {
    const { createProviderServer } = require("./shared/resource-provider.js");
    return createProviderServer(require("./random/provider.js").randomProvider);
  },
};

/**
 * One plugin: it listens at once, and is loaded with `load`. Connections wait until then.
 * @param {string} name
 * @returns {Promise<{name: string, port: number, load: () => void}>}
 */
async function listen(name) {
  const create = plugins[name];
  if (!create) throw new Error(`there is no offline plugin for ${name}`);
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
    const injector = create().createConnectionInjector(grpc.ServerCredentials.createInsecure());
    take = (socket) => injector.injectConnection(socket);
    for (const socket of waiting) take(socket);
  };
  return { name, port, load };
}

/**
 * @param {string[]} names "command", "random" and "nodejs" (the language host), in the order in which the engine will
 *   want them
 * @returns {Promise<{variables: {[name: string]: string}, load: () => void}>} what the CLI's environment has to have,
 *   with the user's own entries first; and what is to be called once the CLI has been started
 */
async function attachPlugins(names) {
  const listening = await Promise.all(names.map(listen));
  /** @type {{[name: string]: string}} */
  const variables = {};
  for (const { name, port } of listening) {
    const variable = name === "nodejs" ? "PULUMI_DEBUG_LANGUAGES" : "PULUMI_DEBUG_PROVIDERS";
    const before = variables[variable] ?? process.env[variable];
    variables[variable] = [...(before ? [before] : []), `${name}:${port}`].join(",");
  }
  return { variables, load: () => listening.forEach(({ load }) => load()) };
}

module.exports = {
  attachPlugins,
  languageHost: path.join(__dirname, "language-nodejs", "pulumi-language-nodejs"),
};
