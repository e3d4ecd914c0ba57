import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { engineContents } from "./remote/engine-files";
import { quote } from "./remote/quote";
import { warnOfDrift } from "./remote/remote-script";
import type { Server } from "./remote/server";

/** What EngineFiles takes. */
export interface EngineFilesArgs {
  server: Server;
}

/**
 * The files that ServerEngine installs, on the server. Pulumi knows only their names and hashes: the step is a command on
 * this machine that sends them (remote/send-engine.ts).
 */
export class EngineFiles extends pulumi.ComponentResource {
  constructor(
    name: string,
    { server }: EngineFilesArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("greenpush:index:EngineFiles", name, {}, options);
    const { list, sum } = engineContents();
    const finding = server.findings.of("engine-files", server.name);
    const words = [pulumi.getStack(), finding.generation, sum].map(quote).join(" ");
    const command = new local.Command(
      `${name}-apply`,
      {
        create: pulumi.interpolate`node --require ./start/register.js components/remote/send-engine.ts ${words} ${server.words}`,
        stdin: list,
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    warnOfDrift(server, finding, command);
    this.registerOutputs();
  }
}
