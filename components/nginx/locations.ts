import { locationOf, written } from "../../stacks/nginx/location";
import { directive, statements } from "../../stacks/nginx/statements";

/** Directives that say what a location does. */
const actions =
  /^((proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass|alias|root|return|try_files|empty_gif|stub_status|autoindex|dav_methods|js_content|perl)$/;

/** What a location that passes to the application consists of, besides the lines of the stack file. */
export interface ApplicationLines {
  /** Addresses of the application, as `proxy_pass` has them. */
  addresses: string[];
  /** Those that each of them has. */
  common: string[];
  /** Those that one of the stack file begins with. */
  first: string[];
  /** Those of a location that leads elsewhere, unless the stack file says otherwise. */
  elsewhere: string[];
}

/** A location of the stack file: what nginx matches, and its lines. */
export type GivenLocation = [match: string, lines: string[]];

/** The locations of the stack file, without that of `/`. */
export function ownLocations(given: GivenLocation[], application: ApplicationLines): string[] {
  return given
    .filter(([match]) => match.trim() !== "/")
    .flatMap(([match, lines]) => {
      const location = locationOf(match);
      if (location === undefined) throw new Error(`nginx.locations: ${match} is no location`);
      const body = leadsElsewhere(lines, application.addresses)
        ? withLines(application.elsewhere, lines)
        : [...application.first, ...withLines(application.common, lines)];
      return [
        `# nginx.locations: ${match} of the stack file:`,
        `location ${written(location)} {`,
        ...indented(body),
        "}",
      ];
    });
}

/** The lines of the stack file for `/`, which are for all that passes to the application. */
export function linesOfAll(given: GivenLocation[]): string[] {
  return given.find(([match]) => match.trim() === "/")?.[1] ?? [];
}

/**
 * Lines with further ones, which win: nginx takes most directives once, and both headers where there are two of a name.
 * What the further ones don't name stays.
 */
export function withLines(own: string[], further: string[]): string[] {
  const said = new Set(statements(further.join("\n")).map(keyOf));
  said.delete("");
  return [...own.filter((line) => !said.has(keyOf(line.trim()))), ...further];
}

/** What of a statement there may be only one; "" where there may be several. */
function keyOf(statement: string): string {
  const name = directive(statement);
  if (/^(#.*|set|if|add_header|limit_req|limit_conn|rewrite)?$/.test(name)) return "";
  if (name !== "proxy_set_header") return name;
  const header = /^\S+\s+["']?([^\s"']+)/.exec(statement)?.[1] ?? "";
  return `${name} ${header.toLowerCase()}`;
}

function leadsElsewhere(lines: string[], addresses: string[]): boolean {
  return statements(lines.join("\n")).some(
    (each) => actions.test(directive(each)) && !addresses.some((own) => isTo(each, own)),
  );
}

/** Whether a statement passes to an address, with a path behind it or without. */
function isTo(statement: string, address: string): boolean {
  const target = /^proxy_pass\s+["']?([^\s;"']+)/.exec(statement)?.[1] ?? "";
  return target === address || target.startsWith(`${address}/`);
}

const indented = (lines: string[]) => lines.map((line) => `    ${line}`);
