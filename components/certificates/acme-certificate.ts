import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "../remote/remote-script";
import type { SiteArgs } from "../site";
import { wantedCertificate } from "./certificate";

/** The certificate that certbot gets from an authority. It needs a site that answers on port 80. */
export class AcmeCertificate extends pulumi.ComponentResource {
  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:AcmeCertificate", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "acme-certificate",
        name: args.site,
        server: args.server,
        values: {
          wanted: createHash("sha256").update(wantedCertificate(args)).digest("hex").slice(0, 12),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
