/** What a template's names stand for: a list repeats its line, `undefined` drops it. */
export type TemplateValues = Record<string, string | number | string[] | undefined>;

/**
 * Fill `{{name}}` in a template's lines.
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
  const name = /\{\{(\w+)\}\}/.exec(line)?.[1];
  if (name === undefined) return [line];
  if (!(name in values)) throw new Error(`the template has {{${name}}}, which has no value`);
  const value = values[name];
  if (value === undefined) return [];
  const list = Array.isArray(value) ? value : [String(value)];
  return list.flatMap((item) => renderLine(line.replaceAll(`{{${name}}}`, item), values));
}
