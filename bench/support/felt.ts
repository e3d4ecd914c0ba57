import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../testing/host";
import { type Asked, Load } from "../../testing/load";
import { progress } from "./progress";

/** How many visitors a site has while it is measured, each with one request after the other. */
export const visitors = 3;
/** Milliseconds that each of them waits between two requests, so that a push gets some processor time. */
export const pause = 100;

/** What visitors felt of a change of version. */
export interface Felt {
  /** Seconds from the start of the change until all answers are of the wanted version. */
  allNew: number;
  /** Seconds of the slowest request while the site was left alone. */
  slowestBefore: number;
  /** Seconds of the slowest request from the start of the change until it had settled. */
  slowestDuring: number;
  /** Requests during the change, and how many of them failed. */
  requests: number;
  failed: number;
}

/** How long only the wanted version has to answer before the change counts as over. */
const settled = 2_000;

/**
 * Change a site's version under load, and measure what visitors feel.
 *
 * @param quiet seconds that the site is left alone first, at least as long as the change takes. Only as many seconds count
 * as the change took, because the slowest of more requests would be slower.
 * @throws Error if another version than the wanted one still answers a minute after the end of the change
 */
export async function felt(
  host: Host,
  name: string,
  wanted: string,
  quiet: number,
  change: () => Promise<unknown>,
): Promise<Felt> {
  // Otherwise the kernel might write earlier pushes to the disk while the change is measured.
  await host.sh("sync");
  const load = new Load(host, name, visitors, pause, false);
  try {
    // Warm the caches.
    await sleep(500);
    await sleep(quiet * 1000);
    const from = load.now;
    await change();
    const ended = load.now;
    while (load.now - Math.max(ended, lastOld(load.asked, wanted)) < settled) {
      if (load.now - ended > 60_000) throw new Error(`${name} does not become ${wanted}`);
      await sleep(50);
    }
    const over = load.now;
    if (over - from > quiet * 1000) progress(`${name}: left alone for too short a time`);
    await load.stop();
    const before = load.asked.filter(({ at }) => at >= from - (over - from) && at < from);
    const during = load.asked.filter((asked) => answered(asked) >= from);
    const old = lastOld(during, wanted);
    return {
      allNew: (Math.min(...during.map(answered).filter((at) => at > old)) - from) / 1000,
      slowestBefore: slowest(before.filter((asked) => answered(asked) < from)),
      slowestDuring: slowest(during),
      requests: during.length,
      failed: during.filter(({ status, version }) => status !== 200 || !version).length,
    };
  } finally {
    await load.stop();
  }
}

/** The time of the last answer of another version than the wanted one. */
function lastOld(asked: Asked[], wanted: string): number {
  return Math.max(0, ...asked.filter(({ version }) => version !== wanted).map(answered));
}

function answered({ at, milliseconds }: Asked): number {
  return at + milliseconds;
}

function slowest(asked: Asked[]): number {
  return Math.max(0, ...asked.map(({ milliseconds }) => milliseconds)) / 1000;
}
