/** What the probe found of one component. */
export interface Finding {
  /** The generation that the last apply recorded, or the next one where there is drift. */
  generation: string;
  /** What is not as the last apply left it, a sentence each; none where nothing was changed. */
  drift: string[];
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

/** What the probe found on one server; of a server that could not be asked, what the last `up` knew. */
export class Findings {
  /** The generations that were asked for: the stack keeps them as an output, for a preview that can't ask the server. */
  readonly used: Generations = {};
  /** Components that were asked for and have no record on the server. */
  readonly unrecorded: string[] = [];

  /**
   * @param found by component and name, as `nginx-site.codebase`
   * @param lost the generation of a component that has no record: a record that somebody removed is drift too, and
   *   this changes with each record that is made or lost
   */
  constructor(
    private readonly found: ReadonlyMap<string, Finding> = new Map(),
    readonly lost = "",
    /** What keeps the machine itself from being reached; "" where it was asked, or is not to be. */
    readonly trouble = "",
  ) {}

  /** What was found of a component. */
  of(component: string, name: string): Finding {
    const key = `${component}.${name}`;
    const found = this.found.get(key);
    if (!found) this.unrecorded.push(key);
    const finding = found ?? { generation: this.lost, drift: [] };
    this.used[key] = finding.generation;
    return finding;
  }
}
