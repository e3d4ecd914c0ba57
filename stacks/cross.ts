import { homeOf } from "./accounts";
import type { Path } from "./position";
import { shown } from "./printable";
import type { SiteSettings, StackSettings } from "./schema";

/** What is wrong with a setting. */
export interface StackFinding {
  path: Path;
  message: string;
}

/** What the schema can't check: whether one part of the file fits another. */
export function crossFindings(stack: StackSettings): StackFinding[] {
  const servers = Object.keys(stack.servers);
  const neighbours = new Map<string, Neighbour[]>();
  return Object.entries(stack.sites).flatMap(([name, settings]) => {
    const server = settings.server ?? (servers.length === 1 ? servers[0] : undefined);
    if (server === undefined) {
      const known = servers.join(", ") || "those under servers, of which there is none";
      return [{ path: ["sites", name], message: `needs \`server\`, one of ${known}` }];
    }
    if (!servers.includes(server)) {
      const message = `is ${shown(server)}, allowed: ${servers.join(", ")}`;
      return [{ path: ["sites", name, "server"], message }];
    }
    const site = { name, settings };
    const before = neighbours.get(server) ?? [];
    neighbours.set(server, [...before, site]);
    return [
      ...lengthFindings(site),
      ...before.flatMap((other) => placeFindings(site, other)),
      ...nameFindings(site, before),
      ...secretFindings(site),
      ...keyFindings(site),
      ...applicationFindings(site),
    ];
  });
}

/** A site, among others of its server. */
interface Neighbour {
  name: string;
  settings: SiteSettings;
}

/** The kernel allows 107 characters for a socket's path; /releases/NUMBER/var/socket leaves this many. */
const mostOfFolder = 80;

function lengthFindings({ name, settings }: Neighbour): StackFinding[] {
  const folder = `${homeOf(settings)}/${settings.directory}`;
  if (folder.length <= mostOfFolder) return [];
  const message = `${shown(folder)} is ${folder.length} characters long; ${mostOfFolder} fit, because a release's socket lies in it`;
  const setting = settings.directory.length > mostOfFolder / 2 ? "directory" : "home";
  return [{ path: ["sites", name, setting], message }];
}

/** Sites of one account share its home; any other two share no folder. */
function placeFindings(site: Neighbour, other: Neighbour): StackFinding[] {
  const path = ["sites", site.name];
  const { user, directory } = site.settings;
  const [home, otherHome] = [homeOf(site.settings), homeOf(other.settings)];
  if (user === other.settings.user) {
    if (home !== otherHome) {
      const message = `is ${home}, but ${otherHome} in sites.${other.name}: the account ${user} has one home`;
      return [{ path: [...path, "home"], message }];
    }
    if (directory !== other.settings.directory) return [];
    const message = `stands in the folder of ${other.name}: give one of them another \`user\` or \`directory\``;
    return [{ path, message }];
  }
  if (!`${home}/`.startsWith(`${otherHome}/`) && !`${otherHome}/`.startsWith(`${home}/`)) return [];
  const message = `the home of ${user}, ${home}, and that of ${other.settings.user} (sites.${other.name}), ${otherHome}, are not apart: give each account a home of its own, or the sites one account and another \`directory\``;
  return [{ path, message }];
}

function nameFindings({ name, settings }: Neighbour, before: Neighbour[]): StackFinding[] {
  const taken = new Map(
    before.flatMap((other) =>
      other.settings.serverNames.map((each) => [each.toLowerCase(), other.name] as const),
    ),
  );
  return settings.serverNames.flatMap((serverName) => {
    const owner = taken.get(serverName.toLowerCase());
    taken.set(serverName.toLowerCase(), name);
    if (owner === undefined) return [];
    const message = `${serverName} is a server name of ${owner} already`;
    return [{ path: ["sites", name, "serverNames"], message }];
  });
}

function secretFindings({ name, settings }: Neighbour): StackFinding[] {
  return settings.secrets
    .filter((secret) => Object.hasOwn(settings.environment, secret))
    .map((secret) => ({
      path: ["sites", name, "environment", secret],
      message: "is also one of `secrets`: say it in one place",
    }));
}

function applicationFindings({ name, settings }: Neighbour): StackFinding[] {
  if (settings.wsgi === undefined || settings.asgi === undefined) return [];
  const message = "stands beside `wsgi`: a site has one application, so take one of them out";
  return [{ path: ["sites", name, "asgi"], message }];
}

/** sshd uses the first line that has a key, so a second name or role of the same key would have no effect. */
function keyFindings({ name, settings }: Neighbour): StackFinding[] {
  const owners = new Map<string, string>();
  for (const line of settings.authorizedKeys ?? []) owners.set(keyIn(line), "`authorizedKeys`");
  return Object.entries(settings.pushers).flatMap(([pusher, { key }]) => {
    const owner = owners.get(keyIn(key));
    owners.set(keyIn(key), pusher);
    if (owner === undefined) return [];
    const message = `is the key of ${owner} already: a key is one person's`;
    return [{ path: ["sites", name, "pushers", pusher, "key"], message }];
  });
}

/** The key itself of a line, without its type, options and comment. */
function keyIn(line: string): string {
  return /(?:^| )(?:ssh-|ecdsa-|sk-)\S+ (\S+)/.exec(line)?.[1] ?? line;
}
