import { existsSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { runWell } from "../../tests/integration/support/run";
import { progress } from "./progress";

/** What is measured beside Greenpush, each pinned. */
export const versions = { "ansible-core": "2.19.14", pyinfra: "3.10.0" };

/** The folder with the programs of Ansible and pyinfra; they are installed into Greenpush's cache where they are not yet. */
export async function installTools(): Promise<string> {
  const pins = Object.entries(versions).map(([name, version]) => `${name}==${version}`);
  const folder = join(cacheFolder(), `bench-${pins.join("-").replaceAll("==", "-")}`);
  if (!existsSync(join(folder, "complete"))) {
    progress(`installing ${pins.join(" and ")}`);
    rmSync(folder, { recursive: true, force: true });
    await runWell("python3", ["-m", "venv", folder]);
    const pip = ["install", "--quiet", "--disable-pip-version-check"];
    await runWell(join(folder, "bin", "pip"), [...pip, ...pins]);
    writeFileSync(join(folder, "complete"), "");
  }
  return join(folder, "bin");
}

/** As toolchain/lib/cache.js has it. */
function cacheFolder(): string {
  const { GREENPUSH_CACHE, XDG_CACHE_HOME } = process.env;
  if (GREENPUSH_CACHE) return resolve(GREENPUSH_CACHE);
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "greenpush");
}
