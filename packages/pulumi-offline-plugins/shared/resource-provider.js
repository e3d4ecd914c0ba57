// @ts-check
"use strict";
// Pulumi's ResourceProvider protocol in terms of property values: one object per resource type.

const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/provider_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");
const { Engine } = require("./engine.js");
const { createServer, unary } = require("./grpc-service.js");
const { fromStruct, toStruct } = require("./property-values.js");

/** @typedef {import("./property-values.js").PropertyMap} PropertyMap */
/** @typedef {import("./property-types.js").Failure} Failure */
/** @typedef {import("./engine.js").Log} Log */

/**
 * What an operation runs in.
 * @typedef {object} Operation
 * @property {string} name the resource's name in the program
 * @property {AbortSignal} signal aborted by Ctrl-C and by a custom timeout
 * @property {Log} log
 * @property {Log} logStatus for messages that only matter while the operation runs
 */

/** @typedef {"add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace"} DiffKind */

/**
 * @typedef {object} Difference
 * @property {boolean} changed
 * @property {Map<string, DiffKind>} [detailed] by property path
 * @property {string[]} [diffs] names of the properties that changed
 * @property {string[]} [replaces] names of those that need a replacement
 */

/**
 * One resource type. `inputs` are always what `check` answered before.
 * @typedef {object} Resource
 * @property {(news: PropertyMap) => {inputs: PropertyMap, failures: Failure[]}} check
 * @property {(request: {state: PropertyMap, oldInputs: PropertyMap, inputs: PropertyMap, ignoreChanges: string[]}) => Difference} diff
 * @property {(operation: Operation, inputs: PropertyMap, dryRun: boolean) => Promise<{id: string, state: PropertyMap}>} create
 * @property {(operation: Operation, state: PropertyMap, inputs: PropertyMap, dryRun: boolean, ignoreChanges: string[]) => Promise<PropertyMap>} update
 * @property {(operation: Operation, state: PropertyMap) => Promise<void>} delete
 * @property {(id: string, state: PropertyMap, inputs: PropertyMap) => {id: string, state: PropertyMap, inputs: PropertyMap}} read
 */

/**
 * @typedef {object} ProviderDefinition
 * @property {string} version without a leading "v"
 * @property {{[token: string]: Resource}} resources
 * @property {(token: string) => Error} unknownResource the error for any other type token
 * @property {(token: string) => Error} unknownFunction the error for every function token
 * @property {PropertyMap} [configInputs] what CheckConfig adds to the provider's inputs
 */

const diffKinds = {
  add: messages.PropertyDiff.Kind.ADD,
  "add-replace": messages.PropertyDiff.Kind.ADD_REPLACE,
  delete: messages.PropertyDiff.Kind.DELETE,
  "delete-replace": messages.PropertyDiff.Kind.DELETE_REPLACE,
  update: messages.PropertyDiff.Kind.UPDATE,
  "update-replace": messages.PropertyDiff.Kind.UPDATE_REPLACE,
};

/**
 * A gRPC server that answers as the provider defined. It can be attached to again and again: each
 * new engine starts with nothing cancelled.
 * @param {ProviderDefinition} definition
 * @returns {import("@grpc/grpc-js").Server}
 */
