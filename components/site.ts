import { homeOf } from "../stacks/accounts";
import { leadsToHttps } from "../stacks/edge";
import type { SiteSettings } from "../stacks/schema";
import type { Server } from "./remote/server";

/** What every component of a site takes: the site as the stack file has it, and where it stands. */
export interface SiteArgs {
  /** The site's name in the stack file. */
  site: string;
  settings: SiteSettings;
  server: Server;
  /** Whether whoever connects to nginx on the server says by the PROXY protocol who the visitor is. @default false */
  proxyProtocol?: boolean;
}

/** Paths and names that several components of a site have to agree on. */
export function siteNames({ site, settings }: Pick<SiteArgs, "site" | "settings">) {
  const home = homeOf(settings);
  return {
    home,
    /** Where root keeps the site's configuration. */
    configuration: `/etc/greenpush/${site}`,
    /** Where root keeps the site's certificate. */
    certificates: `/etc/greenpush-tls/${site}`,
    /** The site's ~/www. */
    www: `${home}/${settings.directory}`,
    /** The systemd unit, one per slot: gunicorn-SITE@blue and @green. */
    unit: `gunicorn-${site}`,
  };
}

/** The address a browser opens. */
export function siteUrl(settings: SiteSettings, httpPort: number): string {
  if (settings.url) return settings.url;
  if (leadsToHttps(settings)) return `https://${settings.serverNames[0]}/`;
  return `http://${settings.serverNames[0]}${httpPort === 80 ? "" : `:${httpPort}`}/`;
}
