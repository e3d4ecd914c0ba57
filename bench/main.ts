// `npm run bench -- NAME [options]`: measure one thing, and write bench/results/NAME.md with the chart beside it.

import { https } from "./https";
import { firstPush } from "./first-push";
import { preview } from "./preview";
import { push } from "./push";
import { setup } from "./setup";
import { type Options, readOptions } from "./support/options";
import { progress } from "./support/progress";

const benches: Record<string, (options: Options) => Promise<void>> = {
  setup,
  preview,
  push,
  https,
  "first-push": firstPush,
};

async function main([name = "", ...words]: string[]): Promise<void> {
  const bench = benches[name];
  if (bench === undefined)
    throw new Error(`NAME has to be one of ${Object.keys(benches).join(", ")}`);
  const options = readOptions(words);
  const bound = setTimeout(() => {
    progress(`not done after ${options.minutes} minutes: cleaning up`);
    // Like Ctrl-C: testing/cleanup.ts then undoes what was made.
    process.kill(process.pid, "SIGTERM");
  }, options.minutes * 60_000);
  try {
    await bench(options);
  } finally {
    clearTimeout(bound);
    progress("cleaning up");
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
