import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { engineContents } from "./remote/engine-files";
import { quote } from "./remote/quote";
import { remoteScript, warnOfDrift } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What ServerEngine takes. */
export interface ServerEngineArgs {
  server: Server;
}

/**
 * What all sites of a server share, in /usr/lib/greenpush: the deploy engine, and the library of their scripts. Only root
 * can write there.
 *
 * Its first step brings the files, of which Pulumi knows only the names and hashes. The second installs them.
 */
export class ServerEngine extends pulumi.ComponentResource {
  constructor(name: string, args: ServerEngineArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:ServerEngine", name, {}, options);
    const { server } = args;
    const { list, sum } = engineContents();
    const brought = server.findings.of("engine-files", server.name);
    const words = [pulumi.getStack(), brought.generation, sum].map(quote).join(" ");
    const files = new local.Command(
      `${server.name}-engine-files`,
      {
        create: pulumi.interpolate`node --require ./start/register.js components/remote/send-engine.ts ${words} ${server.words}`,
        stdin: list,
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    warnOfDrift(server, brought, files);
    remoteScript(
      `${name}-apply`,
      {
        component: "server-engine",
        name: server.name,
        server,
        values: { sum },
        files: {
          engine: serverFile("engine/deploy"),
          home: serverFile("home.py"),
          certificates: serverFile("certificates.py"),
        },
      },
      { parent: this, dependsOn: [files] },
    );
    this.registerOutputs();
  }
}
