import { gzipSync, strToU8 } from "fflate";

/** A file by its name, in which there is no space. */
export type NamedFile = readonly [name: string, text: string];

/**
 * Files as lines, each with the name of its file and, in Base64, what gzip makes of it. So a preview shows which files
 * change, and Pulumi, which handles and logs a step's whole text several times, has half as much of it.
 *
 * `unpack` turns them into one text as tail(1) prints several files. fflate, because what Node's zlib makes depends on its
 * version and on the processor: the same files would be another text elsewhere, and a change of the step.
 */
export function packed(files: readonly NamedFile[]): string {
  return files
    .map(([name, text], index) => {
      const shown = `${index > 0 ? "\n" : ""}==> ${name} <==\n${text}`;
      const bytes = gzipSync(strToU8(shown), { level: 6, mtime: 0 });
      return `${name} ${Buffer.from(bytes).toString("base64")}\n`;
    })
    .join("");
}

/** The shell command that reads packed files on stdin. */
export const unpack = "cut -d ' ' -f 2 | base64 -d | gzip -d";
