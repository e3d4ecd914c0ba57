import { join } from "node:path";
import type { Host } from "../../testing/host";
import { Stack } from "../../testing/stack";
import { pulumi } from "./ways";

/**
 * Make a stack of bench/bare-program: what a preview takes that declares as many resources on the same servers, and asks
 * each of them nothing. No program with that many can take less.
 *
 * @param resources how many the stack has that it is compared with
 */
export async function bareStack(
  checkout: string,
  hosts: Host[],
  resources: number,
): Promise<Stack> {
  const stack = new Stack(checkout, undefined, join(checkout, "bench", "bare-program"));
  stack.keepLogs();
  stack.timeout = 15 * 60_000;
  const servers = hosts.map((host) => ({
    ssh: [...host.sshOptions, `${host.address.user}@${host.address.host}`],
  }));
  // The stack itself and the default provider are two. A command has a component around it.
  const commands = Math.floor((resources - 2) / hosts.length / 2);
  stack.environment["BARE_PROGRAM"] = JSON.stringify({ commands, servers });
  await stack.create();
  await pulumi(stack, "up", "--yes", "--skip-preview");
  return stack;
}
