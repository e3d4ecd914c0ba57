import * as pulumi from "@pulumi/pulumi";
import type { SiteArgs } from "../site";

/**
 * Warn of files by which somebody has nginx serve a name of a site that is still to come. A site that is there has its
 * own probe, which knows what nginx makes of them.
 */
export function warnOfOthers({ site, settings, server }: SiteArgs, step: pulumi.Resource): void {
  if (server.findings.has("nginx-site", site) || !pulumi.runtime.isDryRun()) return;
  for (const host of [...settings.serverNames, ...settings.aliases]) {
    for (const file of server.findings.filesByHand(host)) {
      void pulumi.log.warn(
        `made by hand on ${server.name}: ${file}: has ${host} too, a name of sites.${site}: ` +
          "up refuses if nginx takes that one: see docs/how-to/serve-https.md",
        step,
      );
    }
  }
}
