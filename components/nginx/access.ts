import type { SiteArgs } from "../site";

/** The file of names and passwords of a site, for nginx. */
export function htpasswdFile(site: string): string {
  return `/etc/nginx/greenpush-${site}.htpasswd`;
}

/** The lines for the server block that say who is let in. */
export function accessLines({ site, settings }: Pick<SiteArgs, "site" | "settings">): string[] {
  const { htpasswd, addresses = [] } = settings.access ?? {};
  return [
    ...(htpasswd !== undefined && addresses.length > 0 ? ["satisfy any;"] : []),
    ...(addresses.length > 0
      ? [...addresses.map((address) => `allow ${address};`), "deny all;"]
      : []),
    ...(htpasswd === undefined
      ? []
      : [`auth_basic "${site}";`, `auth_basic_user_file ${htpasswdFile(site)};`]),
  ];
}

/** Lines for a location of the application: it does not get the password that nginx has asked for. */
export function authorizationLines({ settings }: SiteArgs, variable: string): string[] {
  return settings.access?.htpasswd === undefined
    ? []
    : [`proxy_set_header Authorization $${variable}_authorization;`];
}

/** Lines for the http context that these need. */
export function authorizationMap({ settings }: SiteArgs, variable: string): string[] {
  return settings.access?.htpasswd === undefined
    ? []
    : [
        `map $http_authorization $${variable}_authorization {`,
        '    "~*^basic " "";',
        "    default $http_authorization;",
        "}",
      ];
}
