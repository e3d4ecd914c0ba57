import { printable } from "../../stacks/printable";
import { type Finding, type Generations, nextGeneration } from "./generation";

/** What the probe found on one server, or what the last `up` knew of a server that could not be asked. */
export class Findings {
  /** The generations that were asked for: the stack keeps them as an output, for a preview that can't ask the server. */
  readonly used: Generations = {};
  /** Components that were asked for and have no record on the server. */
  readonly unrecorded: string[] = [];

  /**
   * @param found by component and name, as `nginx-site.codebase`
   * @param lost the generation of a component without a record. It changes whenever a record is made or removed, so
   *   that a removed record counts as drift
   */
  constructor(
    private readonly found: ReadonlyMap<string, Finding>,
    readonly lost = "",
    /** Why the server could not be asked; "" if it was asked, or if the stack file says not to ask. */
    readonly trouble = "",
    /** Files of nginx by the host names that they have, of which Greenpush has made none. */
    private readonly served: ReadonlyMap<string, string[]> = new Map(),
  ) {}

  /** Whether the server has a record of a component. */
  has(component: string, name: string): boolean {
    return this.found.has(`${component}.${name}`);
  }

  /** Files by which nginx serves a host name by hand, where the server was asked. */
  filesByHand(host: string): string[] {
    return this.served.get(host) ?? [];
  }

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

/** Findings of a server that was never set up. */
export function noFindings(): Findings {
  return new Findings(new Map());
}

// A server's answer is not trusted, and it gets into Pulumi's state: hence these limits.
/** The most sentences of a component. */
const mostSentences = 50;
/** The most characters of a sentence. */
const mostOfSentence = 300;
/** The most host names that are served by hand. */
const mostHosts = 2000;

/**
 * Findings from what the probe script prints, lines of tab-separated words: `lost TOKEN`, `record COMPONENT NAME
 * GENERATION`, `drift COMPONENT NAME SENTENCE` for each thing that was changed, and `serves HOST FILE` for what nginx was
 * told by hand.
 */
export function readFindings(printed: string): Findings {
  const findings = new Map<string, Finding>();
  const unsaid = new Map<Finding, number>();
  const served = new Map<string, string[]>();
  let lost = "";
  for (const line of printed.split("\n")) {
    const [kind, component = "", name, ...words] = line.split("\t");
    const key = `${component}.${name}`;
    const text = words.join(" ");
    if (kind === "lost") lost = component;
    if (kind === "serves" && served.size < mostHosts) {
      served.set(component, [
        ...(served.get(component) ?? []),
        printable(name ?? "", mostOfSentence),
      ]);
    }
    if (kind === "record" && /^[a-z0-9-]{1,40}\.[a-z0-9-]{1,40}$/.test(key)) {
      // It becomes part of a program, so a text that no `up` can have recorded is replaced by its hash.
      const isOurs = /^[A-Za-z0-9]{0,64}$/.test(text);
      const generation = isOurs ? text : nextGeneration({ generation: text, drift: [] });
      findings.set(key, { generation, drift: [] });
    }
    const finding = kind === "drift" ? findings.get(key) : undefined;
    if (finding === undefined) continue;
    if (finding.drift.length < mostSentences) finding.drift.push(printable(text, mostOfSentence));
    else unsaid.set(finding, (unsaid.get(finding) ?? 0) + 1);
  }
  for (const [finding, count] of unsaid) finding.drift.push(`and ${count} more`);
  for (const finding of findings.values()) {
    if (finding.drift.length > 0) finding.generation = nextGeneration(finding);
  }
  return new Findings(
    findings,
    lost && nextGeneration({ generation: lost, drift: [] }),
    "",
    served,
  );
}
