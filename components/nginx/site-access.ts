import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "../remote/remote-script";
import type { SiteArgs } from "../site";
import { htpasswdFile } from "./access";

/** What SiteAccess takes besides the site. */
export interface SiteAccessArgs extends SiteArgs {
  /** Names and hashed passwords, in lines as htpasswd writes them. */
  htpasswd: pulumi.Input<string>;
}

/**
 * The names and passwords that let visitors in. nginx's configuration names the file, so this comes before nginx-site and
 * goes after it: without the file nginx lets nobody in.
 */
export class SiteAccess extends pulumi.ComponentResource {
  constructor(name: string, args: SiteAccessArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:SiteAccess", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "site-access",
        name: args.site,
        server: args.server,
        values: { htpasswd_file: htpasswdFile(args.site) },
        laterFiles: { htpasswd: args.htpasswd },
        secret: true,
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
