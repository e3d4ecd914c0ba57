import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { comesAfterEngine, registry, scriptOf } from "../registry";
import { libraryText, madeOnce, serverFile, serverFolder } from "./program";

/** A file by the name that it has below /usr/lib/greenpush, in which there is no space. */
export type NamedFile = readonly [name: string, text: string];

/** The modules of a package under server/. */
const modulesOf = (folder: string): NamedFile[] =>
  readdirSync(join(serverFolder, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .map((name) => [`${folder}/${name}`, serverFile(`${folder}/${name}`)]);

/** The scripts that programs read there. */
const installedScripts = () =>
  [
    ...new Set(registry.filter(comesAfterEngine).map((each) => `resources/${scriptOf(each)}.sh`)),
  ].map((name): NamedFile => [name, serverFile(name)]);

/** What all sites of a server share: the deploy engine, what works in homes and on certificates, and the library with the scripts of components. */
export function engineFiles(): NamedFile[] {
  return [
    ...["engine", "edge", "in_home"].flatMap(modulesOf),
    ...installedScripts(),
    ["library.sh", libraryText()] as const,
  ].sort(([one], [other]) => (one < other ? -1 : 1));
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
