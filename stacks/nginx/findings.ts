import type { StackFinding } from "../cross";
import { locationOf, written } from "./location";
import { unfinished } from "./statements";
import type { SiteSettings } from "../schema";

/**
 * What of a site's settings does not fit together in how nginx answers visitors.
 *
 * @param proxyProtocol whether its server has the PROXY protocol
 */
export function nginxFindings(
  site: string,
  settings: SiteSettings,
  proxyProtocol: boolean,
): StackFinding[] {
  const findings: StackFinding[] = [];
  const find = (setting: string[], message: string) =>
    findings.push({ path: ["sites", site, ...setting], message });
  const { trustedProxies, nginx } = settings;
  if (proxyProtocol && trustedProxies.length === 0)
    find(
      ["trustedProxies"],
      "is missing: its server has `proxyProtocol`, so write the addresses of the proxies whose word counts",
    );
  const trouble = unfinished(nginx.httpExtra);
  if (trouble !== undefined) find(["nginx", "httpExtra"], trouble);
  const taken = new Map<string, string>();
  for (const [match, lines] of Object.entries(nginx.locations)) {
    const message = placeTrouble(match, settings, taken) ?? unfinished(lines);
    if (message !== undefined) find(["nginx", "locations", match], message);
  }
  return findings;
}

/** Why nginx can't have a location there; undefined if it can. `taken`: those before it. */
function placeTrouble(
  match: string,
  { media }: SiteSettings,
  taken: Map<string, string>,
): string | undefined {
  const location = locationOf(match);
  if (location === undefined) return undefined;
  const isPrefix = ["", "^~"].includes(location.modifier);
  // nginx has one location for a path, with ^~ or without.
  const place = written(isPrefix ? { ...location, modifier: "" } : location);
  const before = taken.get(place);
  taken.set(place, match);
  if (before !== undefined) return `is the same location as ${before}`;
  if (!isPrefix) return undefined;
  const { path, modifier } = location;
  if (path === "/" && modifier !== "") return "has to be written as `/`";
  if (path === "/media/" && media)
    return "is where nginx serves uploads: set the site's `media` to false, or write a longer path";
  const own = ["/protected-media/", "/greenpush-", "/.well-known/acme-challenge/"];
  return own.some((each) => path.startsWith(each)) ? "is an address of Greenpush's own" : undefined;
}
