import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { type SiteArgs, siteNames } from "./site";

/** The site's repository at ~/www/codebase, not bare. Its first content comes from `source` or the first push. */
export class GitRepository extends pulumi.ComponentResource {
  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:GitRepository", name, {}, options);
    const { settings } = args;
    const { home, www } = siteNames(args);
    remoteScript(
      `${name}-apply`,
      {
        component: "git-repository",
        name: args.site,
        server: args.server,
        values: {
          site_user: settings.user,
          home,
          www,
          branch: settings.branch,
          source: settings.source ?? "",
          keep: settings.keep ? "yes" : "no",
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
