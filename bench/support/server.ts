import { join } from "node:path";
import { scratchFolder } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { runWell } from "../../testing/run";
import { progress } from "./progress";

/**
 * What each fresh server finds in its apt cache: all packages that any of the tools installs, and package lists of two days
 * ago. So no tool waits for a mirror to send packages, and each has to bring the lists up to date.
 */
export class AptStore {
  private constructor(private readonly archive: string) {}

  static async fill(): Promise<AptStore> {
    progress("fetching the packages once, for all servers");
    const host = await Host.make();
    const archive = join(scratchFolder(), "apt.tar");
    // python3-apt is what Ansible's apt module installs for itself.
    await host.sh(`apt-get update -q
      apt-get install -qy --no-install-recommends --download-only git nginx virtualenv python3-apt
      touch -d '2 days ago' /var/lib/apt/lists /var/lib/apt/lists/*
      tar -cf /root/apt.tar --exclude=lock --exclude=partial -C / var/lib/apt/lists var/cache/apt/archives`);
    await copy(host, `root@${host.address.host}:/root/apt.tar`, archive);
    await host.remove();
    return new AptStore(archive);
  }

  async putInto(host: Host): Promise<void> {
    await copy(host, this.archive, `root@${host.address.host}:/root/apt.tar`);
    await host.sh("tar -xf /root/apt.tar -C / && rm /root/apt.tar && sync");
  }
}

/** A server as a provider's image has it, with apt's files if they were fetched. */
export async function freshServer(store?: AptStore): Promise<Host> {
  const host = await Host.make();
  await store?.putInto(host);
  return host;
}

function copy(host: Host, from: string, to: string): Promise<string> {
  return runWell("scp", [...host.sshOptions, "-q", from, to]);
}
