// `npm run proxies`: renew stacks/proxies/cloudflare.json. `npm run proxies -- URL` asks another address.

import { listFile, readList } from "./list";
import { renewCloudflare } from "./renew";

async function main(): Promise<void> {
  const file = listFile("cloudflare");
  const from = process.argv[2] ?? readList(file).source;
  try {
    const today = new Date().toISOString().slice(0, 10);
    const said = await renewCloudflare(file, from, today);
    for (const line of said) console.log(`cloudflare: ${line}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

void main();
