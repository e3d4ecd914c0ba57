import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What ServerNode takes. */
export interface ServerNodeArgs {
  server: Server;
  /**
   * The versions that sites of the server want.
   * @example ["22"]
   */
  versions: string[];
}

/** Node with npm for the commands of sites, in /opt/greenpush/node: from the package registry, root's own, shared by sites. */
export class ServerNode extends pulumi.ComponentResource {
  constructor(name: string, args: ServerNodeArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:ServerNode", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "server-node",
        name: args.server.name,
        server: args.server,
        values: { node_wanted: [...new Set(args.versions)].sort().join(" ") },
        files: { installer: serverFile("tools/install-node.py") },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
