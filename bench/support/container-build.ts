import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "../../testing/checkout";
import { cleanUp } from "../../testing/cleanup";
import type { Host } from "../../testing/host";
import { runWell } from "../../testing/run";
import { seconds } from "./interleave";

/** The step of a container build that installs the dependencies, with the container engine and the image of a test server. */
export class ContainerBuild {
  private readonly folder = scratchFolder();
  private readonly name = `greenpush-bench-${randomBytes(5).toString("hex")}`;

  private constructor(private readonly host: Host) {}

  /**
   * Make the image that builds begin with: the test server's, and what python:3 has besides.
   *
   * @param requirements the text of the requirements file
   */
  static async prepare(host: Host, requirements: string): Promise<ContainerBuild> {
    const build = new ContainerBuild(host);
    writeFileSync(join(build.folder, "requirements.txt"), requirements);
    cleanUp(() => build.engine("image", "rm", "--force", build.name, `${build.name}-base`));
    await build.make(
      `${build.name}-base`,
      `FROM greenpush-test-server:${host.suite}`,
      "RUN apt-get update -q && apt-get install -qy --no-install-recommends python3-venv",
    );
    return build;
  }

  /** Build the image of the application's dependencies, and return the seconds. The layer is made each time. */
  dependencies(): Promise<number> {
    return seconds(() =>
      this.make(
        this.name,
        `FROM ${this.name}-base`,
        "COPY requirements.txt .",
        "RUN python3 -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt",
      ),
    );
  }

  private async make(name: string, ...lines: string[]): Promise<void> {
    const file = join(this.folder, "Dockerfile");
    writeFileSync(file, `${lines.join("\n")}\n`);
    await this.engine("build", "--no-cache", "--quiet", "--tag", name, this.folder);
  }

  private engine(...words: string[]): Promise<string> {
    const { engine } = this.host.address;
    return runWell(engine, [...(engine === "podman" ? ["--runtime", "runc"] : []), ...words]);
  }
}
