/** The values of a template's names: a list repeats its line, `undefined` drops it. */
export type TemplateValues = Record<string, string | number | string[] | undefined>;

/** The lines of a template, as another one takes them. */
export function linesOf(text: string): string[] {
  return text.trimEnd().split("\n");
}

const names = /\{\{(\w+)\}\}/g;

/**
 * Fill `{{name}}` in a template's lines. A value arrives as it is, whatever stands in it.
 *
 * @throws Error when the template has a name that no value is given for.
 */
export function render(template: string, values: TemplateValues): string {
  return template
    .split("\n")
    .flatMap((line) => renderLine(line, values))
    .join("\n");
}

function renderLine(line: string, values: TemplateValues): string[] {
  const found = new Set([...line.matchAll(names)].map(([, name = ""]) => name));
  const fillings = [...found].reduce(
    (chosen, name) =>
      chosen.flatMap((before) =>
        textsOf(name, values).map((text) => new Map([...before, [name, text]])),
      ),
    [new Map<string, string>()],
  );
  // A function, because replace() gives `$&` and the like a meaning in a text.
  return fillings.map((texts) => line.replace(names, (_, name: string) => texts.get(name) ?? ""));
}

function textsOf(name: string, values: TemplateValues): string[] {
  if (!Object.hasOwn(values, name)) {
    throw new Error(`the template has {{${name}}}, which has no value`);
  }
  const value = values[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [String(value)];
}
