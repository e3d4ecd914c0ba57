import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What UnattendedUpgrades takes. */
export interface UnattendedUpgradesArgs {
  server: Server;
}

/** The server installs security updates by itself. */
export class UnattendedUpgrades extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: UnattendedUpgradesArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("greenpush:index:UnattendedUpgrades", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "unattended-upgrades",
        name: args.server.name,
        server: args.server,
        values: { packages_wanted: "unattended-upgrades" },
        files: { settings: serverFile("templates/unattended-upgrades.conf") },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
