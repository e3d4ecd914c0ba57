import type { Host } from "../../../../testing/host";
import { append, type BadPush } from "./bad-push";

const fill = (host: Host, megabytes: number) =>
  host.sh(
    `fallocate -l $(($(df --output=avail -B1 /home | tail -n 1) - ${megabytes}000000)) /home/filler`,
  );
const empty = (host: Host) => host.sh("rm /home/filler");

/** Pushes that the server's disk has no room for. */
export const disk: BadPush[] = [
  {
    what: "a disk that is full",
    make: (_, host) => fill(host, 3),
    giveBack: empty,
    reads: /REFUSED at export: the disk of \/home\/deploy\/www has \d+ MB left/,
  },
  {
    what: "a disk that new packages would fill",
    make: (site, host) => {
      append(site, "requirements.pip", "# another virtualenv");
      return fill(host, 70);
    },
    giveBack: empty,
    reads: /REFUSED at virtualenv: the disk of \/home\/deploy\/www has \d+ MB left/,
  },
];
