import type { StackSettings } from "../stacks/schema";
import { siteNames } from "./site";

/**
 * What `destroy` does with data, by the setting that it belongs to.
 *
 * It is an output of the stack, because the preview of a destroy runs no program and asks no server. `npx pulumi destroy`
 * prints it (cli/before-destroy.js), and the preview shows it with `--diff`.
 */
export function onDestroy({ servers, sites }: StackSettings): Record<string, string> {
  const [first = ""] = Object.keys(servers);
  const said: Record<string, string> = {};
  for (const [name, server] of Object.entries(servers)) {
    if (!("testServer" in server) && server.packages.length > 0) {
      said[`servers.${name}.packages`] =
        `${server.packages.join(", ")}: removed; what they keep below /var/lib, /var/spool or /srv stays`;
    }
  }
  for (const [name, settings] of Object.entries(sites)) {
    const server = servers[settings.server ?? first];
    // Everything in a container goes with it.
    if (server === undefined || "testServer" in server) continue;
    const { www } = siteNames({ site: name, settings });
    const data = `database and uploads (${www}/var), repository (${www}/codebase)`;
    said[`sites.${name}`] =
      (settings.keep ?? true)
        ? `${data}: packed into /var/backups/greenpush of ${settings.server ?? first}, then removed`
        : `${data}: removed, because keep is false`;
  }
  return said;
}
