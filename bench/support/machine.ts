import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { run } from "../../testing/run";

/** The machine's load average of one minute when the bench began. */
const load = loadavg()[0] ?? 0;

/** This machine in words. */
export function machine(): string {
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores, ${memory} GB of memory, ${system ?? "an unknown system"}, load ${load.toFixed(1)} before the bench`;
}

/** The versions of what every bench uses, in words. */
export async function ownVersions(): Promise<string[]> {
  const shim = join(__dirname, "..", "..", "cli", "pulumi.js");
  const pulumi = await run(process.execPath, [shim, "version"]);
  return [`Pulumi ${pulumi.stdout.trim().replace(/^v/, "")}`, `Node.js ${process.versions.node}`];
}
