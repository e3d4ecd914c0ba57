import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What Fail2ban takes. */
export interface Fail2banArgs {
  server: Server;
}

/** Bans addresses that fail to log in by SSH again and again. */
export class Fail2ban extends pulumi.ComponentResource {
  constructor(name: string, args: Fail2banArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:Fail2ban", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "fail2ban",
        name: args.server.name,
        server: args.server,
        values: { packages_wanted: "fail2ban nftables python3-systemd" },
        files: { jail: serverFile("templates/fail2ban.conf") },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
