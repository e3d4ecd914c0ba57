import { copyCheckout } from "../testing/checkout";
import type { Host } from "../testing/host";
import { firstPush } from "./support/first-push";
import { compareSizes, onOneServer, onServers, type Size } from "./support/growth";
import { type Contestant, interleave, seconds } from "./support/interleave";
import { lineChart } from "./support/line-chart";
import type { Options } from "./support/options";
import { progress } from "./support/progress";
import { type Table, write } from "./support/report";
import { secondsTable, shownSeconds } from "./support/seconds-table";
import { AptStore, freshServer } from "./support/server";
import { installTools, versions } from "./support/tools";
import { Ansible, pulumi, Pyinfra, stackFor } from "./support/ways";

/** Sites on one server; the first is what all stacks are compared with. */
const siteCounts = [1, 20, 50];
/** Servers with a site on each, each number in a stack of its own. */
const serverCounts = [5, 10];

/** The cost of finding that there is nothing to do, compared with Ansible and pyinfra, and how it grows. */
export async function preview(options: Options): Promise<void> {
  const tools = await installTools();
  const checkout = await copyCheckout();
  const store = await AptStore.fill();
  const beside = await besideOthers(tools, checkout, store, options.runs);

  const { sites, servers } = await growth(checkout, store, options.runs);

  await write(
    {
      name: "preview",
      title: "A preview, and an up with nothing to do",
      about: [
        "What it costs to find that a server is as it should be. Three servers made from the same image were set up with the same work, as in [setup](setup.md): one by `pulumi up`, one by the Ansible playbook (pipelining on, no facts gathered), one by the pyinfra deploy; then the example application was pushed to each. Nothing is to be done, which each run has to say, or it does not count.",
        "A preview asks the server what was changed by hand there (drift), as Ansible's check mode and pyinfra's dry run do. `pulumi up` makes a preview first, so it asks twice; `--skip-preview` leaves that out.",
      ],
      tables: [
        {
          heading: "Nothing to do on one server",
          table: withConnections(secondsTable(beside.measured, ["Ansible", "pyinfra"]), beside),
        },
        {
          heading: "More servers, a site on each",
          table: growthTable("servers", servers),
        },
        {
          heading: "More sites on one server, an account for each",
          table: growthTable("sites", sites),
          notes: [
            "Sites and servers were measured in turn, each stack with servers of its own, and `times one` is the median of the ratios of one round. Connections are those of one preview, to all servers together. Servers are asked at the same time; here all of them share the processors of the machine that the preview runs on. CPU of the servers is their own work, all together, which elsewhere they do on processors of their own; CPU of Pulumi is what the preview takes on the operator's machine.",
            "The bare program is the least that can be had of Pulumi with as many resources on the same servers: it logs in to each server once, runs `true` there, and declares as many components with a command each (`bench/bare-program`). It was measured in the same rounds.",
          ],
        },
        {
          heading: "The first up of so many sites on one server",
          table: setUpTable(sites),
          notes: [
            "Once for each size, with `--skip-preview`. CPU is that of the server and of Pulumi together.",
          ],
        },
      ],
      versions: Object.entries(versions).map(([name, version]) => `${name} ${version}`),
      chart: {
        svg: lineChart([
          { title: "Servers", across: "servers, a site on each", unit: "s", lines: lines(servers) },
          { title: "Sites", across: "sites on one server", unit: "s", lines: lines(sites) },
        ]),
        alt: "Seconds of a preview with nothing to do, over the number of servers and of sites",
      },
    },
    options,
  );
}

/** How a preview grows with the sites on a server, and with servers; one of each comes first in both. */
export async function growth(
  checkout: string,
  store: AptStore,
  runs: number,
): Promise<{ sites: Size[]; servers: Size[] }> {
  progress("making the servers of stacks that grow");
  const fresh = (count: number) =>
    Promise.all(Array.from({ length: count }, () => freshServer(store)));
  const hosts = await fresh(siteCounts.length);
  const groups: Host[][] = [];
  for (const count of serverCounts) groups.push(await fresh(count));
  const stacks = [
    ...hosts.map((host, index) => {
      const count = siteCounts[index] ?? 0;
      return { count, hosts: [host], file: onOneServer(host, count) };
    }),
    ...groups.map((group) => ({ count: group.length, hosts: group, file: onServers(group) })),
  ];
  const sizes = await compareSizes(checkout, stacks, runs);
  for (const host of [...hosts, ...groups.flat()]) await host.remove();
  return {
    sites: sizes.slice(0, siteCounts.length),
    servers: [...sizes.slice(0, 1), ...sizes.slice(siteCounts.length)],
  };
}

