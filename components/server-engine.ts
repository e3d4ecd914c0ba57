import * as pulumi from "@pulumi/pulumi";
import { engineContents } from "./remote/engine-files";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What ServerEngine takes. */
export interface ServerEngineArgs {
  server: Server;
}

/**
 * What all sites of a server share, in /usr/lib/greenpush: the deploy engine, and the library of their scripts. Only root
 * can write there. EngineFiles brings it.
 */
export class ServerEngine extends pulumi.ComponentResource {
  constructor(name: string, args: ServerEngineArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:ServerEngine", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "server-engine",
        name: args.server.name,
        server: args.server,
        values: { sum: engineContents().sum },
        files: {
          engine: serverFile("engine/deploy"),
          home: serverFile("home.py"),
          certificates: serverFile("certificates.py"),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
