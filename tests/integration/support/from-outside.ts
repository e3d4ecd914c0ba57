import { connect } from "node:net";
import type { Host } from "../../../testing/host";
import { run, runWell } from "../../../testing/run";

/** A server as other machines of its network see it. */
export class FromOutside {
  /** Addresses by which this machine reaches the server directly, without a published port. */
  addresses: string[] = [];

  constructor(private readonly host: Host) {}

  /** Find the addresses, which change with each start of the server. */
  async findAddresses(): Promise<void> {
    // After a start an IPv6 address is tentative until the kernel knows that nobody else has it.
    const listed = await this.host.sh(
      `while ip -o addr show dev eth0 tentative | grep -q .; do sleep 0.1; done
        ip -o addr show dev eth0 | awk '{ print $4 }' | cut -d / -f 1`,
    );
    const own = listed.trim().split("\n");
    const route = await runWell("ip", ["route", "get", own[0] ?? ""]);
    const device = / dev (\S+)/.exec(route)?.[1] ?? "";
    this.addresses = own.map((each) => (each.includes(":") ? `${each}%${device}` : each));
  }

  /** Which of these ports can be connected to, at each address. */
  reachable(...ports: number[]): Promise<number[][]> {
    const all = this.addresses.map(async (address) => {
      const open = await Promise.all(ports.map((port) => answers(address, port)));
      return ports.filter((_, index) => open[index]);
    });
    return Promise.all(all);
  }

  /** What sshd offers to somebody without a key. */
  async offered(): Promise<string | undefined> {
    const words = ["-o", "PubkeyAuthentication=no", `guest@${this.host.address.host}`, "true"];
    const { stderr } = await run("ssh", [...this.host.sshOptions, ...words]);
    return /Permission denied \((.*)\)/.exec(stderr)?.[1];
  }
}

/** Whether a connection succeeds. A firewall that drops packets does not answer. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_500 });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on("connect", () => end(true));
    socket.on("error", () => end(false));
    socket.on("timeout", () => end(false));
  });
}