interface Beside {
  measured: Map<string, number[]>;
  /** SSH connections of one run, by name. */
  connections: Map<string, number>;
}

async function besideOthers(
  tools: string,
  checkout: string,
  store: AptStore,
  runs: number,
): Promise<Beside> {
  progress("setting up a server in each way");
  const own = await freshServer(store);
  const stack = await stackFor(own, checkout);
  await pulumi(stack, "up", "--yes", "--skip-preview");
  const ansible = new Ansible(tools, await freshServer(store));
  await ansible.play();
  const pyinfra = new Pyinfra(tools, await freshServer(store));
  await pyinfra.deploy("-y");
  for (const host of [own, ansible.host, pyinfra.host]) await firstPush(host);

  const asked = new Map<string, number>();
  const contestant = (name: string, host: Host, run: () => Promise<unknown>): Contestant => ({
    name,
    measure: async () => {
      const before = await host.connections();
      const took = await seconds(run);
      asked.set(name, (await host.connections()) - before);
      return took;
    },
  });
  const unchanged = "--expect-no-changes";
  const measured = await interleave(
    [
      contestant("Greenpush: `pulumi preview`", own, () => pulumi(stack, "preview", unchanged)),
      contestant("Greenpush: `pulumi up`", own, () => pulumi(stack, "up", "--yes", unchanged)),
      contestant("Greenpush: `pulumi up --skip-preview`", own, () =>
        pulumi(stack, "up", "--yes", "--skip-preview", unchanged),
      ),
      contestant("Ansible", ansible.host, async () => nothingChanged(await ansible.play())),
      contestant("Ansible, check mode", ansible.host, async () =>
        nothingChanged(await ansible.play("--check")),
      ),
      contestant("pyinfra", pyinfra.host, () => pyinfra.deploy("-y")),
      contestant("pyinfra, dry run", pyinfra.host, () => pyinfra.deploy("--dry")),
    ],
    runs,
  );
  await pulumi(stack, "stack", "rm", "--force", "--yes");
  for (const host of [own, ansible.host, pyinfra.host]) await host.remove();
  return { measured, connections: asked };
}

/** @throws Error if a run of Ansible changed something */
function nothingChanged(printed: string): void {
  if (!/changed=0 .*unreachable=0 .*failed=0 /.test(printed))
    throw new Error(`Ansible found something to do:\n${printed}`);
}

function withConnections([head = [], ...rows]: Table, { connections: asked }: Beside): Table {
  return [
    [...head, "SSH connections"],
    ...rows.map(([name = "", ...cells]) => [name, ...cells, String(asked.get(name))]),
  ];
}

function growthTable(what: string, sizes: Size[]): Table {
  const head = [what, "resources", "state, kB", "SSH connections", "preview", "min", "max"];
  return [
    [...head, "times one", "bare program", "times one", "CPU of the servers", "CPU of Pulumi"],
    ...sizes.map((size) => {
      const {
        count,
        resources,
        state,
        connections: asked,
        preview: shown,
        times,
        bare,
        cpu,
      } = size;
      return [
        String(count),
        String(resources),
        String(Math.round(state / 1000)),
        String(asked),
        ...[shown.median, shown.min, shown.max].map(shownSeconds),
        times.toFixed(2),
        shownSeconds(bare.preview.median),
        bare.times.toFixed(2),
        ...[cpu.servers, cpu.here].map(shownSeconds),
      ];
    }),
  ];
}

/** The first `up` of each size: what each further site costs stays the same where the whole is linear. */
function setUpTable(sizes: Size[]): Table {
  return [
    ["sites", "first up", "for each further site", "CPU", "for each further site"],
    ...sizes.map(({ count, setUp }, index) => {
      const before = sizes[index - 1];
      const each = (what: keyof Size["setUp"]) =>
        before === undefined
          ? ""
          : shownSeconds((setUp[what] - before.setUp[what]) / (count - before.count));
      const { took, cpu } = setUp;
      return [String(count), shownSeconds(took), each("took"), shownSeconds(cpu), each("cpu")];
    }),
  ];
}

function lines(sizes: Size[]) {
  const line = (name: string, of: (size: Size) => Size["preview"]) => ({
    name,
    points: sizes.map((size) => ({ x: size.count, y: of(size).median })),
  });
  return [
    line("preview", ({ preview: shown }) => shown),
    line("a bare program", ({ bare }) => bare.preview),
  ];
}
