import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import { type SiteArgs, siteNames } from "./site";

/** The hooks: pre-receive makes a release or refuses the push, post-receive switches. */
export class DeployHooks extends pulumi.ComponentResource {
  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:DeployHooks", name, {}, options);
    const { home, www } = siteNames(args);
    remoteScript(
      `${name}-apply`,
      {
        component: "deploy-hooks",
        name: args.site,
        server: args.server,
        values: { site_user: args.settings.user, home, www },
        files: {
          pre_receive: serverFile("hooks/pre-receive"),
          post_receive: serverFile("hooks/post-receive"),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
