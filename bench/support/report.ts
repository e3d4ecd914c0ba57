import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import type { Options } from "./options";
import { machine, ownVersions } from "./machine";
import { progress } from "./progress";

/** A table of Markdown: its head, then its rows. */
export type Table = string[][];

/** The results of a bench. */
export interface Report {
  name: string;
  title: string;
  /** What was measured and how, a paragraph each. */
  about: string[];
  /** Tables, each under its heading. */
  tables: { heading: string; table: Table; notes?: string[] }[];
  /** What Greenpush was compared with, with its version. */
  versions: string[];
  /** The drawing, as SVG, and what it shows. */
  chart?: { svg: string; alt: string };
}

/** Write a bench's table and chart. */
export async function write(report: Report, options: Options): Promise<void> {
  const { name, title, about, tables, chart } = report;
  const versions = [...(await ownVersions()), ...report.versions];
  const words = process.argv.slice(2).filter((word) => word !== name);
  const text = [
    `# ${title}`,
    ...about,
    ...(chart ? [`![${chart.alt}](${name}.svg)`] : []),
    ...tables.flatMap(({ heading, table, notes = [] }) => [
      `## ${heading}`,
      tableText(table),
      ...notes,
    ]),
    "## How it was measured",
    [
      `- Command: \`npm run bench -- ${[name, ...shown(words)].join(" ")}\``,
      `- Date: ${new Date().toISOString().slice(0, 10)}`,
      `- Machine: ${machine()}; the test servers are containers on it`,
      `- Versions: ${versions.join(", ")}`,
    ].join("\n"),
  ].join("\n\n");
  mkdirSync(options.results, { recursive: true });
  const file = join(options.results, `${name}.md`);
  writeFileSync(file, await format(text, { parser: "markdown", printWidth: 100 }));
  if (chart) writeFileSync(join(options.results, `${name}.svg`), chart.svg);
  progress(`wrote ${file}`);
  process.stdout.write(
    `${tables.map(({ heading, table }) => `${heading}\n${tableText(table)}`).join("\n\n")}\n`,
  );
}

/** The options as they were given, without the folder of the results. */
function shown(words: string[]): string[] {
  const at = words.indexOf("--results");
  return at === -1 ? words : words.filter((_, index) => index !== at && index !== at + 1);
}

function tableText([head = [], ...rows]: Table): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
