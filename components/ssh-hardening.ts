import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What SshHardening takes. */
export interface SshHardeningArgs {
  server: Server;
  /** The account that Greenpush connects as, which must still get in. */
  user: string;
}

/** sshd accepts keys and no passwords. */
export class SshHardening extends pulumi.ComponentResource {
  constructor(name: string, args: SshHardeningArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:SshHardening", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "ssh-hardening",
        confirmed: true,
        name: args.server.name,
        server: args.server,
        values: { ssh_user: args.user },
        files: { settings: serverFile("templates/sshd.conf") },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
