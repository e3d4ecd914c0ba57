// @ts-check
"use strict";
// The inputs of local.Command and remote.Command, as pulumi-resource-command declares them.

/** @typedef {import("../shared/property-types.js").ObjectType} ObjectType */
/** @typedef {import("../shared/property-types.js").Field} Field */
/** @typedef {import("../shared/property-types.js").ScalarType} ScalarType */

/** @type {ScalarType} */
const string = { kind: "string" };
/** @type {ScalarType} */
const bool = { kind: "bool" };

/** @type {{[name: string]: Field}} */
const lifecycleFields = {
  triggers: { type: { kind: "array", element: { kind: "any" } }, replaceOnChanges: true },
  create: { type: string },
  update: { type: string },
  delete: { type: string },
};

/** @type {{[name: string]: Field}} */
const endpointFields = {
  user: { type: string, defaultValue: "root" },
  password: { type: string, secret: true },
  host: { type: string, required: true },
  port: { type: { kind: "number" }, defaultValue: 22 },
  privateKey: { type: string, secret: true },
  privateKeyPassword: { type: string, secret: true },
  agentSocketPath: { type: string },
  dialErrorLimit: { type: { kind: "int" }, defaultValue: 10 },
  perDialTimeout: { type: { kind: "int" }, defaultValue: 15 },
  hostKey: { type: string },
};

/** @type {ObjectType} */
const connectionType = {
  kind: "object",
  goName: "remote.Connection",
  fields: {
    ...endpointFields,
    proxy: { type: { kind: "object", goName: "remote.ProxyConnection", fields: endpointFields } },
  },
};

/** @type {ObjectType} */
const remoteCommandInputs = {
  kind: "object",
  goName: "remote.CommandInputs",
  fields: {
    stdin: { type: string },
    logging: { type: { kind: "string", goName: "remote.Logging" } },
    connection: { type: connectionType, required: true, secret: true },
    environment: { type: { kind: "map", element: string } },
    addPreviousOutputInEnv: { type: bool },
    ...lifecycleFields,
  },
};

/** @type {ObjectType} */
const localCommandInputs = {
  kind: "object",
  goName: "local.CommandInputs",
  fields: {
    ...lifecycleFields,
    stdin: { type: string },
    logging: { type: { kind: "string", goName: "local.Logging" } },
    interpreter: { type: { kind: "array", element: string } },
    dir: { type: string },
    environment: { type: { kind: "map", element: string } },
    assetPaths: { type: { kind: "array", element: string } },
    archivePaths: { type: { kind: "array", element: string } },
    addPreviousOutputInEnv: { type: bool },
  },
};

module.exports = { localCommandInputs, remoteCommandInputs };
