// How much of the application one visitor may ask for.

import type { SiteArgs } from "../site";

/** Lines for the http context: where nginx counts. */
export function limitZones({ settings }: SiteArgs, variable: string): string[] {
  const { rateLimit, connections } = settings.nginx;
  return [
    ...(rateLimit === undefined
      ? []
      : [
          `limit_req_zone $binary_remote_addr zone=${variable}_requests:10m rate=${rateLimit.rate};`,
        ]),
    ...(connections === undefined
      ? []
      : [`limit_conn_zone $binary_remote_addr zone=${variable}_connections:10m;`]),
  ];
}

/** Lines for a location of the application. */
export function limitLines({ settings }: SiteArgs, variable: string): string[] {
  const { rateLimit, connections } = settings.nginx;
  return [
    ...(rateLimit === undefined
      ? []
      : [
          `limit_req zone=${variable}_requests${rateLimit.burst > 0 ? ` burst=${rateLimit.burst} nodelay` : ""};`,
          "limit_req_status 429;",
        ]),
    ...(connections === undefined
      ? []
      : [`limit_conn ${variable}_connections ${connections};`, "limit_conn_status 429;"]),
  ];
}
