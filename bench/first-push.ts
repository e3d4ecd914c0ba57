import { readFileSync } from "node:fs";
import { join } from "node:path";
import { copyCheckout } from "../testing/checkout";
import { Host } from "../testing/host";
import { Stack } from "../testing/stack";
import { ByHand } from "./support/by-hand";
import { ContainerBuild } from "./support/container-build";
import { interleave, seconds } from "./support/interleave";
import {
  accountOf,
  cloneOf,
  newApplications,
  type NewApplication,
  sitesOf,
} from "./support/new-applications";
import type { Options } from "./support/options";
import { giveOwnDisk } from "./support/own-disk";
import { progress } from "./support/progress";
import { type Table, write } from "./support/report";
import { secondsTable, shownSeconds } from "./support/seconds-table";
import { summarize } from "./support/statistics";
import { pulumi } from "./support/ways";

const names = {
  greenpush: "Greenpush: the step `virtualenv`",
  uv: "uv by hand",
  compiled: "uv by hand, with bytecode",
  pip: "the classic way: virtualenv and pip",
  container: "a container build",
};

/** What was measured of an application, with empty caches and with filled ones. */
interface Result {
  application: NewApplication;
  empty: Map<string, number[]>;
  filled: Map<string, number[]>;
  /** Seconds of whole pushes, with empty caches. */
  whole: number[];
}

/** The first push of a new application: what its dependencies cost, beside the same by hand. */
export async function firstPush(options: Options): Promise<void> {
  const checkout = await copyCheckout();
  const results: Result[] = [];
  for (const application of newApplications)
    results.push(await measure(application, checkout, options.runs));
  await write(
    {
      name: "first-push",
      title: "The first push of a new application",
      about: [
        "What it costs to make the virtualenv of an application that a site has never had, for three applications as their authors wrote them. By hand, the same requirements file is installed into a fresh virtualenv on the same server, with the same uv (`uv venv`, `uv pip install -r`), and with `virtualenv` and `pip install -r`, as in the classic layout. Packages come from the same index.",
        "Each push goes to a site of its own that nothing was pushed to before. With empty caches, all packages are fetched. With filled ones, none is: the cache of the site, of uv and of pip has them from an earlier run.",
        "The container build is that step of a usual Dockerfile which installs the requirements file: `python3 -m venv` and `pip install --no-cache-dir -r`, by the machine's container engine. It begins with the image of the test servers, which has Python, and uses no layer of an earlier build. What it writes goes to the machine's own disk.",
        "Greenpush's step also adds pip (and gunicorn, where the application brings none), compiles all modules to bytecode, as pip does and uv only where `--compile-bytecode` asks for it, and makes the virtualenv read-only.",
      ],
      tables: [
        ...results.flatMap(({ application, empty, filled }) => [
          {
            heading: `${application.name}, empty caches`,
            table: secondsTable(empty, Object.values(names).slice(1)),
          },
          {
            heading: `${application.name}, filled caches`,
            table: secondsTable(filled, [names.uv, names.compiled, names.pip]),
          },
        ]),
        { heading: "The whole first push, empty caches", table: wholeTable(results) },
      ],
      versions: [],
    },
    options,
  );
}

async function measure(
  application: NewApplication,
  checkout: string,
  runs: number,
): Promise<Result> {
  progress(`${application.name}: setting up a site for each push`);
  const host = await Host.make(application.suite);
  await giveOwnDisk(host, "12G");
  // All sites stay live.
  await host.limitMemory("8g");
  const stack = new Stack(checkout);
  stack.keepLogs();
  stack.timeout = 15 * 60_000;
  stack.describe({
    servers: { own: host.settings() },
    sites: sitesOf(application, 2 * runs),
  });
  await stack.create();
  await pulumi(stack, "up", "--yes", "--skip-preview");
  const { folder } = await cloneOf(application, host, 0);
  const requirements = readFileSync(join(folder, application.requirements), "utf8");
  const byHand = await ByHand.prepare(host, requirements);
  const container = await ContainerBuild.prepare(host, requirements);

  let sites = 0;
  const whole: number[] = [];
  const push = async (cache?: string) => {
    const index = sites++;
    const clone = await cloneOf(application, host, index);
    if (cache !== undefined) {
      const account = accountOf(index);
      await host.sh(`rm -rf /home/${account}/www/cache/uv
        cp -r /home/hand/${cache} /home/${account}/www/cache/uv
        chown -R ${account}: /home/${account}/www/cache/uv`);
    }
    await host.sh("sync");
    const took = await seconds(() => clone.pushWell());
    if (cache === undefined) whole.push(took);
    return virtualenvStep(host, accountOf(index));
  };
  const empty = await interleave(
    [
      { name: names.greenpush, measure: () => push() },
      { name: names.uv, measure: (round) => byHand.uv(`uv-${round}`) },
      {
        name: names.compiled,
        measure: (round) => byHand.uv(`compiled-${round}`, "--compile-bytecode"),
      },
      { name: names.pip, measure: (round) => byHand.pip(`pip-${round}`) },
      { name: names.container, measure: () => container.dependencies() },
    ],
    runs,
  );
  const filled = await interleave(
    [
      { name: names.greenpush, measure: () => push("uv-0") },
      { name: names.uv, measure: () => byHand.uv("uv-0") },
      { name: names.compiled, measure: () => byHand.uv("uv-0", "--compile-bytecode") },
      { name: names.pip, measure: () => byHand.pip("pip-0") },
    ],
    runs,
  );
  await pulumi(stack, "stack", "rm", "--force", "--yes");
  await host.remove();
  return { application, empty, filled, whole };
}

/** The seconds of the step `virtualenv` of a site's only push, as the engine has them in its history. */
async function virtualenvStep(host: Host, account: string): Promise<number> {
  const history = await host.sh(`cat /home/${account}/www/var/log/deploys.jsonl`);
  const [last = "{}"] = history.trim().split("\n").slice(-1);
  const { steps = [] } = JSON.parse(last) as { steps?: { step: string; seconds: number }[] };
  const found = steps.find(({ step }) => step === "virtualenv");
  if (found === undefined) throw new Error(`no virtualenv was made: ${last}`);
  return found.seconds;
}

function wholeTable(results: Result[]): Table {
  return [
    ["", "from `git push` to its end", "of it the step `virtualenv`"],
    ...results.map(({ application, whole, empty }) => [
      application.name,
      ...[whole, empty.get(names.greenpush) ?? []].map((each) =>
        shownSeconds(summarize(each).median),
      ),
    ]),
  ];
}
