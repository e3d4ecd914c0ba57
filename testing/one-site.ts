import { Application } from "./application";
import { copyCheckout } from "./checkout";
import type { Host } from "./host";
import { Stack } from "./stack";

/** The host name that the example application's site answers to. */
export const serverName = "www.example.org";

/** What a stack file says of the example application's site. */
export const siteSettings = {
  serverNames: [serverName],
  settings: "codebase.settings.test",
  health: "/health",
  keep: false,
};

/** A stack file with one server and the example application on it, with these settings of it besides. */
export function oneSite(host: Host, more: Record<string, unknown> = {}) {
  return { servers: { own: host.settings() }, sites: { codebase: { ...siteSettings, ...more } } };
}

/** Set a server up as a stack file like `oneSite` says. The clone has not been pushed yet. */
export async function setUpSite(
  host: Host,
  file: unknown,
): Promise<{ stack: Stack; site: Application }> {
  const stack = new Stack(await copyCheckout());
  await stack.create();
  stack.describe(file);
  await stack.up();
  const { codebase } = await stack.output<Record<string, Record<string, string>>>("sites");
  const site = new Application(codebase?.["gitRemote"] ?? "", host);
  await site.make();
  return { stack, site };
}
