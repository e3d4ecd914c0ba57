// Who the visitor is: nginx believes that of the site's proxies alone.

import { hasTls } from "../../stacks/edge";
import { proxyAddresses } from "../../stacks/proxies/list";
import type { SiteArgs } from "../site";

/** What stands behind the address that nginx listens on. */
export function proxied({ proxyProtocol }: { proxyProtocol?: boolean | undefined }): string {
  return proxyProtocol === true ? " proxy_protocol" : "";
}

/** The lines for the server blocks: where a visitor's address is to be found. */
export function visitorLines({ settings, proxyProtocol }: SiteArgs): string[] {
  const proxies = proxyAddresses(settings);
  if (proxies.length === 0) return [];
  return [
    ...proxies.map((address) => `set_real_ip_from ${address};`),
    ...(proxyProtocol === true
      ? ["real_ip_header proxy_protocol;"]
      : ["real_ip_header X-Forwarded-For;", "real_ip_recursive on;"]),
  ];
}

/**
 * The values of the template for the scheme that the visitor came by.
 *
 * A proxy that speaks the PROXY protocol may hand on headers as visitors write them. It says which port the visitor came to,
 * so a header counts only where that is neither the port of http nor that of https.
 */
export function schemeValues({ settings, proxyProtocol }: SiteArgs) {
  const proxies = proxyAddresses(settings);
  return {
    // A site with an https URL has a proxy in front of it that terminates TLS.
    trustsAll:
      proxies.length === 0 && !hasTls(settings) && settings.url?.startsWith("https:") ? 1 : 0,
    trusted: proxies.map((address) => `${address} 1;`),
    port: proxyProtocol === true ? " $proxy_protocol_server_port" : "",
    schemes:
      proxyProtocol === true
        ? [
            '"~^1 443 " https;',
            '"~^1 80 " http;',
            '"~^1 [0-9]* https$" https;',
            '"~^1 [0-9]* http$" http;',
          ]
        : ['"1 https" https;', '"1 http" http;'],
  };
}
