// @ts-check
"use strict";
// The command provider: its two resource types and its version.

const grpc = require("@grpc/grpc-js");
const { StatusError } = require("../shared/grpc-service.js");
const { inferredResource } = require("./inferred-resource.js");
const { localCommandInputs, remoteCommandInputs } = require("./command-inputs.js");
const { runLocalCommand } = require("./local-command.js");
const { runRemoteCommand } = require("./remote-command.js");

/** @type {import("../shared/resource-provider.js").ProviderDefinition} */
const commandProvider = {
  version: require("@pulumi/command/package.json").version,
  resources: {
    "command:local:Command": inferredResource({
      inputs: localCommandInputs,
      run: runLocalCommand,
    }),
    "command:remote:Command": inferredResource({
      inputs: remoteCommandInputs,
      run: runRemoteCommand,
    }),
  },
  unknownResource: (token) => notFound("Resource", token),
  unknownFunction: (token) => notFound("Invoke", token),
  // The real provider's framework leaves its version in the state of the provider.
  configInputs: { "__pulumi-go-provider-version": "1.2.0" },
};

/**
 * @param {string} kind
 * @param {string} token such as `command:remote:Command`
 * @returns {StatusError}
 */
function notFound(kind, token) {
  const inPackage = token.replace(/^command:/, "");
  return new StatusError(grpc.status.NOT_FOUND, `${kind} '${inPackage}' not found`);
}

module.exports = { commandProvider };
