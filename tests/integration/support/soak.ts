import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Application } from "../../../testing/application";
import { type BadPush, badPushes, badPushLimits, pushBadly, visitorWrites } from "./bad-pushes";
import { Host } from "../../../testing/host";
import { Load } from "../../../testing/load";
import { oneSite, serverName as name, setUpSite } from "../../../testing/one-site";

/** The server is checked after so many pushes. The first of them makes a new virtualenv. */
const lap = 25;
/** The first check comes when there are as many earlier releases as are kept, all with the same virtualenv. */
const firstLook = 15;
/** One of so many pushes is a bad one. */
const badEvery = 5;

/** How much a server uses, at rest after a push. */
interface Filled {
  pushes: number;
  /** Kilobytes of ~/www without the repository's history and the record of deploys, which has a limit of its own. */
  www: number;
  /** Kilobytes of the record. */
  record: number;
  /** Kilobytes of the history, which grows with what is pushed. */
  history: number;
  /** Kilobytes that a deploy has left in /tmp. */
  temporary: number;
  releases: number;
  virtualenvs: number;
  /** Processes of the site, and the kilobytes of memory that they use. */
  processes: number;
  memory: number;
}

/** The result of a soak. */
export interface Soaked {
  good: number;
  refused: number;
  /** Requested pages, and files that they named; none failed. */
  pages: number;
  files: number;
  seconds: number;
  filled: Filled[];
}

/**
 * Push again and again to a site under load. Every fifth push can't serve, each of another kind.
 *
 * @param pushes how many, a multiple of 25
 * @param say gets a line after each 25 pushes
 * @throws AssertionError at the first push with the wrong result, at a failed request, or if something grows
 */
export async function soak(pushes: number, say: (line: string) => void): Promise<Soaked> {
  const begun = performance.now();
  const { host, site } = await setUp();
  const load = new Load(host, name);
  const soaked: Soaked = { good: 0, refused: 0, pages: 0, files: 0, seconds: 0, filled: [] };
  try {
    for (let push = 1; push <= pushes; push++) {
      if (push % badEvery === 0) {
        // With a stride, so that a short soak has bad pushes of different steps too.
        await pushBadly(site, host, badPush((push / badEvery) * 7));
        soaked.refused++;
      } else {
        await live(site, host, push, push % lap === 1);
        soaked.good++;
      }
      soaked.pages += load.asked.length;
      soaked.files += load.files.length;
      assert.deepEqual(load.failures(), [], `requests failed during push ${push}`);
      if (push % lap === 0 || push === firstLook) {
        const filled = await atRest(host, push);
        soaked.filled.push(filled);
        say(
          `${push} pushes, ${soaked.refused} refused, ${soaked.pages} pages, ${soaked.files} files: ${JSON.stringify(filled)}`,
        );
        assertFlat(soaked.filled);
      }
    }
  } finally {
    await load.stop();
  }
  soaked.seconds = (performance.now() - begun) / 1000;
  return soaked;
}

async function setUp(): Promise<{ host: Host; site: Application }> {
  const host = await Host.make();
  // A small disk that a bad push can fill.
  await host.sh("mount -t tmpfs -o size=500m,mode=755 none /home");
  const { site } = await setUpSite(host, oneSite(host, { limits: badPushLimits }));
  // Each version has another name for its style sheet: open pages request the one before.
  const storage = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage";
  site.edit(
    "codebase/settings/common.py",
    /^STATIC_URL/m,
    `STORAGES = {"staticfiles": {"BACKEND": "${storage}"}}\nSTATIC_URL`,
  );
  await site.commit("Static files with names of their content");
  await site.pushWell();
  await visitorWrites(host);
  return { host, site };
}

function badPush(index: number): BadPush {
  const bad = badPushes[index % badPushes.length];
  assert.ok(bad);
  return bad;
}

async function live(site: Application, host: Host, number: number, otherPackages: boolean) {
  if (otherPackages) site.edit("requirements.pip", /$/, `# as of push ${number}\n`);
  site.edit("pages/static/pages/style.css", /(\n\/\* v\d+ \*\/)?\n$/, `\n/* v${number} */\n`);
  await site.release(`v${number + 1}`);
  const push = await site.push();
  assert.equal(push.status, 0, push.output);
  assert.match((await host.get("/", name)).body, new RegExp(`>v${number + 1}<`));
}

/** How much the server uses when the last push's old files are removed. */
async function atRest(host: Host, pushes: number): Promise<Filled> {
  await host.sh("www/deploy recover", "deploy");
  // The process before finishes its requests.
  for (let tries = 0; tries < 100 && (await processes(host)).length > 3; tries++) await sleep(100);
  const own = await processes(host);
  const printed = await host.sh(`cd /home/deploy/www
    du -sk --exclude=.git --exclude=deploys.jsonl . | cut -f 1
    du -k var/log/deploys.jsonl | cut -f 1
    du -sk codebase/.git | cut -f 1
    du -sk /tmp | cut -f 1
    ls releases --ignore left.json | wc -l
    ls venvs | wc -l
    for pid in ${own.join(" ")}; do awk '/^Pss:/ { print $2 }' /proc/$pid/smaps_rollup; done | awk '{ sum += $1 } END { print sum }'`);
  const [
    www = 0,
    record = 0,
    history = 0,
    temporary = 0,
    releases = 0,
    virtualenvs = 0,
    memory = 0,
  ] = printed.trim().split("\n").map(Number);
  const disk = { www, record, history, temporary, releases, virtualenvs };
  return { pushes, ...disk, processes: own.length, memory };
}

/** The processes of the site's account, but for those of SSH sessions. */
async function processes(host: Host): Promise<string[]> {
  const printed = await host.sh("ps -u deploy -o pid=,comm=");
  const lines = printed.trim().split("\n");
  return lines
    .filter((line) => !/ (sshd|systemd|\(sd-pam\))/.test(line))
    .map((line) => /\d+/.exec(line)?.[0] ?? "");
}

/** Assert that nothing has grown since the first lap, except for what a lap's last pushes may leave. */
function assertFlat(filled: Filled[]) {
  const [first, last] = [filled[0], filled.at(-1)];
  assert.ok(first && last);
  const said = `after ${first.pushes} pushes ${JSON.stringify(first)}, after ${last.pushes} ${JSON.stringify(last)}`;
  for (const what of ["releases", "virtualenvs", "processes"] as const)
    assert.equal(last[what], first[what], `${what}: ${said}`);
  for (const what of ["www", "memory"] as const)
    assert.ok(last[what] <= first[what] * 1.1, `${what} grows: ${said}`);
  assert.ok(last.temporary <= first.temporary + 100, `/tmp is left full: ${said}`);
  assert.ok(last.record <= 2_200, `the record grows without a bound: ${said}`);
}
