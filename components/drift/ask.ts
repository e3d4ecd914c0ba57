import { appendFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { ServerAccess } from "../server-access";
import { knownAddress, testServerState } from "../test-server";
import { type Findings, noFindings } from "./findings";
import { nextGeneration } from "./generation";
import { findingsOfLastUp, lastGenerations } from "./last-up";
import { probe, type ProbeTarget } from "./probe";

/**
 * Ask a server what was changed by hand there. If it can't be asked, return what the last `up` knew.
 *
 * @throws pulumi.RunError if the server refuses, or has another host key than the pinned one
 */
export async function askServer(name: string, access: ServerAccess): Promise<Findings> {
  if (!access.settings.probe) return findingsOfLastUp(await lastGenerations(name));
  const target = probeTarget(name, access);
  if (target === undefined) return noFindings();
  const { findings, unreachable } = await probe(target).catch((error: unknown) => {
    throw new pulumi.RunError((error as Error).message);
  });
  if (unreachable === undefined) return findings;
  const known = await lastGenerations(name);
  const container = "place" in access ? testServerState(access.place.container) : "running";
  if (container !== "running") {
    await pulumi.log.warn(`servers.${name}: its container is ${container}; up makes it run again`);
    // Everything in a container goes with it.
    const isGone = container === "absent" || container === "half-made";
    return findingsOfLastUp(known, container, (generation) =>
      isGone ? nextGeneration({ generation, drift: ["the server is gone"] }) : generation,
    );
  }
  const [reason = ""] = unreachable.replace(`servers.${name}: `, "").split("\n");
  sayLast(`servers.${name} could not be asked: ${reason}`);
  await pulumi.log.warn(
    `${unreachable}\n  What was changed by hand there can't be seen, so the preview goes by the last up.`,
  );
  // A server without generations was never set up: its steps are created in any case.
  return findingsOfLastUp(known, Object.keys(known).length > 0 ? reason : "");
}

/** Where to ask; undefined for a test server that does not exist yet. */
function probeTarget(name: string, access: ServerAccess): ProbeTarget | undefined {
  if ("place" in access) {
    const address = knownAddress(access.place);
    return address && { name, ...address };
  }
  const { host, port, user, hostKey } = access.settings;
  return { name, host, port, user, hostKey, privateKeyFile: access.privateKey?.file };
}

/** Have `npx pulumi` print a line after Pulumi's own output (cli/last-words.js). Without that wrapper nothing prints it. */
function sayLast(line: string): void {
  const file = process.env["GREENPUSH_LAST_WORDS"];
  if (file) appendFileSync(file, `${line}\n`);
}
