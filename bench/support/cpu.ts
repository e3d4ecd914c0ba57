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
    const statistics = await host.control("exec", "cat", "/sys/fs/cgroup/cpu.stat");
    sum += Number(/^usage_usec (\d+)$/m.exec(statistics)?.[1]) / 1e6;
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
