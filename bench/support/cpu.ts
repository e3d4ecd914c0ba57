import { readFileSync } from "node:fs";
import type { Host } from "../../testing/host";
import { seconds } from "./interleave";

/** What something took: seconds, and CPU seconds of servers and of the programs that ran here. */
export interface Used {
  took: number;
  servers: number;
  here: number;
}

/** Run something, and return what it took. */
export async function withCpu(hosts: Host[], what: () => Promise<unknown>): Promise<Used> {
  const servers = await cpuOfServers(hosts);
  const here = cpuOfPrograms();
  const took = await seconds(what);
  // Before the servers are asked, which needs programs too.
  const used = cpuOfPrograms() - here;
  return { took, servers: (await cpuOfServers(hosts)) - servers, here: used };
}

/** The CPU seconds that servers have used since they were made. */
async function cpuOfServers(hosts: Host[]): Promise<number> {
  let sum = 0;
  for (const host of hosts) {
    // A machine whose control groups are version 1 counts nanoseconds in a file of its own.
    const file =
      "cd /sys/fs/cgroup && if test -f cpu.stat; then cat cpu.stat; else cat cpuacct/cpuacct.usage; fi";
    const said = await host.control("exec", "sh", "-c", file);
    const microseconds = /^usage_usec (\d+)$/m.exec(said)?.[1];
    sum += microseconds ? Number(microseconds) / 1e6 : Number(said) / 1e9;
  }
  return sum;
}

/** The CPU seconds of the programs that this one has started and that have ended, with all that those started. */
function cpuOfPrograms(): number {
  // cutime and cstime of proc(5), in hundredths of a second, behind the name in brackets.
  const fields = readFileSync("/proc/self/stat", "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
