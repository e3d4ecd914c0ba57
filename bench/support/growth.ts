import type { Host } from "../../testing/host";
import { Stack } from "../../testing/stack";
import { interleave, seconds } from "./interleave";
import { progress } from "./progress";
import { serverName, siteSettings } from "../../testing/one-site";
import { type Summary, summarize } from "./statistics";
import { pulumi } from "./ways";

/** What a stack of one size costs when there is nothing to do. */
export interface Size {
  /** How many there are of what grows. */
  count: number;
  resources: number;
  preview: Summary;
  up: Summary;
  /** Bytes of Pulumi's state. */
  state: number;
  /** SSH connections of a preview to all servers together. */
  connections: number;
}

/**
 * Let a stack grow, and measure at each size a preview and an `up` that find nothing to do.
 *
 * @param counts from few to many
 * @param describe what the stack file says with so many
 */
export async function grow(
  checkout: string,
  hosts: Host[],
  counts: number[],
  describe: (count: number) => unknown,
  runs: number,
): Promise<Size[]> {
  const stack = new Stack(checkout);
  stack.describe(describe(counts[0] ?? 0));
  await stack.create();
  const sizes: Size[] = [];
  // Pulumi writes the whole state down around each step, so that many take long.
  stack.timeout = 40 * 60_000;
  for (const count of counts) {
    progress(`setting up ${count}`);
    stack.describe(describe(count));
    await pulumi(stack, "up", "--yes", "--skip-preview");
    const before = await connectionsOf(hosts);
    const printed = await pulumi(stack, "preview", "--expect-no-changes");
    const measured = await interleave(
      [
        {
          name: "preview",
          measure: () => seconds(() => pulumi(stack, "preview", "--expect-no-changes")),
        },
        {
          name: "up",
          measure: () => seconds(() => pulumi(stack, "up", "--yes", "--expect-no-changes")),
        },
      ],
      runs,
    );
    // Each of the two runs of an `up`'s program asks the servers, and so does a preview's.
    const asked = ((await connectionsOf(hosts)) - before) / (1 + runs * 3);
    sizes.push({
      count,
      resources: Number(/(\d+) unchanged/.exec(printed)?.[1]),
      preview: summarize(measured.get("preview") ?? []),
      up: summarize(measured.get("up") ?? []),
      state: Buffer.byteLength(await pulumi(stack, "stack", "export")),
      connections: asked,
    });
  }
  await pulumi(stack, "stack", "rm", "--force", "--yes");
  return sizes;
}

async function connectionsOf(hosts: Host[]): Promise<number> {
  let sum = 0;
  for (const host of hosts) sum += await host.connections();
  return sum;
}

/** A stack file with so many of the servers, and a site on each. */
export function onServers(hosts: Host[], count: number) {
  const servers = hosts
    .slice(0, count)
    .map((host, index) => [`own-${index + 1}`, host.settings()] as const);
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
