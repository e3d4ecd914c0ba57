import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import { render } from "./remote/template";
import { type SiteArgs, siteNames } from "./site";

/** nginx's configuration of a site. */
export function nginxConfiguration(args: SiteArgs): string {
  const { settings } = args;
  const { www } = siteNames(args);
  const proxies = settings.trustedProxies;
  const media = render(serverFile("templates/nginx-media.conf"), { www }).trimEnd().split("\n");
  return render(serverFile("templates/nginx.conf"), {
    site: args.site,
    upstream: `greenpush-${args.site}`,
    variable: `greenpush_${args.site.replaceAll("-", "_")}`,
    // Whoever says that the site has an https address has something before it that ends TLS.
    trustsAll: proxies.length === 0 && settings.url?.startsWith("https:") ? 1 : 0,
    trusted: proxies.map((address) => `${address} 1;`),
    realIp:
      proxies.length === 0
        ? undefined
        : [
            ...proxies.map((address) => `set_real_ip_from ${address};`),
            "real_ip_header X-Forwarded-For;",
            "real_ip_recursive on;",
          ],
    www,
    serverNames: settings.serverNames.join(" "),
    maxBodySize: settings.nginx.maxBodySize,
    proxyTimeout: settings.nginx.proxyTimeout,
    extra: settings.nginx.extra,
    // Uploads that the application guards itself have no public address.
    media: settings.media ? media : undefined,
    nothingPushed: serverFile("templates/nothing-pushed.html").trimEnd(),
  });
}

/** nginx before var/socket: server names, static and media files, forwarded headers. */
export class NginxSite extends pulumi.ComponentResource {
  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:NginxSite", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "nginx-site",
        name: args.site,
        server: args.server,
        values: {},
        files: { site: nginxConfiguration(args) },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
