import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { folderOf, folderOfSent, type RegisteredComponent, registry, scriptOf } from "../registry";
import { libraryText, madeOnce, serverFile, serverFolder } from "./program";

/** A file by the name that it has below /usr/lib/greenpush, in which there is no space. */
export type NamedFile = readonly [name: string, text: string];

const scriptFile = (component: RegisteredComponent) => `resources/${scriptOf(component)}.sh`;

/** The modules of a package under server/. */
const modulesOf = (folder: string): NamedFile[] =>
  readdirSync(join(serverFolder, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .map((name) => [`${folder}/${name}`, serverFile(`${folder}/${name}`)]);

/** What programs read before server-engine has installed it. engine-files puts it into its record. */
export const readEarly = [
  "library.sh",
  ...registry.filter((each) => folderOf(each, "") === folderOfSent("")).map(scriptFile),
];

/**
 * What all sites of a server share: the deploy engine, what works in homes and on certificates, and the library with the
 * scripts of components. Those that engine-files looks for come first. Its own script is among them, so that a change of
 * that is a change of the step.
 */
export function engineFiles(): NamedFile[] {
  const scripts = [...new Set(registry.map(scriptFile))];
  const files: NamedFile[] = [
    ...["engine", "edge", "in_home"].flatMap(modulesOf),
    ...scripts.map((name) => [name, serverFile(name)] as const),
    ["library.sh", libraryText()],
  ];
  const early = (name: string) => (readEarly.includes(name) ? 0 : 1);
  return files.sort(([one], [other]) => early(one) - early(other) || (one < other ? -1 : 1));
}

/** Files in one text, as tail(1) prints several. */
export function asTail(files: readonly NamedFile[]): string {
  return files.map(([name, text]) => `==> ${name} <==\n${text}`).join("\n");
}

/** A line for each file, with its name and a hash of it. A preview shows these lines, and so which files change. */
export function listOf(files: readonly NamedFile[]): string {
  return files.map(([name, text]) => `${name} ${sumOf(text).slice(0, 12)}\n`).join("");
}

/** The SHA-256 of a text, as sha256sum(1) prints it. */
export function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Those files as a stack declares them: their list, and the hash of all of them in one text. */
export function engineContents(): { list: string; sum: string } {
  const list = madeOnce("list of the engine's files", () => listOf(engineFiles()));
  return { list, sum: madeOnce("sum of the engine's files", () => sumOf(asTail(engineFiles()))) };
}
