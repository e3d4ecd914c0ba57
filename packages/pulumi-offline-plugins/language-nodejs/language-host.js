// @ts-check
"use strict";
// Pulumi's LanguageRuntime protocol for Node.js programs.

const { createRequire } = require("node:module");
const path = require("node:path");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/language_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");
const { createServer, toServiceError, unary } = require("../shared/grpc-service.js");
const { install, listPackages, npmVersion } = require("./npm.js");
const { parseRuntimeOptions } = require("./runtime-options.js");
const { runProgram } = require("./run-program.js");

/** @type {string} Pulumi's language host has the version of its SDK */
const hostVersion = require("@pulumi/pulumi/package.json").version;

/**
 * @returns {import("@grpc/grpc-js").Server} it can be attached to again and again: each new engine starts with nothing
 *   cancelled
 */
function createLanguageHost() {
  let cancellation = new AbortController();
  /** @type {string | undefined} */
  let engine;

  return createServer(LanguageRuntimeService, {
    handshake: unary((/** @type {messages.LanguageHandshakeRequest} */ request) => {
      engine = request.getEngineAddress();
      cancellation = new AbortController();
      return new messages.LanguageHandshakeResponse();
    }),

    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(hostVersion);
      return info;
    }),

    // The engine would try to download what is listed here; every resource names its plugin anyway.
    getRequiredPackages: unary(() => new messages.GetRequiredPackagesResponse()),

    run: async (
      /** @type {import("@grpc/grpc-js").ServerUnaryCall<messages.RunRequest, messages.RunResponse>} */ call,
      /** @type {import("@grpc/grpc-js").sendUnaryData<messages.RunResponse>} */ callback,
    ) => {
      if (engine === undefined) {
        const why = "when debugging or running explicitly, must call Handshake before Run";
        return callback(toServiceError(new Error(why)));
      }
      const callEnded = new AbortController();
      call.on("cancelled", () => callEnded.abort());
      const signal = AbortSignal.any([cancellation.signal, callEnded.signal]);
      const { error, bail } = await runProgram(call.request, engine, signal);
      const response = new messages.RunResponse();
      response.setError(error);
      response.setBail(bail);
      callback(null, response);
    },

    installDependencies: async (
      /** @type {import("@grpc/grpc-js").ServerWritableStream<messages.InstallDependenciesRequest, messages.InstallDependenciesResponse>} */ call,
    ) => {
      /** @type {(stream: "stdout" | "stderr", text: string | Buffer) => void} */
      const write = (stream, text) => {
        const response = new messages.InstallDependenciesResponse();
        if (stream === "stdout") response.setStdout(Buffer.from(text));
        else response.setStderr(Buffer.from(text));
        call.write(response);
      };
      try {
        const info = call.request.getInfo();
        const directory = info?.getProgramDirectory() ?? call.request.getDirectory();
        write("stdout", "Installing dependencies...\n\n");
        const { packagemanager, production } = parseRuntimeOptions(info);
        if (!["auto", "npm"].includes(packagemanager))
          throw new Error(
            `the offline language host installs with npm, not with ${packagemanager}`,
          );
        await install(directory, production, write);
        write("stdout", "Finished installing dependencies\n\n");
        call.end();
      } catch (error) {
        call.emit("error", toServiceError(error));
      }
    },

    // `pulumi new` would ask for a package manager. There is only npm here.
    runtimeOptionsPrompts: unary(() => new messages.RuntimeOptionsResponse()),

    template: unary(() => new messages.TemplateResponse()),

    about: unary((/** @type {messages.AboutRequest} */ request) => {
      const directory = request.getInfo()?.getProgramDirectory() ?? process.cwd();
      const response = new messages.AboutResponse();
      response.setExecutable(process.execPath);
      response.setVersion(process.version);
      const metadata = response.getMetadataMap();
      metadata.set("packagemanager", "npm");
      metadata.set("packagemanagerVersion", npmVersion());
      const typescript = typescriptVersion(directory);
      if (typescript) metadata.set("typescriptVersion", typescript);
      return response;
    }),

    getProgramDependencies: unary(
      (/** @type {messages.GetProgramDependenciesRequest} */ request) => {
        const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
        const response = new messages.GetProgramDependenciesResponse();
        const transitive = request.getTransitivedependencies();
        for (const { name, version } of listPackages(directory, transitive)) {
          const dependency = new messages.DependencyInfo();
          dependency.setName(name);
          dependency.setVersion(version);
          response.addDependencies(dependency);
        }
        return response;
      },
    ),

    cancel: unary(() => {
      cancellation.abort();
      return new Empty();
    }),
  });
}

/**
 * @param {string} directory
 * @returns {string | undefined} of the TypeScript that a program in this folder would load
 */
function typescriptVersion(directory) {
  try {
    const { version } = createRequire(path.join(directory, "program.js"))(
      "typescript/package.json",
    );
    return String(version);
  } catch {
    return undefined;
  }
}

module.exports = { createLanguageHost };
