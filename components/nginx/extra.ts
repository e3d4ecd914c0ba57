import { directive, statements } from "../../stacks/nginx/statements";

/** Directives that say where a server listens, what it is called, who may come in and what is logged. */
const access =
  /^(listen|server_name|http2|http3|ssl_.*|auth_.*|allow|deny|satisfy|return|rewrite|if|limit_req|limit_conn|include|access_log|error_log)$/;

/**
 * The statements of `nginx.extra` that decide what is served, without those that decide who may come in: for the server
 * block that only a deploy requests. `include` is left out, because its content is unknown.
 */
export function withoutAccess(lines: string[]): string[] {
  return statements(lines.join("\n")).filter((each) => !access.test(directive(each)));
}

/** The statements of a location without those that decide who may come in, how often, and what is logged. */
export function openToAll(lines: string[]): string[] {
  const closes = /^(allow|deny|satisfy|auth_.*|limit_req.*|limit_conn.*|access_log|error_log)$/;
  return statements(lines.join("\n")).filter((each) => !closes.test(directive(each)));
}

/** Whether they say for the whole server block how long browsers may keep what they get. */
export function saysCacheControl(lines: string[]): boolean {
  return says(lines, /^(?:expires|add_header\s+["']?cache-control)\b/i);
}

/** Whether they may have nginx open files of theirs, or say themselves which it keeps open. */
export function opensFiles(lines: string[]): boolean {
  return says(lines, /^(?:open_file_cache|location|include)\b/);
}

function says(lines: string[], statement: RegExp): boolean {
  return statements(lines.join("\n")).some((each) => statement.test(each));
}
