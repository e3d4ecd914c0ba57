// `${NAME}` in a value of the environment or in a file of the stack: what it may name, and what is wrong with one.

import { nearest } from "./nearest";
import { applicationSecrets, applicationVariables, engineVariables } from "./application-variables";
import type { SiteSettings } from "./schema";
import { mostOfOne } from "./variables";

/** `$${`, which stands for `${`; `${NAME}`; or a `${` that begins no name. The engine has the same pattern. */
const references = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?/g;

/** What is wrong with a text that may name variables, and the line of it. */
export interface ReferenceTrouble {
  line: number;
  message: string;
}

/** The variables of a site by name, and what their values refer to. */
export class References {
  private readonly secrets: Set<string>;
  private readonly variables: Map<string, string>;
  private readonly known: Set<string>;

  constructor(settings: SiteSettings) {
    this.secrets = new Set(applicationSecrets(settings));
    const fixed = new Set([...this.secrets, ...engineVariables]);
    // No value of these is read from the stack file.
    const variables = Object.entries(applicationVariables(settings, ""));
    this.variables = new Map(variables.filter(([name]) => !fixed.has(name)));
    this.known = new Set([...this.variables.keys(), ...fixed]);
  }

  /** What is wrong with the references of a text. */
  troubles(text: string): ReferenceTrouble[] {
    return [...text.matchAll(references)].flatMap((found) => {
      const [whole, name] = found;
      const message = this.troubleOf(whole, name);
      return message === undefined ? [] : [{ line: lineAt(text, found.index), message }];
    });
  }

  private troubleOf(whole: string, name: string | undefined): string | undefined {
    if (whole === "$${" || (name !== undefined && this.known.has(name))) return undefined;
    if (name === undefined) {
      return "has a `${` that names no variable: write `${NAME}`, or `$${` for the two characters themselves";
    }
    const near = nearest(name, [...this.known]);
    const hint =
      near === undefined
        ? `Known here are ${[...this.known].sort().join(", ")}.`
        : `Did you mean ${near}?`;
    return `names \${${name}}, which nothing gives. ${hint} For the text itself write $\${${name}}`;
  }

  /** Whether a text names a secret, itself or by what it names. */
  namesSecret(text: string): boolean {
    const named = new Set(namesIn(text));
    // What is added while a set is gone through has its turn.
    for (const name of named) {
      for (const further of namesIn(this.variables.get(name) ?? "")) named.add(further);
    }
    return [...named].some((name) => this.secrets.has(name));
  }

  /** The names of a circle that begins with a variable and ends with it, undefined where there is none. */
  circleOf(name: string): string[] | undefined {
    return this.wayBack(name, name, new Set());
  }

  private wayBack(from: string, to: string, seen: Set<string>): string[] | undefined {
    for (const next of namesIn(this.variables.get(from) ?? "")) {
      if (next === to) return [from, to];
      if (seen.has(next)) continue;
      seen.add(next);
      const rest = this.wayBack(next, to, seen);
      if (rest !== undefined) return [from, ...rest];
    }
    return undefined;
  }

  /** Whether a value is longer than an environment can hold, with what it names; secrets left out. There is no circle. */
  isTooLong(text: string): boolean {
    return this.lengthOf(text, new Map()) > mostOfOne;
  }

  private lengthOf(text: string, known: Map<string, number>): number {
    const named = namesIn(text).reduce((sum, name) => {
      const length = known.get(name) ?? this.lengthOf(this.variables.get(name) ?? "", known);
      known.set(name, length);
      return sum + length;
    }, 0);
    return named + Buffer.byteLength(text.replace(references, ""));
  }
}

/** The names that a text refers to. */
function namesIn(text: string): string[] {
  return [...text.matchAll(references)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
