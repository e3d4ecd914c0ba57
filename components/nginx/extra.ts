/** Directives that say where a server listens, what it is called, who may come in and what is logged. */
const access =
  /^(listen|server_name|http2|http3|ssl_.*|auth_.*|allow|deny|satisfy|return|rewrite|if|limit_req|limit_conn|include|access_log|error_log)$/;

/**
 * The statements of `nginx.extra` that decide what is served, without those that decide who may come in: for the server
 * block that only a deploy requests. `include` is left out, because its content is unknown.
 */
export function withoutAccess(lines: string[]): string[] {
  return statements(lines.join("\n")).filter((each) => !access.test(/^\S+/.exec(each)?.[0] ?? ""));
}

/** Whether they say for the whole server block how long browsers may keep what they get. */
export function saysCacheControl(lines: string[]): boolean {
  return statements(lines.join("\n")).some((each) =>
    /^(?:expires|add_header\s+["']?cache-control)\b/i.test(each),
  );
}

/** A comment, a text in quotes, a variable in braces, or a character; the first two begin where a word may begin. */
const parts =
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
