// Makes a foreign text fit for a message: short, and without what a terminal would act on.

/** Control characters, and invisible ones that change how the text around them looks (bidi overrides and the like). */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/** The most characters of a value in a message. */
const most = 100;

/** A text of at most `length` characters, without what a terminal would act on. */
export function printable(text: string, length: number): string {
  // A long text is cut before it is filtered, to save time. A cut may split a character, so the rest is filtered again.
  const plain = text.slice(0, length * 4).replace(unseen, "");
  return plain.length <= length && text.length <= length * 4
    ? plain
    : `${plain.slice(0, length - 1).replace(unseen, "")}…`;
}

/** A value of a stack file in a message: what it is, at most about a hundred characters of it. */
export function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `a list of ${value.length}`;
  if (typeof value !== "string") return "a mapping";
  const cut = value.length <= most ? value : `${value.slice(0, most)}…`;
  return JSON.stringify(cut).replace(unseen, escaped);
}

/** The path of a setting in a message. */
export function shownPath(path: (string | number)[]): string {
  return path
    .map((step) => (/^[\w.-]{1,64}$/.test(String(step)) ? String(step) : shown(step)))
    .join(".");
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
