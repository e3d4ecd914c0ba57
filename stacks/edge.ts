import type { StackFinding } from "./cross";
import type { SiteSettings } from "./schema";
import type { AcmeSettings } from "./settings/tls";

/** A line of nginx that serves HTTPS. */
const ownHttps = /^\s*(ssl_certificate|listen\s+\S*\b443)\b/;

/** The names that a site's certificate has to have, as certificates have them. */
export function certificateNames({ serverNames, aliases }: SiteSettings): string[] {
  const names = [...serverNames, ...aliases].flatMap((name) =>
    name.startsWith(".") ? [name.slice(1), `*${name}`] : [name],
  );
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

/** The secrets that nginx and certbot need for a site, each with the setting that names it. */
export function edgeSecrets({ tls, access }: SiteSettings): [setting: string, name: string][] {
  const lock: [string, string][] =
    access?.htpasswd === undefined ? [] : [["access.htpasswd", access.htpasswd]];
  if (typeof tls !== "object") return lock;
  if ("key" in tls) return [...lock, ["tls.key", tls.key]];
  const { dns, eab } = tls.acme;
  const account: [string, string][] = eab ? [["tls.acme.eab.hmacKey", eab.hmacKey]] : [];
  const records = (dns?.secrets ?? []).map((name): [string, string] => [
    "tls.acme.dns.secrets",
    name,
  ]);
  return [...lock, ...account, ...records];
}

/** What certbot needs for a site; undefined if no authority gives its certificate. */
export function acmeOf({ tls }: SiteSettings): AcmeSettings | undefined {
  return typeof tls === "object" && "acme" in tls ? tls.acme : undefined;
}

/** Whether nginx serves HTTPS for a site. */
export function hasTls({ tls }: SiteSettings): boolean {
  return tls !== undefined && tls !== "off";
}

/** Whether lines of the site's own make nginx serve HTTPS. */
export function servesHttpsItself({ nginx }: SiteSettings): boolean {
  return nginx.extra.some((line) => ownHttps.test(line));
}

/** Whether a site has a certificate that browsers trust: then visitors are led to https. */
export function leadsToHttps({ tls }: SiteSettings): boolean {
  return typeof tls === "object";
}

/** What of a site's settings does not fit together at its edge. */
export function edgeFindings(site: string, settings: SiteSettings): StackFinding[] {
  const { url, nginx, aliases, serverNames } = settings;
  const findings: StackFinding[] = [];
  const find = (setting: (string | number)[], message: string) =>
    findings.push({ path: ["sites", site, ...setting], message });
  const [first = ""] = serverNames;
  if (aliases.length > 0 && /^[*.]|\*$/.test(first))
    find(
      ["aliases"],
      `are redirected to the first of serverNames, and ${first} is no name to go to`,
    );
  if (!hasTls(settings)) return findings;
  const own = nginx.extra.find((line) => ownHttps.test(line));
  if (own !== undefined)
    find(["tls"], `and nginx.extra (${own.trim()}) both serve HTTPS: leave out one of them`);
  if (leadsToHttps(settings) && url?.startsWith("http:") === true)
    find(["url"], `is ${url}, and tls leads visitors to https: write https, or leave it out`);
  const acme = acmeOf(settings);
  if (acme === undefined) return findings;
  for (const name of certificateNames(settings)) {
    if (name.startsWith("*.") && acme.dns === undefined)
      find(
        ["tls", "acme"],
        `a certificate for ${name} needs tls.acme.dns, which makes records of DNS`,
      );
    if (name.endsWith(".*") || /^\[|^[\d.]+$/.test(name))
      find(
        ["tls", "acme"],
        `no authority gives a certificate for ${name}: name hosts in full, or use a certificate of files`,
      );
  }
  return findings;
}
