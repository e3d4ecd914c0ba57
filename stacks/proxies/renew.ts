import { writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import { type ProxyList, readList } from "./list";

/** The shortest prefix of a range: whoever has an address of the list can say to be anybody. */
const shortest = { v4: 8, v6: 19 };
const prefixOf = (range: string) => Number(range.split("/")[1]);
const range = (kind: z.ZodType<string>, least: number) =>
  z
    .array(kind.refine((each) => prefixOf(each) >= least, `ranges of /${least} and longer`))
    .min(1)
    .max(200);

/** What Cloudflare's API answers. */
const answer = z.object({
  success: z.literal(true),
  result: z.object({
    ipv4_cidrs: range(z.cidrv4(), shortest.v4),
    ipv6_cidrs: range(z.cidrv6(), shortest.v6),
  }),
});

/**
 * Renew the list of Cloudflare's addresses in a file. What came is checked before it is written.
 *
 * @param from where to ask
 * @param today as the list is to have it
 * @returns what changed, in lines
 * @throws Error that says why nothing was written
 */
export async function renewCloudflare(
  file: string,
  from: string,
  today: string,
): Promise<string[]> {
  const before = readList(file);
  const addresses = await addressesFrom(from);
  const added = addresses.filter((each) => !before.addresses.includes(each));
  const gone = before.addresses.filter((each) => !addresses.includes(each));
  if (added.length + gone.length === 0) return [`no change since ${before.date}`];
  const list: ProxyList = { ...before, source: from, date: today, addresses };
  const options = { ...(await resolveConfig(file)), filepath: file };
  writeFileSync(file, await format(JSON.stringify(list), options));
  return [
    ...added.map((each) => `added   ${each}`),
    ...gone.map((each) => `removed ${each}`),
    `${addresses.length} ranges of ${today}. Commit the file, then run \`npx pulumi up\` for the stacks whose trustedProxies name it.`,
  ];
}

async function addressesFrom(from: string): Promise<string[]> {
  const nothing = "Nothing was written.";
  let body: unknown;
  try {
    const reply = await fetch(from, { signal: AbortSignal.timeout(30_000), redirect: "error" });
    if (!reply.ok) throw new Error(`it answers ${reply.status}`);
    body = await reply.json();
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new Error(`${from} can't be read: ${why}. ${nothing}`, { cause: error });
  }
  const checked = answer.safeParse(body);
  if (checked.success) {
    const { ipv4_cidrs, ipv6_cidrs } = checked.data.result;
    return [...new Set([...ipv4_cidrs, ...ipv6_cidrs])];
  }
  const [{ path, message } = { path: [], message: "" }] = checked.error.issues;
  throw new Error(
    `${from} answers something else than Cloudflare's addresses: ${path.join(".")}: ${message}. ${nothing}`,
  );
}
