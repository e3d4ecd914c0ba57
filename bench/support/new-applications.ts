import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load as readYaml } from "js-yaml";
import { Application } from "../../testing/application";
import type { Host } from "../../testing/host";
import { siteSettings } from "../../testing/one-site";
import { runWell } from "../../testing/run";

/** An application that is pushed to a site for the first time. */
export interface NewApplication {
  name: string;
  suite: "bookworm" | "trixie";
  /** Where its tree comes from; the example is in this repository. */
  repository?: string;
  /** The file that its dependencies are installed from. */
  requirements: string;
  /** A line of it that names an index which not every network has. */
  index?: RegExp;
}

export const newApplications: NewApplication[] = [
  { name: "example", suite: "bookworm", requirements: "requirements.pip" },
  {
    name: "healthchecks",
    suite: "trixie",
    repository: "https://github.com/healthchecks/healthchecks.git",
    requirements: "requirements.txt",
  },
  {
    name: "babybuddy",
    suite: "bookworm",
    repository: "https://github.com/babybuddy/babybuddy.git",
    requirements: "requirements.txt",
    index: /^-i .*\n/m,
  },
];

/**
 * Settings of so many sites of an application, each with an account of its own: those of examples/stacks, without what
 * is done once after the migrations (`first`), which has nothing to do with dependencies.
 */
export function sitesOf({ name, repository }: NewApplication, count: number) {
  let settings: Record<string, unknown> = siteSettings;
  if (repository !== undefined) {
    const file = join(__dirname, "..", "..", "examples", "stacks", `${name}.yaml`);
    const { sites } = readYaml(readFileSync(file, "utf8")) as {
      sites: Record<string, Record<string, unknown>>;
    };
    const { first: _first, secrets: _secrets, ...others } = sites[name] ?? {};
    settings = { ...others, keep: false };
  }
  const [host = ""] = settings["serverNames"] as string[];
  const sites = Array.from({ length: count }, (_, index) => {
    // Its name stands in some of its variables too.
    const named = JSON.stringify(settings).replaceAll(host, `${index + 1}.${host}`);
    const site = JSON.parse(named) as Record<string, unknown>;
    return [`site-${index + 1}`, { ...site, branch: "main", user: accountOf(index) }] as const;
  });
  return Object.fromEntries(sites);
}

/** The account of one of the sites. */
export function accountOf(index: number): string {
  return `deploy-${index + 1}`;
}

/** A clone of an application that pushes to one of the sites. */
export async function cloneOf(
  application: NewApplication,
  host: Host,
  index: number,
): Promise<Application> {
  const { name, repository, requirements, index: line } = application;
  const { host: address, port } = host.address;
  const remote = `ssh://${accountOf(index)}@${address}:${port}/~/www/codebase`;
  const clone = new Application(remote, host);
  // Hundreds of migrations take minutes.
  clone.patience = 1_200_000;
  if (repository === undefined) {
    await clone.make();
    return clone;
  }
  const own = process.env["GREENPUSH_APPS"];
  const source = own && existsSync(join(own, name)) ? `file://${join(own, name)}` : repository;
  await runWell("git", ["clone", "--quiet", "--depth", "1", source, clone.folder]);
  await clone.adopt();
  if (line !== undefined) {
    const path = join(clone.folder, requirements);
    writeFileSync(path, readFileSync(path, "utf8").replace(line, ""));
    await clone.commit("The usual index");
  }
  return clone;
}
