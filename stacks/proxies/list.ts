import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SiteSettings } from "../schema";

/** A list of proxies, kept as data beside this file. */
export interface ProxyList {
  what: string;
  /** Where it comes from. */
  source: string;
  /** The day when it was that. */
  date: string;
  addresses: string[];
}

/** The file of a list. */
export function listFile(name: string): string {
  return join(__dirname, `${name}.json`);
}

export function readList(file: string): ProxyList {
  return JSON.parse(readFileSync(file, "utf8")) as ProxyList;
}

let cloudflare: string[] | undefined;

/** The addresses of a site's proxies, with those of the lists that it names. */
export function proxyAddresses({ trustedProxies }: Pick<SiteSettings, "trustedProxies">): string[] {
  const all = trustedProxies.flatMap((each) =>
    // Read once: each site asks twice.
    each === "cloudflare" ? (cloudflare ??= readList(listFile(each)).addresses) : each,
  );
  return [...new Set(all)];
}
