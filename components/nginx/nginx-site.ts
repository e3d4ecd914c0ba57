import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "../remote/remote-script";
import { serverFile } from "../remote/program";
import { closedLines, maintenanceLines, ownPagesLines } from "./pages";
import { accessLines, authorizationLines, authorizationMap } from "./access";
import { openToAll, saysCacheControl, opensFiles, withoutAccess } from "./extra";
import { withHeader, withHeaderInside } from "./headers";
import { limitLines, limitZones } from "./limits";
import { type GivenLocation, linesOfAll, ownLocations, withLines } from "./locations";
import { proxied, schemeValues, visitorLines } from "./visitor";
import { render } from "../remote/template";
import type { SiteSettings } from "../../stacks/schema";
import { type SiteArgs, siteNames } from "../site";
import { nginxLines } from "./template";
import { warnOfOthers } from "./others";
import { aliasLines, tlsLines } from "./tls";

const noindex = 'add_header X-Robots-Tag "noindex, nofollow" always;';

/** nginx's configuration of a site. */
export function nginxConfiguration(args: SiteArgs): string {
  const { settings } = args;
  const { www } = siteNames(args);
  const upstream = `greenpush-${args.site}`;
  const slot = `${www}/slots/$greenpush_slot`;
  const socket = `unix:${slot}/var/socket:`;
  const variable = `greenpush_${args.site.replaceAll("-", "_")}`;
  const tls = tlsLines(args, variable);
  // A line of the stack file that names the live release has to mean the release in its slot there.
  const inSlot = (line: string) =>
    line
      .replaceAll(`${www}/live`, slot)
      // Not with a path behind it: nginx treats that path differently where the address has a variable.
      .replaceAll(`http://${upstream};`, `http://${socket};`);
  const unindexed = (lines: string[]) =>
    settings.noindex ? withHeaderInside(lines, noindex) : lines;
  const locations = Object.entries(settings.nginx.locations);
  const live = releaseLines(args, {
    release: `${www}/live`,
    upstream,
    host: "$host$greenpush_port",
    scheme: `$${variable}_scheme`,
    headers: tls.headers,
    extra: ofStackFile("nginx.extra", settings.nginx.extra),
    locations,
    limits: limitLines(args, variable),
    authorization: authorizationLines(args, variable),
  });
  // The engine's request says which host name and scheme the application should see.
  const next = releaseLines(args, {
    release: slot,
    upstream: socket,
    host: "$http_x_greenpush_host",
    scheme: "$http_x_forwarded_proto",
    headers: [],
    extra: withoutAccess(settings.nginx.extra).map(inSlot),
    locations: locations.map(([match, lines]) => [match, openToAll(lines).map(inSlot)]),
    limits: [],
    authorization: [],
  });
  return render(serverFile("templates/nginx/site.conf"), {
    site: args.site,
    upstream,
    variable,
    ...schemeValues(args),
    proxied: proxied(args),
    httpExtra: ofStackFile("nginx.httpExtra", settings.nginx.httpExtra),
    zones: limitZones(args, variable),
    authorizationMap: authorizationMap(args, variable),
    realIp: visitorLines(args),
    access: accessLines(args),
    www,
    https: tls.maps,
    tls: tls.server,
    redirect: tls.redirect,
    challenge: tls.challenge,
    aliases: aliasLines(args, tls),
    serverNames: settings.serverNames.join(" "),
    maintenance: maintenanceLines(args, variable),
    closed: unindexed(closedLines(args, variable)),
    ownPages: unindexed(ownPagesLines(args)),
    live: [...(settings.noindex ? [noindex] : []), ...unindexed(live)],
    next: withHeader(next, "add_header X-Greenpush-Slot $greenpush_slot always;"),
  });
}

/** Lines of the stack file with their setting's name, by which a message of nginx is led back to it. */
function ofStackFile(setting: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`# ${setting} of the stack file:`, ...lines];
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
  locations: GivenLocation[];
  /** Lines for each location of the application. */
  limits: string[];
  authorization: string[];
}

/** The lines of a server block that serve a release: the same for visitors and for the check before the switch. */
function releaseLines(args: SiteArgs, served: ServedRelease): string[] {
  const { settings } = args;
  const { www, home } = siteNames(args);
  const { locations, limits, authorization, ...values } = served;
  const { proxyTimeout } = settings.nginx;
  const unlessPushed = nginxLines("nothing-pushed", { release: served.release });
  const keepOpen = nginxLines("keep-open");
  const common = nginxLines("application", { ...values, proxyTimeout, limits, authorization });
  return nginxLines("release", {
    ...values,
    www,
    site: args.site,
    maxBodySize: settings.nginx.maxBodySize,
    home,
    releases: asPattern(`${www}/releases`),
    keepOpen,
    ...brotliValues(settings, keepOpen),
    // There would be two, of which browsers take the stricter.
    cacheControl: saysCacheControl(settings.nginx.extra)
      ? undefined
      : "add_header Cache-Control $greenpush_cache_control;",
    // Uploads that the application guards itself have no public address.
    media: settings.media ? nginxLines("media", { www, headers: served.headers }) : undefined,
    unlessPushed,
    application: withLines(common, ofStackFile("nginx.locations: /", linesOfAll(locations))),
    locations: ownLocations(locations, {
      addresses: [`http://${served.upstream}`, `http://greenpush-${args.site}`],
      common,
      first: unlessPushed,
      // What nginx keeps open is for static files and the file of maintenance.
      elsewhere: opensFiles(settings.nginx.extra) ? [] : ["open_file_cache off;"],
    }),
  });
}

/** Where static files are looked for. */
function brotliValues({ nginx }: SiteSettings, keepOpen: string[]) {
  if (!nginx.brotli) return { static: "/", brotli: undefined, contentEncoding: undefined };
  return {
    static: "@static",
    brotli: nginxLines("brotli", { keepOpen }),
    contentEncoding: [
      "add_header Content-Encoding $greenpush_encoding;",
      "add_header Vary $greenpush_vary;",
    ],
  };
}

/** A path as a regular expression of nginx. */
const asPattern = (path: string) => path.replace(/[^\w/-]/g, "\\$&");

/** nginx in front of var/socket: server names, static and media files, forwarded headers. */
export class NginxSite extends pulumi.ComponentResource {
  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:NginxSite", name, {}, options);
    const step = remoteScript(
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
    warnOfOthers(args, step);
    this.registerOutputs();
  }
}
