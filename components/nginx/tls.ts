import type { TlsSettings } from "../../stacks/settings/tls";
import { acmeOf, hasTls, leadsToHttps } from "../../stacks/edge";
import { type SiteArgs, siteNames } from "../site";
import { nginxLines } from "./template";
import { proxied } from "./visitor";

/** What nginx is told of a site's HTTPS. */
export interface TlsLines {
  /** Before the server blocks. */
  maps: string[];
  /** In each server block of the site. */
  server: string[] | undefined;
  /** In the server block that visitors meet. */
  redirect: string[] | undefined;
  /** Where the authority looks. */
  challenge: string[] | undefined;
  /** Headers of each answer: also in a location that has some of its own, for nginx forgets the others there. */
  headers: string[];
  /** Where other names lead to: scheme and name. */
  origin: string;
}

/** What nginx is told of HTTPS. `variable` begins the names of the site's variables. */
export function tlsLines(args: SiteArgs, variable: string): TlsLines {
  const { settings } = args;
  const { tls, serverNames } = settings;
  const [first = ""] = serverNames;
  if (!hasTls(settings)) {
    return {
      maps: [],
      server: undefined,
      redirect: undefined,
      challenge: undefined,
      headers: [],
      origin: `$${variable}_scheme://${first}$greenpush_port`,
    };
  }
  const { certificates } = siteNames(args);
  const lines = (name: string, values = {}) => nginxLines(name, { certificates, ...values });
  const hsts = leadsToHttps(settings) ? hstsOf(tls) : "";
  return {
    maps: lines("https", { variable, first, hsts }),
    server: lines("tls", { proxied: proxied(args) }),
    redirect: leadsToHttps(settings)
      ? [`if ($${variable}_to_https) { return 301 https://$host$request_uri; }`]
      : undefined,
    challenge: acmeOf(settings) ? lines("challenge") : undefined,
    headers:
      hsts === ""
        ? []
        : [
            `add_header Strict-Transport-Security $${variable}_hsts always;`,
            `add_header Alt-Svc 'h3=":443"; ma=86400' always;`,
          ],
    origin: `$${variable}_origin`,
  };
}

/** The value of Strict-Transport-Security. */
function hstsOf(tls: TlsSettings | undefined): string {
  if (typeof tls !== "object") return "";
  const { maxAge, includeSubDomains, preload } = tls.hsts;
  return [
    `max-age=${maxAge}`,
    ...(includeSubDomains ? ["includeSubDomains"] : []),
    ...(preload ? ["preload"] : []),
  ].join("; ");
}

/** The server block that leads other names to the first one. */
export function aliasLines(args: SiteArgs, tls: TlsLines): string[] {
  const { aliases } = args.settings;
  if (aliases.length === 0) return [];
  return nginxLines("aliases", {
    site: args.site,
    aliases: aliases.join(" "),
    tls: tls.server,
    challenge: tls.challenge,
    origin: tls.origin,
    proxied: proxied(args),
  });
}
