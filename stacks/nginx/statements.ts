/** A comment, a text in quotes, a variable in braces, or a character; the first two begin where a word may begin. */
export const parts =
  /(?<![^\s;{}])(?:(#[^\n]*)|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*')|\$\{\w+\}|\\[^]|[^]/g;

/** The statements of a block of nginx's configuration, each with the block that belongs to it, without comments. */
export function statements(text: string): string[] {
  const found: string[] = [];
  let [statement, depth] = ["", 0];
  for (const [part, comment] of text.matchAll(parts)) {
    if (comment !== undefined) continue;
    statement += part;
    if (part === "{") depth++;
    if (part === "}") depth--;
    if (depth === 0 && (part === ";" || part === "}")) {
      found.push(statement.trim());
      statement = "";
    }
  }
  return statement.trim() === "" ? found : [...found, statement.trim()];
}

/** The first word of a statement. */
export function directive(statement: string): string {
  return /^[^\s;{]+/.exec(statement)?.[0] ?? "";
}

/** Why lines are no whole statements, so that they would swallow what stands behind them; undefined if they are. */
export function unfinished(lines: string[]): string | undefined {
  const text = lines.join("\n");
  let depth = 0;
  for (const { 0: part, index } of text.matchAll(parts)) {
    if (part === "{") depth++;
    if (part === "}") depth--;
    if (depth < 0) return "has a } without its {";
    const begins = index === 0 || /[\s;{}]/.test(text[index - 1] ?? "");
    if (begins && (part === '"' || part === "'")) return `has a ${part} without its second one`;
  }
  if (depth > 0) return "has a { without its }";
  const last = statements(text).at(-1) ?? "}";
  return /[;}]$/.test(last) ? undefined : "has no ; at its end";
}
