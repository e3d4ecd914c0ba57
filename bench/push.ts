import { setTimeout as sleep } from "node:timers/promises";
import type { Application } from "../testing/application";
import { copyCheckout } from "../testing/checkout";
import { type Bars, barChart } from "./support/bar-chart";
import { elsewhere } from "./support/elsewhere";
import { type Felt, felt, pause, visitors } from "./support/felt";
import { firstPush } from "./support/first-push";
import { interleave } from "./support/interleave";
import type { Options } from "./support/options";
import { giveOwnDisk } from "./support/own-disk";
import { progress } from "./support/progress";
import { type Table, write } from "./support/report";
import { secondsTable } from "./support/seconds-table";
import { freshServer } from "./support/server";
import { runWell } from "../testing/run";
import { serverName } from "../testing/one-site";
import { summarize } from "./support/statistics";
import { classic, secondGunicorn, siteByHand } from "./support/site-by-hand";
import { pulumi, stackFor } from "./support/ways";

/** A site that is pushed to, and how to roll it back. */
interface Site {
  name: string;
  serverName: string;
  application: Application;
  rollBack: () => Promise<unknown>;
  /** The versions that it has shown; the last one is what it shows now. */
  versions: string[];
}

/** A change that both sites go through. */
interface Scenario {
  name: string;
  /** Seconds of watching a site without a change: longer than a change needs to settle. */
  quiet: number;
  /** Done once on each site, not measured. */
  prepare?: (site: Site) => Promise<void>;
  /** Done before each change, not measured. */
  before?: (site: Site, round: number) => Promise<void>;
  /** The change itself; the site shows the last of its versions then. */
  change: (site: Site) => Promise<unknown>;
}

const names = {
  greenpush: "Greenpush",
  classic: "the classic hook",
  least: "a second gunicorn, unchecked",
};
/** How long the application of the slow scenario takes to import. */
const importSeconds = 3;
/** Each round brings a release of Django that the sites have not had yet. */
const djangos = Array.from({ length: 18 }, (_, index) => `5.2.${index + 1}`);

const scenarios: Scenario[] = [
  { name: "requirements unchanged", quiet: 5, before: commit, change: pushTo },
  {
    name: "another Django",
    quiet: 12,
    before: (site, round) => {
      const django = djangos[round % djangos.length] ?? "";
      site.application.edit("requirements.pip", /^Django==.*$/im, `Django==${django}`);
      return commit(site);
    },
    change: pushTo,
  },
  {
    name: "rollback",
    quiet: 5,
    before: async (site) => {
      await pushNext(site);
      site.versions.pop();
    },
    change: async (site) => {
      await site.rollBack();
      await site.application.git("reset", "--quiet", "--hard", "HEAD^");
    },
  },
  {
    name: `import takes ${importSeconds} s`,
    quiet: 9,
    prepare: (site) => {
      const waiting = `import time\n\ntime.sleep(${importSeconds})\n`;
      site.application.edit("codebase/wsgi.py", /^/, waiting);
      return pushNext(site);
    },
    before: commit,
    change: pushTo,
  },
];

/**
 * What visitors feel of any work on this machine, to compare a push with: nothing is changed, but for some seconds Python
 * starts again and again with the lowest priority that the kernel has.
 */
const control: Scenario = {
  name: "no push, but work",
  quiet: 8,
  change: () => {
    const work = "python3 -c 'import asyncio, email.parser, http.server, json'";
    const loop = `end=$(($(date +%s) + 4)); while [ "$(date +%s)" -lt "$end" ]; do ${work}; done`;
    return runWell("env", [...elsewhere, "sh", "-c", loop]);
  },
};

/** Commit a version that shows itself. */
async function commit(site: Site): Promise<void> {
  const version = `v${site.versions.length + 1}.${Date.now()}`;
  await site.application.release(version);
  site.versions.push(version);
}

async function pushTo(site: Site): Promise<void> {
  const ended = await site.application.push();
  if (ended.status !== 0) throw new Error(`${site.name}: a push failed:\n${ended.output}`);
}

async function pushNext(site: Site): Promise<void> {
  await commit(site);
  await pushTo(site);
  await rest();
}

/** Time for old processes to end and for old releases to be removed, before anything is measured. */
const rest = () => sleep(3_000);

