import { createHash } from "node:crypto";

/** What the probe found of one component. */
export interface Finding {
  /** The generation that the last apply recorded, or the next one where there is drift. */
  generation: string;
  /** What is not as the last apply left it, a sentence each; none where nothing was changed. */
  drift: string[];
}

/** Derived from the one before and from what was found, so that a preview and the `up` after it agree. */
export function nextGeneration(finding: Finding): string {
  return createHash("sha256")
    .update(JSON.stringify([finding.generation, finding.drift]))
    .digest("hex")
    .slice(0, 12);
}

/** Generations of a server's components, by component and name, as `nginx-site.codebase`. */
export type Generations = Record<string, string>;

/** Generations as the stack's output has them: names in one line, with the generation where there is one. */
export function writtenGenerations(generations: Generations): string {
  return Object.entries(generations)
    .map(([name, generation]) => (generation ? `${name}=${generation}` : name))
    .join(" ");
}

/** Generations from the stack's output, which is a mapping where an earlier version has written it. */
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
