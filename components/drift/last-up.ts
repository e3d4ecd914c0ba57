import * as pulumi from "@pulumi/pulumi";
import { Findings } from "./findings";
import type { Finding } from "./generation";
import { type Generations, readGenerations } from "./generation";

/** The generations of a server's components as the last `up` wrote them into the stack's outputs; empty before the first. */
export async function lastGenerations(server: string): Promise<Generations> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // The call that a StackReference makes. A StackReference itself would be a resource in the preview.
  const read = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stack });
  // During the first `up` of a stack this may fail, as its state is just being written. It has no generations yet.
  const { outputs } = (await read.catch(() => ({}))) as {
    outputs?: { generations?: Record<string, string | Generations> };
  };
  return readGenerations(outputs?.generations?.[server]);
}

/**
 * What the last `up` knew, as findings of a server that is not asked now.
 *
 * @param trouble why it can't be asked; "" if the stack file says not to ask
 * @param next makes the present generation of a recorded one
 */
export function findingsOfLastUp(
  known: Generations,
  trouble = "",
  next = (generation: string) => generation,
): Findings {
  const found = Object.entries(known).map(([key, generation]): [string, Finding] => [
    key,
    { generation: next(generation), drift: [] },
  ]);
  return new Findings(new Map(found), "", trouble);
}

/** Warn of components that the last `up` applied and that have no record on the server any more. */
export async function warnOfLostRecords(
  server: string,
  { lost, unrecorded }: Findings,
): Promise<void> {
  // Without a probe nothing is known of records. During an `up` the state can't be read.
  if (lost === "" || unrecorded.length === 0 || !pulumi.runtime.isDryRun()) return;
  const known = await lastGenerations(server);
  for (const key of unrecorded.filter((each) => each in known)) {
    await pulumi.log.warn(
      `changed by hand on ${server}: /var/lib/greenpush/${key}: the record is missing`,
    );
  }
}
