import { serverFile } from "../remote/program";
import { render } from "../remote/template";
import { type SiteArgs, siteNames } from "../site";
import { opensFiles } from "./extra";
import { nginxLines } from "./template";

/** The pages that nginx has of its own: of an error's status, or what else a site says of itself. */
export const pageNames = [
  "nothing-pushed",
  "maintenance",
  "413",
  "429",
  "502",
  "503",
  "504",
] as const;

/** The HTML of a page: its content in the frame that all share. */
export function page(name: (typeof pageNames)[number]): string {
  const content = serverFile(`templates/pages/${name}.html`).trimEnd();
  const title = /<h1>(.*)<\/h1>/.exec(content)?.[1];
  return render(serverFile("templates/pages/frame.html"), { title, content });
}

/** nginx's configuration of the pages, which all sites of a server share. */
export function pagesConfiguration(): string {
  const pages = pageNames.map((name) => `${name} '${page(name).trimEnd()}';`);
  return render(serverFile("templates/nginx/pages.conf"), { pages });
}

/** Whom `deploy maintenance on` closes the site for: lines before the server blocks. */
export function maintenanceLines(args: SiteArgs, variable: string): string[] {
  const { maintenance } = args.settings;
  // nginx compares a path without its query.
  const health = args.settings.health.replace(/\?.*/, "");
  return nginxLines("maintenance", {
    www: siteNames(args).www,
    variable,
    allow: maintenance.allow.map((address) => `${address} 1;`),
    // Where the front page is the health path, it is closed as all others.
    health: health === "/" ? undefined : `"~^0 ${exactly(health)}\\z" "";`,
  });
}

/** What closes the site: lines of the server block for visitors, before those of the stack file. */
export function closedLines({ settings }: SiteArgs, variable: string): string[] {
  return nginxLines("closed", {
    variable,
    retryAfter: settings.maintenance.retryAfter,
    // Theirs would be kept open, too, and nginx takes the directive once.
    keepOpen: opensFiles(settings.nginx.extra) ? undefined : nginxLines("keep-open"),
  });
}

/** The pages of errors: lines of the server block for visitors, after those of the stack file, which win. */
export function ownPagesLines(args: SiteArgs): string[] {
  return nginxLines("own-pages", { www: siteNames(args).www });
}

/** A regular expression of nginx for a path, which nginx compares decoded. */
function exactly(path: string): string {
  const decoded = path.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
  return decoded.replace(
    /[^A-Za-z0-9/_-]/g,
    (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
