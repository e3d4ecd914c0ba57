// @ts-check
"use strict";
// Serves offline plugins to the CLI from this process. The engine can attach to running plugins
// (PULUMI_DEBUG_PROVIDERS, PULUMI_DEBUG_LANGUAGES). The engine would take executables on PATH as well, but it warns about
// providers there on every run, and starts them again and again: the language host twice for a preview.

const net = require("node:net");

/** @type {{[name: string]: () => import("@grpc/grpc-js").Server}} */
const plugins = {
  nodejs: () => require("./language-nodejs/language-host.js").createLanguageHost(),
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
 * Starts one plugin. It listens at once; `load`, or the CLI's connection, loads it.
 * @param {string} name
 * @returns {Promise<{name: string, port: number, load: () => void}>}
 */
async function listen(name) {
  const create = plugins[name];
  if (!create) throw new Error(`there is no offline plugin for ${name}`);
  /** @type {ReturnType<import("@grpc/grpc-js").Server["createConnectionInjector"]> | undefined} */
  let injector;
  const load = () => {
    const { ServerCredentials } = require("@grpc/grpc-js");
    return (injector ??= create().createConnectionInjector(ServerCredentials.createInsecure()));
  };
  const server = net.createServer({ noDelay: true }, (socket) => load().injectConnection(socket));
  // The process ends with the CLI, not with this server.
  server.unref();
  await new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  return { name, port, load };
}

/**
 * @param {string[]} names "command", "random" and "nodejs" (the language host), in the order in which the engine will
 *   want them
 * @returns {Promise<{variables: {[name: string]: string}, load: () => void}>} what the CLI's environment has to have,
 *   with the user's own entries first; and what loads them all, best while the CLI starts
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

module.exports = { attachPlugins };
