// `npm run bench -- NAME [options]`: measure one thing, and write bench/results/NAME.md with the chart beside it.

import { firstPush } from "./first-push";
import { https } from "./https";
import { preview } from "./preview";
import { push } from "./push";
import { setup } from "./setup";
import { type Options, readOptions } from "./support/options";
import { progress } from "./support/progress";

/** Each bench, and how often it measures each thing where the command line doesn't say. */
const benches: Record<string, { bench: (options: Options) => Promise<void>; runs: number }> = {
  setup: { bench: setup, runs: 3 },
  preview: { bench: preview, runs: 3 },
  push: { bench: push, runs: 5 },
  https: { bench: https, runs: 5 },
  "first-push": { bench: firstPush, runs: 3 },
};

async function main([name = "", ...words]: string[]): Promise<void> {
  const chosen = benches[name];
  if (chosen === undefined)
    throw new Error(`NAME has to be one of ${Object.keys(benches).join(", ")}`);
  const options = readOptions(words, chosen.runs);
  const bound = setTimeout(() => {
    progress(`not done after ${options.minutes} minutes: cleaning up`);
    // Like Ctrl-C: testing/cleanup.ts then undoes what was made.
    process.kill(process.pid, "SIGTERM");
  }, options.minutes * 60_000);
  try {
    await chosen.bench(options);
  } finally {
    clearTimeout(bound);
    progress("cleaning up");
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
