import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { References } from "../stacks/references";
import type { SiteSettings, StackSettings } from "../stacks/schema";

/** A file that the stack lays into each release. */
export interface GivenFile {
  /** Its text, with `${NAME}` as it is written: the engine fills in values. */
  text: string;
  /** Whether it names a secret. */
  secret: boolean;
}

/** The files of a site, by their path in the tree. */
export type GivenFiles = Record<string, GivenFile>;

/** The most bytes of a file: it is a part of Pulumi's state. */
const mostOfFile = 262_144;

/**
 * The files of all sites, by site.
 *
 * @param folder where their paths start from: the stack file's
 * @throws pulumi.RunError that names all that is missing or can't be used
 */
export function givenFilesOf({ sites }: StackSettings, folder: string): Record<string, GivenFiles> {
  const troubles: string[] = [];
  const all = Object.fromEntries(
    Object.entries(sites).map(([name, settings]) => {
      const files = Object.entries(settings.files).map(([place, local]) => {
        const read = readGiven(settings, resolve(folder, local));
        const setting = `sites.${name}.files.${place}`;
        troubles.push(...read.troubles.map((trouble) => `${setting}: ${trouble}`));
        return [place, read.file] as const;
      });
      return [name, Object.fromEntries(files)];
    }),
  );
  if (troubles.length > 0) throw new pulumi.RunError(troubles.join("\n"));
  return all;
}

function readGiven(settings: SiteSettings, path: string): { file: GivenFile; troubles: string[] } {
  const nothing = { text: "", secret: false };
  let content: Buffer;
  try {
    if (statSync(path).size > mostOfFile) {
      const trouble = `${path} is longer than ${mostOfFile} bytes. Commit what is long, or have a build command fetch it.`;
      return { file: nothing, troubles: [trouble] };
    }
    content = readFileSync(path);
  } catch (error) {
    const trouble = `${path} can't be read (${(error as NodeJS.ErrnoException).code}). Name a file, from the stack file's folder.`;
    return { file: nothing, troubles: [trouble] };
  }
  const text = content.toString("utf8");
  if (!content.equals(Buffer.from(text))) {
    return { file: nothing, troubles: [`${path} is no text in UTF-8. Commit it instead.`] };
  }
  const references = new References(settings);
  const troubles = references
    .troubles(text)
    .map(({ line, message }) => `${path}:${line} ${message}`);
  return { file: { text, secret: references.namesSecret(text) }, troubles };
}
