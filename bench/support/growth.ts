import type { Host } from "../../testing/host";
import { Stack } from "../../testing/stack";
import { interleave, seconds } from "./interleave";
import { progress } from "./progress";
import { serverName, siteSettings } from "../../testing/one-site";
import { type Summary, summarize } from "./statistics";
import { pulumi } from "./ways";

/** A stack of one size, and the servers that are its own. */
export interface Grown {
  /** The number of servers or sites. */
  count: number;
  hosts: Host[];
  /** What the stack file says. */
  file: unknown;
}

/** The cost of a stack of one size when there is nothing to do. */
export interface Size {
  count: number;
  resources: number;
  preview: Summary;
  /** The median, over the rounds, of a preview's time as a multiple of the first stack's in the same round. */
  times: number;
  /** Bytes of Pulumi's state. */
  state: number;
  /** SSH connections of a preview to all servers together. */
  connections: number;
}

/**
 * Measure previews that find nothing to do, of stacks of several sizes in turn. All of them exist at the same time: a ratio
 * is meaningless if the machine is busier for one than for another.
 *
 * @param stacks the one that the others are compared with first
 */
export async function compareSizes(
  checkout: string,
  stacks: Grown[],
  runs: number,
): Promise<Size[]> {
  progress("setting up the stacks that grow");
  const setUp = async ({ count, hosts, file }: Grown, index: number) => {
    const stack = new Stack(checkout);
    // Pulumi writes the whole state around each step, so many steps take long.
    stack.timeout = 40 * 60_000;
    stack.describe(file);
    await stack.create();
    await pulumi(stack, "up", "--yes", "--skip-preview");
    const before = await connectionsOf(hosts);
    const printed = await pulumi(stack, "preview", "--expect-no-changes");
    const connections = (await connectionsOf(hosts)) - before;
    const resources = Number(/(\d+) unchanged/.exec(printed)?.[1]);
    const state = Buffer.byteLength(await pulumi(stack, "stack", "export"));
    return { name: String(index), stack, count, resources, state, connections };
  };
  const made = await Promise.all(stacks.map(setUp));
  const measured = await interleave(
    made.map(({ name, stack }) => ({
      name,
      measure: () => seconds(() => pulumi(stack, "preview", "--expect-no-changes")),
    })),
    runs,
  );
  const [first = []] = measured.values();
  for (const { stack } of made) await pulumi(stack, "stack", "rm", "--force", "--yes");
  return made.map(({ name, count, resources, state, connections }) => {
    const took = measured.get(name) ?? [];
    const times = took.map((each, round) => each / (first[round] ?? 0));
    const shown = { preview: summarize(took), times: summarize(times).median };
    return { count, resources, state, connections, ...shown };
  });
}

async function connectionsOf(hosts: Host[]): Promise<number> {
  let sum = 0;
  for (const host of hosts) sum += await host.connections();
  return sum;
}

/** A stack file with these servers, and a site on each. */
export function onServers(hosts: Host[]) {
  const servers = hosts.map((host, index) => [`own-${index + 1}`, host.settings()] as const);
  const sites = servers.map(
    ([server], index) => [`codebase-${index + 1}`, { ...siteSettings, server }] as const,
  );
  return { servers: Object.fromEntries(servers), sites: Object.fromEntries(sites) };
}

/** A stack file with one server and so many sites on it, each with an account of its own. */
export function onOneServer(host: Host, count: number) {
  const sites = Array.from({ length: count }, (_, index) => {
    const own = { user: `deploy-${index + 1}`, serverNames: [`${index + 1}.${serverName}`] };
    return [`codebase-${index + 1}`, { ...siteSettings, ...own }] as const;
  });
  return { servers: { own: host.settings() }, sites: Object.fromEntries(sites) };
}
