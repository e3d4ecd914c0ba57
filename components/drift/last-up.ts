import * as pulumi from "@pulumi/pulumi";
import { Findings } from "./findings";
import type { Finding } from "./generation";
import { type Generations, readGenerations } from "./generation";

/** The generations of a server's components as the last `up` wrote them into the stack's outputs; empty before the first. */
export async function lastGenerations(server: string): Promise<Generations> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // What a StackReference is made of, without being a resource that the preview would show.
  const read = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stack });
  // The first `up` of a stack may find its state being written: there is nothing in it yet.
  const { outputs } = (await read.catch(() => ({}))) as {
    outputs?: { generations?: Record<string, string | Generations> };
  };
  return readGenerations(outputs?.generations?.[server]);
}

/**
 * What the last `up` knew, as findings of a server that is not asked now.
 *
 * @param trouble why it can't be asked; "" where it is not to be
 * @param next what has become of a generation since
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
  // Without a probe nothing is known of records. And while an up writes the state it can't be read.
  if (lost === "" || unrecorded.length === 0 || !pulumi.runtime.isDryRun()) return;
  const known = await lastGenerations(server);
  for (const key of unrecorded.filter((each) => each in known)) {
    await pulumi.log.warn(
      `changed by hand on ${server}: /var/lib/greenpush/${key}: the record is missing`,
    );
  }
}
