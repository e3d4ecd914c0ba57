import { progress } from "./progress";

/** One of the things that are compared. */
export interface Contestant {
  name: string;
  /** Do it once, and return the measurement, mostly seconds. */
  measure: (round: number) => Promise<number>;
}

/**
 * Measure them in turn, ABAB, each round beginning with another one, so that other work on the machine affects all alike.
 *
 * @returns the measurements, by name
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

/** Run something, and return the seconds that it took. */
export async function seconds(what: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await what();
  return (performance.now() - begun) / 1000;
}
