import { createHash } from "node:crypto";

/** What the probe found of one component. */
export interface Finding {
  /** The generation that the last apply recorded, or the next one where there is drift. */
  generation: string;
  /** What differs from what the last apply left, one sentence each; empty if nothing does. */
  drift: string[];
}

/** Derive the next generation from the last one and the drift, so that a preview and the `up` after it agree. */
export function nextGeneration(finding: Finding): string {
  return createHash("sha256")
    .update(JSON.stringify([finding.generation, finding.drift]))
    .digest("hex")
    .slice(0, 12);
}

/** Generations of a server's components, by component and name, as `nginx-site.codebase`. */
export type Generations = Record<string, string>;

/** Write generations as the stack's output has them: one line of words, NAME or NAME=GENERATION. */
export function writtenGenerations(generations: Generations): string {
  return Object.entries(generations)
    .map(([name, generation]) => (generation ? `${name}=${generation}` : name))
    .join(" ");
}

/** Read generations from the stack's output. Earlier versions wrote a mapping. */
export function readGenerations(written: string | Generations = {}): Generations {
  if (typeof written !== "string") return written;
  const words = written.split(" ").filter(Boolean);
  return Object.fromEntries(
    words.map((word) => {
      const [name = "", generation = ""] = word.split("=");
      return [name, generation];
    }),
  );
}
