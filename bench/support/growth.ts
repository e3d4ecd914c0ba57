import type { Host } from "../../testing/host";
import { Stack } from "../../testing/stack";
import { bareStack } from "./bare-program";
import { withCpu } from "./cpu";
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
  /** A preview of a program that declares as many resources and does nothing else (bench/bare-program), and its `times`. */
  bare: { preview: Summary; times: number };
  /** Bytes of Pulumi's state. */
  state: number;
  /** SSH connections of a preview to all servers together. */
  connections: number;
  /** The first `up`: its seconds, and the CPU seconds of servers and Pulumi together. */
  setUp: { took: number; cpu: number };
  /** The median of the CPU seconds of a preview: the servers' together, and those of Pulumi on this machine. */
  cpu: { servers: number; here: number };
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
  const made: Made[] = [];
  // One after the other, for each is measured.
  for (const [index, grown] of stacks.entries())
    made.push(await madeOf(checkout, grown, String(index)));
  const measured = await interleave(
    made.flatMap(({ name, stack, bare, hosts, cpu }) => [
      {
        name,
        measure: async () => {
          const used = await withCpu(hosts, () => pulumi(stack, "preview", "--expect-no-changes"));
          cpu.servers.push(used.servers);
          cpu.here.push(used.here);
          return used.took;
        },
      },
      {
        name: `${name}, bare`,
        measure: () => seconds(() => pulumi(bare, "preview", "--expect-no-changes")),
      },
    ]),
    runs,
  );
  for (const { stack, bare } of made)
    for (const each of [stack, bare]) await pulumi(each, "stack", "rm", "--force", "--yes");
  const [first = [], firstBare = []] = measured.values();
  return made.map(({ name, cpu, ...size }) => {
    const took = measured.get(name) ?? [];
    const tookBare = measured.get(`${name}, bare`) ?? [];
    return {
      ...size,
      preview: summarize(took),
      times: multiple(took, first),
      bare: { preview: summarize(tookBare), times: multiple(tookBare, firstBare) },
      cpu: { servers: summarize(cpu.servers).median, here: summarize(cpu.here).median },
    };
  });
}

/** The median, over the rounds, of one as a multiple of the other. */
function multiple(took: number[], first: number[]): number {
  return summarize(took.map((each, round) => each / (first[round] ?? 0))).median;
}

/** A stack that was set up, and what is known of it before previews are measured. */
interface Made extends Pick<Size, "count" | "resources" | "state" | "connections" | "setUp"> {
  name: string;
  stack: Stack;
  bare: Stack;
  hosts: Host[];
  cpu: { servers: number[]; here: number[] };
}

async function madeOf(checkout: string, grown: Grown, name: string): Promise<Made> {
  const { count, hosts, file } = grown;
  const stack = new Stack(checkout);
  stack.keepLogs();
  stack.timeout = 15 * 60_000;
  stack.describe(file);
  await stack.create();
  const up = await withCpu(hosts, () => pulumi(stack, "up", "--yes", "--skip-preview"));
  progress(`set up ${count} on ${hosts.length} servers: ${up.took.toFixed(1)}`);
  const before = await connectionsOf(hosts);
  const printed = await pulumi(stack, "preview", "--expect-no-changes");
  const connections = (await connectionsOf(hosts)) - before;
  const resources = Number(/(\d+) unchanged/.exec(printed)?.[1]);
  const state = Buffer.byteLength(await pulumi(stack, "stack", "export"));
  const setUp = { took: up.took, cpu: up.servers + up.here };
  const cpu = { servers: [], here: [] };
  const bare = await bareStack(checkout, hosts, resources);
  return { name, stack, bare, count, hosts, resources, state, connections, setUp, cpu };
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
