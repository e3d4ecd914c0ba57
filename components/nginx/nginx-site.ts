import * as pulumi from "@pulumi/pulumi";
import { hasTls } from "../../stacks/edge";
import { remoteScript } from "../remote/remote-script";
import { serverFile } from "../remote/program";
import { closedLines, maintenanceLines, ownPagesLines } from "./pages";
import { saysCacheControl, withoutAccess } from "./extra";
import { render, type TemplateValues } from "../remote/template";
import { type SiteArgs, siteNames } from "../site";
import { aliasLines, tlsLines } from "./tls";

/** nginx's configuration of a site. */
export function nginxConfiguration(args: SiteArgs): string {
  const { settings } = args;
  const { www } = siteNames(args);
  const proxies = settings.trustedProxies;
  const upstream = `greenpush-${args.site}`;
  const slot = `${www}/slots/$greenpush_slot`;
  const socket = `unix:${slot}/var/socket:`;
  const variable = `greenpush_${args.site.replaceAll("-", "_")}`;
  const tls = tlsLines(args, variable);
  return render(serverFile("templates/nginx/site.conf"), {
    site: args.site,
    upstream,
    variable,
    // A site with an https URL has a proxy in front of it that terminates TLS.
    trustsAll:
      proxies.length === 0 && !hasTls(settings) && settings.url?.startsWith("https:") ? 1 : 0,
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
    https: tls.maps,
    tls: tls.server,
    redirect: tls.redirect,
    challenge: tls.challenge,
    aliases: aliasLines(args, tls),
    serverNames: settings.serverNames.join(" "),
    maintenance: maintenanceLines(args, variable),
    closed: closedLines(args, variable),
    ownPages: ownPagesLines(args),
    live: releaseLines(args, {
      release: `${www}/live`,
      upstream,
      host: "$host$greenpush_port",
      scheme: `$${variable}_scheme`,
      headers: tls.headers,
      extra: settings.nginx.extra,
    }),
    // The engine's request says which host name and scheme the application should see. A line of `nginx.extra` that
    // names the live release has to mean this release here.
    next: releaseLines(args, {
      release: slot,
      upstream: socket,
      host: "$http_x_greenpush_host",
      scheme: "$http_x_forwarded_proto",
      headers: [],
      extra: withoutAccess(settings.nginx.extra).map((statement) =>
        statement
          .replaceAll(`${www}/live`, slot)
          // Not with a path behind it: nginx treats that path differently where the address has a variable.
          .replaceAll(`http://${upstream};`, `http://${socket};`),
      ),
    }),
  });
}

/** What differs between the live release and one that is checked before it goes live. */
interface ServedRelease {
  /** Its folder. */
  release: string;
  upstream: string;
  /** The host name and the scheme that the application is told. */
  host: string;
  scheme: string;
  /** Headers of each answer. */
  headers: string[];
  extra: string[];
}

/** The lines of a server block that serve a release: the same for visitors and for the check before the switch. */
function releaseLines(args: SiteArgs, served: ServedRelease): string[] {
  const { settings } = args;
  const { www } = siteNames(args);
  const lines = (template: string, values: TemplateValues) =>
    render(serverFile(`templates/nginx/${template}`), values)
      .trimEnd()
      .split("\n");
  return lines("release.conf", {
    ...served,
    www,
    site: args.site,
    maxBodySize: settings.nginx.maxBodySize,
    proxyTimeout: settings.nginx.proxyTimeout,
    brotli: settings.nginx.brotli ? "brotli_static on;" : undefined,
    // There would be two, of which browsers take the stricter.
    cacheControl: saysCacheControl(settings.nginx.extra)
      ? undefined
      : "add_header Cache-Control $greenpush_cache_control;",
    // Uploads that the application guards itself have no public address.
    media: settings.media ? lines("media.conf", { www, headers: served.headers }) : undefined,
  });
}

/** nginx in front of var/socket: server names, static and media files, forwarded headers. */
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
