import { progress } from "./progress";

/** One of those that are measured beside each other. */
export interface Contestant {
  name: string;
  /** Do it once; what was measured, most often seconds. */
  measure: (round: number) => Promise<number>;
}

/**
 * Measure them in turn, ABAB, each round beginning with another one: whatever else the machine does meanwhile falls on all alike.
 *
 * @returns what was measured, by name
 */
export async function interleave(
  contestants: Contestant[],
  rounds: number,
): Promise<Map<string, number[]>> {
  const measured = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contestants.length;
    for (const { name, measure } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const value = await measure(round);
      measured.get(name)?.push(value);
      progress(`round ${round + 1} of ${rounds}: ${name}: ${value.toFixed(2)}`);
    }
  }
  return measured;
}

/** Seconds that something took. */
export async function seconds(what: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await what();
  return (performance.now() - begun) / 1000;
}
