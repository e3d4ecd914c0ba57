import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What Firewall takes. */
export interface FirewallArgs {
  server: Server;
  /** The port of sshd in the stack file. The script finds the ports that sshd listens on. */
  sshPort?: number;
}

/** Lets in SSH, HTTP and HTTPS, and nothing else. */
export class Firewall extends pulumi.ComponentResource {
  constructor(name: string, args: FirewallArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:Firewall", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "firewall",
        confirmed: true,
        name: args.server.name,
        server: args.server,
        values: { packages_wanted: "nftables", ssh_port: String(args.sshPort ?? "") },
        files: {
          rules: serverFile("templates/firewall.nft"),
          unit: serverFile("templates/firewall.service"),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
