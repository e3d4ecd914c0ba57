import { Application } from "./application";
import { copyCheckout } from "./checkout";
import type { Host } from "./host";
import { Stack } from "./stack";

/** The host name that the example application's site answers to. */
export const serverName = "www.example.org";

/** The settings of the example application's site in a stack file. */
export const siteSettings = {
  serverNames: [serverName],
  settings: "codebase.settings.test",
  health: "/health",
  keep: false,
};

/** A stack file with one server and the example application on it, with further settings of the site. */
export function oneSite(host: Host, more: Record<string, unknown> = {}) {
  return { servers: { own: host.settings() }, sites: { codebase: { ...siteSettings, ...more } } };
}

/** Set a server up with a stack file of `oneSite`. The clone has not been pushed yet. */
export async function setUpSite(
  host: Host,
  file: unknown,
): Promise<{ stack: Stack; site: Application }> {
  await host.installWithoutSyncs();
  const stack = new Stack(await copyCheckout());
  await stack.create();
  stack.describe(file);
  await stack.up();
  const { codebase } = await stack.output<Record<string, Record<string, string>>>("sites");
  const site = new Application(codebase?.["gitRemote"] ?? "", host);
  await site.make();
  return { stack, site };
}