/** What a push costs and what visitors feel of it, compared with hooks on the same server. */
export async function push(options: Options): Promise<void> {
  const host = await freshServer();
  await giveOwnDisk(host);
  const stack = await stackFor(host, await copyCheckout());
  progress("setting up both sites");
  await pulumi(stack, "up", "--yes", "--skip-preview");
  const own = await firstPush(host);
  await host.sh("apt-get install -qq curl >/dev/null");
  const byHand = [
    { name: names.classic, way: classic },
    { name: names.least, way: secondGunicorn },
  ];
  const login = ["ssh", ...host.sshOptions, `deploy@${host.address.host}`];
  const sites: Site[] = [
    {
      name: names.greenpush,
      serverName,
      application: own,
      rollBack: () => runWell("env", [...elsewhere, ...login, "www/deploy rollback"]),
      versions: ["v1"],
    },
  ];
  for (const { name, way } of byHand) {
    const application = await siteByHand(host, way);
    const rollBack = () => application.push("+HEAD^:main");
    sites.push({ name, serverName: way.name, application, rollBack, versions: ["v1"] });
  }
  for (const { application } of sites) application.pushedBy = elsewhere;

  const results: Result[] = [];
  for (const scenario of [...scenarios, control]) {
    progress(scenario.name);
    for (const site of sites) await scenario.prepare?.(site);
    const all = new Map<string, Felt[]>(sites.map(({ name }) => [name, []]));
    const contestants = sites.map((site) => ({
      name: site.name,
      measure: async (round: number) => {
        await scenario.before?.(site, round);
        const wanted = site.versions.at(-1) ?? "";
        const change = () => scenario.change(site);
        const measured = await felt(host, site.serverName, wanted, scenario.quiet, change);
        all.get(site.name)?.push(measured);
        await rest();
        return measured.allNew;
      },
    }));
    await interleave(contestants, options.runs);
    results.push({ scenario: scenario.name, felt: all });
  }
  await write(report(results), options);
}

/** What visitors felt of a scenario's changes, by site. */
interface Result {
  scenario: string;
  felt: Map<string, Felt[]>;
}

function report(results: Result[]) {
  const changes = results.filter(({ scenario }) => scenario !== control.name);
  return {
    name: "push",
    title: "What a push costs, and what visitors feel of it",
    about: [
      `One test server has the example application three times: as Greenpush's \`pulumi up\` sets it up, and twice by hand (\`bench/support/site-by-hand.ts\`), with one folder and one virtualenv. The classic hook resets the tree and runs the example's \`deploy.sh\` (\`pip install -r requirements.pip\`, \`kill -HUP\`), as Greenpush does too. Greenpush also checks the project, its migrations, the boot and the health path before it lets a version in. All are behind the same nginx, with two workers of gunicorn each.`,
      "The third is the least that can be had without an outage: a hook that resets the tree, starts a second gunicorn, waits for its first answer, and lets nginx ask that one. It checks nothing. What it takes are git, ssh, and the start of the application.",
      `${visitors} visitors on the loopback ask for the index page, each ${pause} ms after the answer before. Until all is new: from the start of \`git push\` to the answer from which on every one is of the new version. Slowest is the slowest request until two seconds after that, beside the slowest of as many seconds just before the push.`,
      "Who pushes or rolls back does so from the same machine; their git and ssh get what all else leaves over, as if they ran on another one.",
      "The server's /home is a disk of its own, ext4 with a journal (`bench/support/own-disk.ts`), for the file system that a container shares with its machine may be unlike any server's.",
      "A rollback is `www/deploy rollback`, and with the hooks a forced push of the revision before.",
      `What visitors feel of a push is to be seen beside what they feel of any work on a machine of so few processors: in "${control.name}" nothing is changed, but for four seconds Python is started again and again with what all else leaves over, the least that the kernel can give.`,
    ],
    tables: [
      ...changes.map(({ scenario, felt }) => ({
        heading: `Seconds until all is new: ${scenario}`,
        table: secondsTable(
          each(felt, ({ allNew }) => allNew),
          [names.classic],
        ),
      })),
      { heading: "The slowest request, and failed ones", table: feltTable(results) },
    ],
    versions: [],
    chart: {
      svg: chart(results, changes),
      alt: "Seconds until all is new, and the slowest request",
    },
  };
}

function each(felt: Map<string, Felt[]>, what: (one: Felt) => number): Map<string, number[]> {
  return new Map([...felt].map(([name, all]) => [name, all.map(what)]));
}

function feltTable(results: Result[]): Table {
  return [
    ["", "", "before a push", "during a push", "times before", "worst", "requests", "failed"],
    ...results.flatMap(({ scenario, felt }) =>
      [...felt].map(([name, all]) => {
        const before = summarize(all.map(({ slowestBefore }) => slowestBefore));
        const during = summarize(all.map(({ slowestDuring }) => slowestDuring));
        const sum = (what: (one: Felt) => number) =>
          String(all.reduce((total, one) => total + what(one), 0));
        return [
          scenario,
          name,
          shownMilliseconds(before.median),
          shownMilliseconds(during.median),
          (during.median / before.median).toFixed(2),
          shownMilliseconds(during.max),
          sum(({ requests }) => requests),
          sum(({ failed }) => failed),
        ];
      }),
    ),
  ];
}

function shownMilliseconds(seconds: number): string {
  return `${Math.round(seconds * 1000)} ms`;
}

function chart(results: Result[], changes: Result[]): string {
  const bars = (of: Result[], what: (one: Felt) => number): Bars["groups"] =>
    of.map(({ scenario, felt }) => ({
      name: scenario,
      bars: [...each(felt, what)].map(([name, values]) => ({ name, ...summarize(values) })),
    }));
  return barChart([
    { title: "Seconds until all is new", unit: "s", groups: bars(changes, ({ allNew }) => allNew) },
    {
      title: "Seconds of the slowest request during the change",
      unit: "s",
      groups: bars(results, ({ slowestDuring }) => slowestDuring),
    },
  ]);
}
