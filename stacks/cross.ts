import { homeOf } from "./accounts";
import { edgeFindings } from "./edge";
import { nginxFindings } from "./nginx/findings";
import type { Path } from "./position";
import { shown } from "./printable";
import { servingFindings } from "./serving";
import { References } from "./references";
import type { SiteSettings, StackSettings } from "./schema";
import { mostOfOne } from "./variables";

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
      ...referenceFindings(site),
      ...fileFindings(site),
      ...keyFindings(site),
      ...servingFindings(name, settings),
      ...edgeFindings(name, settings),
      ...nginxFindings(name, settings, stack.servers[server]?.proxyProtocol === true),
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
      [...other.settings.serverNames, ...other.settings.aliases].map(
        (each) => [each.toLowerCase(), other.name] as const,
      ),
    ),
  );
  return (["serverNames", "aliases"] as const).flatMap((setting) =>
    settings[setting].flatMap((serverName) => {
      const owner = taken.get(serverName.toLowerCase());
      taken.set(serverName.toLowerCase(), name);
      if (owner === undefined) return [];
      const message = `${serverName} is a server name of ${owner} already`;
      return [{ path: ["sites", name, setting], message }];
    }),
  );
}

function secretFindings({ name, settings }: Neighbour): StackFinding[] {
  const { environment, secrets, generated } = settings;
  const twice = (setting: string, names: string[], other: string): StackFinding[] =>
    names.map((variable) => ({
      path: ["sites", name, setting, variable],
      message: `is also one of \`${other}\`: say it in one place`,
    }));
  const inEnvironment = (variable: string) => Object.hasOwn(environment, variable);
  return [
    ...twice("environment", secrets.filter(inEnvironment), "secrets"),
    ...twice("environment", generated.filter(inEnvironment), "generated"),
    ...twice(
      "generated",
      generated.filter((variable) => secrets.includes(variable)),
      "secrets",
    ),
  ];
}

/** What a value of the environment names by `${NAME}`. */
function referenceFindings({ name, settings }: Neighbour): StackFinding[] {
  const references = new References(settings);
  const inCircles = new Set<string>();
  return Object.entries(settings.environment).flatMap(([variable, value]) => {
    const path = ["sites", name, "environment", variable];
    const [trouble] = references.troubles(value);
    if (trouble !== undefined) return [{ path, message: trouble.message }];
    if (inCircles.has(variable)) return [];
    const circle = references.circleOf(variable);
    if (circle !== undefined) {
      for (const each of circle) inCircles.add(each);
      return [{ path, message: `names itself in a circle: ${circle.join(" -> ")}` }];
    }
    if (inCircles.size === 0 && references.isTooLong(value)) {
      const message = `is, with what it names, longer than the ${mostOfOne} bytes that fit into an environment`;
      return [{ path, message }];
    }
    return [];
  });
}

/** A file of the stack has a place of its own in the tree. */
function fileFindings({ name, settings }: Neighbour): StackFinding[] {
  const places = Object.keys(settings.files);
  const lies = (inner: string, outer: string) =>
    `${inner}/`.startsWith(`${outer.replace(/\/+$/, "")}/`);
  return places.flatMap((place) => {
    const path = ["sites", name, "files", place];
    const shared = settings.shared.find((each) => lies(place, each));
    if (shared !== undefined) {
      const message = `lies in ${shown(shared)} of \`shared\`, which outlives a release and is not laid in again`;
      return [{ path, message }];
    }
    const outer = places.find((each) => each !== place && lies(place, each));
    if (outer === undefined) return [];
    return [{ path, message: `lies below ${shown(outer)}, which is a file of \`files\` too` }];
  });
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
