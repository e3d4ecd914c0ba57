// @ts-check
"use strict";
// A provider, called over Pulumi's protocol as the engine calls it. With GREENPUSH_REAL_PARTS (a folder with Pulumi's own
// executables) the real provider answers instead of the offline one: the tests must hold for both.

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");
const grpc = require("@grpc/grpc-js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/provider_pb.js");
const { PluginAttach } = require("@pulumi/pulumi/proto/plugin_pb.js");
const { attachPlugins } = require("../../index.js");
const { fromStruct, toStruct } = require("../../shared/property-values.js");

/** @typedef {import("../../shared/property-values.js").PropertyMap} PropertyMap */

// Keys in the SSH agent of the person who runs the tests must not matter.
process.env["SSH_AUTH_SOCK"] = "";

/**
 * @param {string} name for example "command"
 * @returns {Promise<{port: number, stop: () => void}>}
 */
async function serve(name) {
  const real = path.join(
    process.env["GREENPUSH_REAL_PARTS"] || "/nonexistent",
    `pulumi-resource-${name}`,
  );
  if (!existsSync(real)) {
    const { variables } = await attachPlugins([name]);
    const port = Number(variables["PULUMI_DEBUG_PROVIDERS"]?.split(":").at(-1));
    return { port, stop: () => undefined };
  }
  const child = spawn(real, { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.stdout.once("data", (chunk) => resolve(String(chunk)));
  });
  return { port: Number(line), stop: () => child.kill() };
}

class Plugin {
  /**
   * @param {string} name
   * @returns {Promise<Plugin>}
   */
  static async start(name) {
    /** @type {string[]} */
    const logged = [];
    const engine = new grpc.Server();
    engine.addService(EngineService, {
      /** @type {grpc.handleUnaryCall<import("@pulumi/pulumi/proto/engine_pb.js").LogRequest, Empty>} */
      log: (call, callback) => {
        logged.push(call.request.getMessage());
        callback(null, new Empty());
      },
    });
    const port = await new Promise((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const { port: at, stop } = await serve(name);
    const client = new ResourceProviderClient(`127.0.0.1:${at}`, grpc.credentials.createInsecure());
    const plugin = new Plugin(stop, engine, client, logged);
    const address = new PluginAttach();
    address.setAddress(`127.0.0.1:${port}`);
    await plugin.ask(client.attach, address);
    return plugin;
  }

  /**
   * @param {() => void} end
   * @param {grpc.Server} engine
   * @param {ResourceProviderClient} client
   * @param {string[]} logged
   */
  constructor(end, engine, client, logged) {
    this.end = end;
    this.engine = engine;
    this.client = client;
    /** What the plugin told the engine. */
    this.logged = logged;
  }

  stop() {
    this.client.close();
    this.end();
    this.engine.forceShutdown();
  }

  /**
   * @template Request, Response
   * @param {(request: Request, callback: (error: grpc.ServiceError | null, response: Response) => void) => unknown} method
   * @param {Request} request
   * @returns {Promise<Response>}
   * @throws {Error} with the plugin's words and nothing else
   */
  ask(method, request) {
    return new Promise((resolve, reject) =>
      method.call(this.client, request, (error, response) =>
        error ? reject(new Error(error.details)) : resolve(response),
      ),
    );
  }

  async configure() {
    const request = new messages.ConfigureRequest();
    request.setArgs(toStruct({}));
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    await this.ask(this.client.configure, request);
  }

  /**
   * @param {string} type
   * @param {PropertyMap} inputs
   */
  async check(type, inputs) {
    const request = new messages.CheckRequest();
    request.setUrn(urn(type));
    request.setOlds(toStruct({}));
    request.setNews(toStruct(inputs));
    request.setRandomseed(Buffer.alloc(32));
    const response = await this.ask(this.client.check, request);
    return {
      inputs: fromStruct(response.getInputs()),
      failures: response
        .getFailuresList()
        .map((/** @type {messages.CheckFailure} */ failure) => failure.toObject()),
    };
  }

  /**
   * @param {string} type
   * @param {PropertyMap} oldInputs
   * @param {PropertyMap} inputs
   * @param {PropertyMap} [outputs] what the state holds besides
   */
  async diff(type, oldInputs, inputs, outputs = { stdout: "", stderr: "" }) {
    const request = new messages.DiffRequest();
    request.setId("id");
    request.setUrn(urn(type));
    request.setOldInputs(toStruct(oldInputs));
    request.setOlds(toStruct({ ...oldInputs, ...outputs }));
    request.setNews(toStruct(inputs));
    const response = await this.ask(this.client.diff, request);
    /** @type {{[path: string]: number}} */
    const detailed = {};
    response
      .getDetaileddiffMap()
      .forEach((/** @type {messages.PropertyDiff} */ change, /** @type {string} */ at) => {
        detailed[at] = change.getKind();
      });
    return {
      changed: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      detailed,
    };
  }

  /**
   * @param {string} type
   * @param {PropertyMap} inputs
   * @param {boolean} [preview]
   */
  async create(type, inputs, preview = false) {
    const request = new messages.CreateRequest();
    request.setUrn(urn(type));
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    const response = await this.ask(this.client.create, request);
    return { id: response.getId(), state: fromStruct(response.getProperties()) };
  }

  /**
   * @param {string} type
   * @param {PropertyMap} state
   * @param {PropertyMap} inputs
   * @param {boolean} [preview]
   */
  async update(type, state, inputs, preview = false) {
    const request = new messages.UpdateRequest();
    request.setId("id");
    request.setUrn(urn(type));
    request.setOlds(toStruct(state));
    const { stdout: _stdout, stderr: _stderr, ...oldInputs } = state;
    request.setOldInputs(toStruct(oldInputs));
    request.setNews(toStruct(inputs));
    request.setPreview(preview);
    return fromStruct((await this.ask(this.client.update, request)).getProperties());
  }

  /**
   * @param {string} type
   * @param {PropertyMap} state
   */
  async delete(type, state) {
    const request = new messages.DeleteRequest();
    request.setId("id");
    request.setUrn(urn(type));
    request.setProperties(toStruct(state));
    await this.ask(this.client.delete, request);
  }
}

/** @param {string} type */
const urn = (type) => `urn:pulumi:test::conformance::${type}::one`;

module.exports = { Plugin };
