// `npm run soak [-- --pushes N] [--minutes N]`: many pushes under load, every fifth of them a bad one of another kind.

import { parseArgs } from "node:util";
import { soak } from "./integration/support/soak";

async function main(words: string[]): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      pushes: { type: "string", default: "1000" },
      minutes: { type: "string", default: "170" },
    },
  });
  const bound = setTimeout(
    () => {
      console.error(`not done after ${values.minutes} minutes: cleaning up`);
      // Like Ctrl-C: testing/cleanup.ts then undoes what was made.
      process.kill(process.pid, "SIGTERM");
    },
    Number(values.minutes) * 60_000,
  );
  try {
    const soaked = await soak(Number(values.pushes), (line) => console.log(line));
    const { good, refused, pages, files, seconds, filled } = soaked;
    console.log(
      `${good} of ${good} good pushes went live, ${refused} of ${refused} bad ones were refused`,
    );
    console.log(
      `${pages} pages and ${files} static files that they name asked for, 0 failed, in ${Math.round(seconds / 60)} minutes`,
    );
    console.log(`first look: ${JSON.stringify(filled[0])}`);
    console.log(`last look:  ${JSON.stringify(filled.at(-1))}`);
  } finally {
    clearTimeout(bound);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
