import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "../remote/remote-script";
import { serverFile } from "../remote/program";
import type { Server } from "../remote/server";

/** What CertificateTimer takes. */
export interface CertificateTimerArgs {
  server: Server;
}

/** certbot, its accounts at authorities, and the timer that renews the certificates of all sites of a server. */
export class CertificateTimer extends pulumi.ComponentResource {
  constructor(name: string, args: CertificateTimerArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:CertificateTimer", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "certificate-timer",
        name: args.server.name,
        server: args.server,
        values: { packages_wanted: "certbot" },
        files: {
          service: serverFile("templates/certificates.service"),
          timer: serverFile("templates/certificates.timer"),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
