import { type Summary, summarize } from "./statistics";
import type { Table } from "./report";

/** A number of seconds for a person. */
export function shownSeconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

/**
 * A table of what was measured in seconds.
 *
 * @param reference the rows whose medians the others are divided by, a column each
 */
export function secondsTable(measured: Map<string, number[]>, references: string[]): Table {
  const summaries = new Map([...measured].map(([name, values]) => [name, summarize(values)]));
  return [
    ["", "runs", "median", "min", "max", ...references.map((name) => `times ${name}`)],
    ...[...summaries].map(([name, summary]) => [
      name,
      String(summary.runs),
      shownSeconds(summary.median),
      shownSeconds(summary.min),
      shownSeconds(summary.max),
      ...references.map((reference) => ratio(summary, summaries.get(reference))),
    ]),
  ];
}

/** The ratio of two medians. */
export function ratio(one: Summary, other: Summary | undefined): string {
  return other === undefined ? "" : (one.median / other.median).toFixed(2);
}
