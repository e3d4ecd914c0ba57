import type { StackFinding } from "./cross";
import type { SiteSettings } from "./schema";

/** Seconds that a worker of ASGI takes to close WebSockets and to end (server/engine/runtime/asgi.py). */
const closing = 5;

/** What of a site's settings does not fit together in how gunicorn serves it. */
export function servingFindings(site: string, settings: SiteSettings): StackFinding[] {
  const { asgi, wsgi, gunicorn, limits } = settings;
  const findings: StackFinding[] = [];
  const find = (setting: string[], message: string) =>
    findings.push({ path: ["sites", site, ...setting], message });
  if (asgi !== undefined && wsgi !== undefined)
    find(["asgi"], "stands beside `wsgi`: leave out the one that gunicorn is not to run");
  const stays = gunicorn.gracefulTimeout ?? 30;
  const least = stays + closing;
  if (asgi !== undefined && limits.stop < least)
    find(
      stays === 30 ? ["limits", "stop"] : ["gunicorn", "gracefulTimeout"],
      `WebSockets may stay open for ${stays} seconds, and limits.stop ends gunicorn after ${limits.stop}: write \`limits: { stop: ${least} }\` or more`,
    );
  return findings;
}
