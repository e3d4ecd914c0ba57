import type { ChangeByHand } from "./changes-by-hand";

/** About how many changes are made together. */
const size = 5;

/**
 * Deal changes out into rounds: those of one round are made together, and one preview has to tell them all. Neighbours get
 * into different rounds, because they are changes of the same component. One that has to be alone is a round by itself.
 */
export function inRounds(changes: ChangeByHand[]): ChangeByHand[][] {
  const together = changes.filter(({ alone }) => alone === undefined);
  const count = Math.ceil(together.length / size);
  const rounds = Array.from({ length: count }, (_, round) =>
    together.filter((_, at) => at % count === round),
  );
  return [...rounds, ...changes.filter((each) => !together.includes(each)).map((each) => [each])];
}