function createProviderServer(definition) {
  /** @type {Engine | undefined} */
  let engine;
  let cancellation = new AbortController();

  /** @param {string} address */
  function attach(address) {
    engine?.close();
    engine = new Engine(address);
    cancellation = new AbortController();
  }

  /**
   * @param {string} urn
   * @param {number} timeoutSeconds 0: none
   * @returns {Operation}
   */
  function operationFor(urn, timeoutSeconds) {
    const to = engine;
    const signal = timeoutSeconds
      ? AbortSignal.any([cancellation.signal, deadline(timeoutSeconds)])
      : cancellation.signal;
    return {
      name: urn.split("::").slice(3).join("::"),
      signal,
      log: async (severity, message) => to?.log(severity, urn, message, false),
      logStatus: async (severity, message) => to?.log(severity, urn, message, true),
    };
  }

  /**
   * @param {string} urn
   * @returns {Resource}
   */
  function resourceFor(urn) {
    const type = (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
    const resource = definition.resources[type];
    if (!resource) throw definition.unknownResource(type);
    return resource;
  }

  return createServer(ResourceProviderService, {
    attach: unary(
      (/** @type {import("@pulumi/pulumi/proto/plugin_pb.js").PluginAttach} */ request) => {
        attach(request.getAddress());
        return new Empty();
      },
    ),
    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(definition.version);
      return info;
    }),
    checkConfig: unary((/** @type {messages.CheckRequest} */ request) => {
      const response = new messages.CheckResponse();
      response.setInputs(
        toStruct({ ...fromStruct(request.getNews()), ...definition.configInputs }),
      );
      return response;
    }),
    configure: unary(() => {
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setAcceptresources(true);
      response.setAcceptoutputs(true);
      return response;
    }),
    check: unary((/** @type {messages.CheckRequest} */ request) => {
      const { inputs, failures } = resourceFor(request.getUrn()).check(
        fromStruct(request.getNews()),
      );
      const response = new messages.CheckResponse();
      response.setInputs(toStruct(inputs));
      for (const { property, reason } of failures) {
        const failure = new messages.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        response.addFailures(failure);
      }
      return response;
    }),
    diff: unary((/** @type {messages.DiffRequest} */ request) => {
      const difference = resourceFor(request.getUrn()).diff({
        state: fromStruct(request.getOlds()),
        oldInputs: fromStruct(request.getOldInputs()),
        inputs: fromStruct(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
      });
      return diffResponse(difference);
    }),
    create: unary(async (/** @type {messages.CreateRequest} */ request) => {
      const { id, state } = await resourceFor(request.getUrn()).create(
        operationFor(request.getUrn(), request.getTimeout()),
        fromStruct(request.getProperties()),
        request.getPreview(),
      );
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(state));
      return response;
    }),
    read: unary((/** @type {messages.ReadRequest} */ request) => {
      const { id, state, inputs } = resourceFor(request.getUrn()).read(
        request.getId(),
        fromStruct(request.getProperties()),
        fromStruct(request.getInputs()),
      );
      const response = new messages.ReadResponse();
      response.setId(id);
      response.setProperties(toStruct(state));
      response.setInputs(toStruct(inputs));
      return response;
    }),
    update: unary(async (/** @type {messages.UpdateRequest} */ request) => {
      const state = await resourceFor(request.getUrn()).update(
        operationFor(request.getUrn(), request.getTimeout()),
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
        request.getPreview(),
        request.getIgnorechangesList(),
      );
      const response = new messages.UpdateResponse();
      response.setProperties(toStruct(state));
      return response;
    }),
    delete: unary(async (/** @type {messages.DeleteRequest} */ request) => {
      await resourceFor(request.getUrn()).delete(
        operationFor(request.getUrn(), request.getTimeout()),
        fromStruct(request.getProperties()),
      );
      return new Empty();
    }),
    cancel: unary(() => {
      cancellation.abort();
      return new Empty();
    }),
    invoke: unary((/** @type {messages.InvokeRequest} */ request) => {
      throw definition.unknownFunction(request.getTok());
    }),
  });
}

/**
 * @param {number} seconds rounded down, as the real providers do
 * @returns {AbortSignal}
 */
function deadline(seconds) {
  const whole = Math.trunc(seconds);
  if (whole > 0) return AbortSignal.timeout(whole * 1000);
  return AbortSignal.abort(new DOMException("The operation timed out", "TimeoutError"));
}

/**
 * @param {Difference} difference
 * @returns {messages.DiffResponse}
 */
function diffResponse({ changed, detailed, diffs = [], replaces = [] }) {
  const response = new messages.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  response.setChanges(changed ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(diffs);
  response.setReplacesList(replaces);
  if (detailed) {
    response.setHasdetaileddiff(true);
    for (const [path, kind] of detailed) {
      const change = new messages.PropertyDiff();
      change.setKind(diffKinds[kind]);
      response.getDetaileddiffMap().set(path, change);
    }
  }
  return response;
}

module.exports = { createProviderServer };
