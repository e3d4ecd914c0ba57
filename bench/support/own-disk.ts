import { join } from "node:path";
import { scratchFolder } from "../../testing/checkout";
import type { Host } from "../../testing/host";
import { runWell } from "../../testing/run";

/**
 * Give a server a disk of its own for /home: ext4 with a journal, as servers have.
 *
 * A container shares its machine's file system, which may be unlike any server's: without a journal, ext4 checks each inode
 * that was freed within the last minutes before it makes a file (Linux, fs/ext4/ialloc.c, recently_deleted). Making files
 * is then slow after each removal of a virtualenv. This needs root and a loop device.
 *
 * @throws Error if there is no loop device
 */
export async function giveOwnDisk(host: Host, size = "4G"): Promise<void> {
  const pid = await host.control("inspect", "--format", "{{.State.Pid}}");
  const image = join(scratchFolder(), "home.ext4");
  await runWell("sh", [join(__dirname, "own-disk.sh"), image, pid.trim(), size]);
}
