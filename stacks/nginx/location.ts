/** What nginx matches the path of a request with. */
export interface Location {
  /** How: "" for a prefix, = for the whole path, ^~ for a prefix before any regular expression, ~ and ~* for one. */
  modifier: string;
  /** The path or regular expression, without quotes around it. */
  path: string;
}

/** What stands behind `location` in nginx's configuration, taken apart; undefined if nginx would not understand it. */
export function locationOf(match: string): Location | undefined {
  const found = /^(?:(=|\^~|~\*|~)\s*)?(?:"((?:\\.|[^"\\])+)"|'((?:\\.|[^'\\])+)'|(\S+))$/u.exec(
    match.trim(),
  );
  if (found === null) return undefined;
  const [, modifier = "", double, single, plain] = found;
  const path = double ?? single ?? plain ?? "";
  return modifier.startsWith("~") || path.startsWith("/") ? { modifier, path } : undefined;
}

/** A location as nginx's configuration has it. */
export function written({ modifier, path }: Location): string {
  // In quotes, a brace or a semicolon belongs to the word.
  const word = /[\s;{}"'#]/.test(path)
    ? `"${path.replace(/\\[^]|"/g, (each) => (each === '"' ? '\\"' : each))}"`
    : path;
  return modifier === "" ? word : `${modifier} ${word}`;
}
