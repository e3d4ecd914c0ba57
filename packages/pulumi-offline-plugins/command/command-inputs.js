// @ts-check
"use strict";
// The inputs of local.Command and remote.Command, as pulumi-resource-command declares them.

/** @typedef {import("../shared/property-types.js").ObjectType} ObjectType */
/** @typedef {import("../shared/property-types.js").Field} Field */

/** @type {{[name: string]: Field}} */
const commonFields = {
  triggers: { replaceOnChanges: true, empty: [] },
  create: {},
  update: {},
  delete: {},
  stdin: {},
  logging: {},
  environment: { empty: {} },
  addPreviousOutputInEnv: { empty: false },
};

/** @type {ObjectType} */
const connectionType = {
  name: "remote.Connection",
  fields: {
    user: { defaultValue: "root" },
    host: { required: true },
    port: { defaultValue: 22 },
    privateKey: { secret: true },
    agentSocketPath: {},
    dialErrorLimit: { defaultValue: 10 },
    perDialTimeout: { defaultValue: 15 },
    hostKey: {},
  },
};

/** @type {ObjectType} */
const remoteCommandInputs = {
  name: "remote.CommandInputs",
  fields: { ...commonFields, connection: { type: connectionType, required: true, secret: true } },
};

/** @type {ObjectType} */
const localCommandInputs = {
  name: "local.CommandInputs",
  fields: { ...commonFields, interpreter: {}, dir: {} },
};

module.exports = { localCommandInputs, remoteCommandInputs };
