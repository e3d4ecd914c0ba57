import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runWell } from "../../testing/run";
import { progress } from "./progress";

const { cacheFolder } = createRequire(__filename)(
  "../../packages/pulumi-launcher/lib/cache.js",
) as {
  cacheFolder: () => string;
};

/** The tools that Greenpush is compared with, each with a pinned version. */
export const versions = { "ansible-core": "2.19.14", pyinfra: "3.10.0" };

/** Return the folder with the programs of Ansible and pyinfra, and install them into Greenpush's cache if they are missing. */
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
