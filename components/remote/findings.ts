/** What the probe found of one component. */
export interface Finding {
  /** The generation that the last apply recorded, or the next one where there is drift. */
  generation: string;
  /** What is not as the last apply left it, a sentence each; none where nothing was changed. */
  drift: string[];
}

/** What the probe found on one server; of a server that could not be asked, nothing. */
export class Findings {
  /**
   * @param found by component and name, as `nginx-site.codebase`
   * @param lost the generation of a component that has no record: a record that somebody removed is drift too, and
   *   this changes with each record that is made or lost
   */
  constructor(
    private readonly found: ReadonlyMap<string, Finding> = new Map(),
    private readonly lost = "",
  ) {}

  /** What was found of a component. */
  of(component: string, name: string): Finding {
    return this.found.get(`${component}.${name}`) ?? { generation: this.lost, drift: [] };
  }
}
