import { join } from "node:path";
import { parseArgs } from "node:util";

/** What the person chose on the command line. */
export interface Options {
  /** How often each thing is measured. */
  runs: number;
  /** The folder that gets the table and the chart. */
  results: string;
  /** The bench stops after so many minutes. */
  minutes: number;
}

/**
 * Read the words after the name of a bench.
 *
 * @param runs how often each thing is measured where they don't say it
 * @throws Error that says what is wrong with them
 */
export function readOptions(words: string[], runs: number): Options {
  const { values } = parseArgs({
    args: words,
    options: {
      runs: { type: "string", default: String(runs) },
      results: { type: "string", default: join(__dirname, "..", "results") },
      minutes: { type: "string", default: "60" },
    },
  });
  return {
    runs: count("runs", values.runs),
    results: values.results,
    minutes: count("minutes", values.minutes),
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name}: "${text}" is no whole number from 1 on`);
  return value;
}
